"""Which organisation is meant: by id or name on the command line, and what is said where it can't be told."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from meterdeck.credentials import KEY_VARIABLES
from meterdeck.domain.errors import UsageError

if TYPE_CHECKING:
    from meterdeck.domain.reports import Organization

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
"""An id of `/v1/organizations/me` (api-facts 6.1). One that has no store yet can be given, a name can't."""


def chosen(known: Sequence[Organization], text: str) -> str:
    """The id that ``--org`` means: of a known organisation by id or name, or any id; raises `UsageError`."""
    ids = [each.id for each in known if each.id.lower() == text.lower()]
    ids = ids or [each.id for each in known if each.name.casefold() == text.casefold()]
    if len(ids) == 1:
        return ids[0]
    if ids:
        raise UsageError(f"--org: several organisations are called {text!r}.", next=_listed(known))
    if _ID.fullmatch(text):
        return text
    raise UsageError(
        f"--org: no organisation {text!r} is known here.",
        next=f"{_listed(known)} One that was never read can be given by its id.".lstrip(),
    )


def never_read(known: Sequence[Organization]) -> UsageError:
    """An unknown key offline: whose it is can't be asked, and nobody's figures are shown for it."""
    return UsageError(
        "Nothing was ever read with this key.",
        next=f"Read once without --offline{', or choose by --org.' if known else '.'} {_listed(known)}".rstrip(),
    )


def no_store(known: Sequence[Organization], organization: str) -> UsageError:
    """Nothing was ever read of the organisation that was named."""
    return UsageError(
        f"There is no store of the organisation {organization} to read offline.",
        next=f"Read once without --offline. {_listed(known)}".rstrip(),
    )


def nothing() -> UsageError:
    """Nobody ever read anything."""
    return UsageError("There is no store to read offline.", next=f"Set {KEY_VARIABLES[0]}, or use --demo.")


def choose(known: Sequence[Organization]) -> UsageError:
    """Without a key or a name it can't be told whose figures to show."""
    return UsageError(
        "There are stores of several organisations, and without a key it can't be told whose to show.",
        next=f"Choose one with --org. {_listed(known)}".rstrip(),
    )


def _listed(known: Sequence[Organization]) -> str:
    """Names and ids for a sentence; empty where none is known."""
    words = [f"{each.name} ({each.id})" if each.name else each.id for each in known]
    return f"Known: {', '.join(sorted(words))}." if words else ""
