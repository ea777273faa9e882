"""Names for members: ids are identity, names are labels, and null has a meaning under each dimension."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from meterdeck.domain.dimensions import BESIDE_MEMBERS, Dimension, Kind, kind_of
from meterdeck.domain.errors import UsageError
from meterdeck.domain.tokens import TokenType
from meterdeck.queries.calling import NULL, Called
from meterdeck.store.directory import Directory

DEFAULT_NAME = "Default"
CONSOLE_NAME = "Console"
NOT_TOKENS_NAME = "Not tokens"
NOT_STATED_NAME = "not stated"


class UnknownName(UsageError):
    """Nobody is called so by the names that were read; one that is younger than they are can't be told from a mistake."""


MemberKey = str | None | tuple[Kind]
"""What tells a row from all others of its dimension: the id of a member, or the kind of money that has no usage."""


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a dimension: ``id`` is None for the default workspace, Console use and what is no token cost."""

    id: str | None
    name: str
    kind: Kind
    hint: str | None = None
    """What tells it from others of its name: the end of an API key's hint, or of the id."""
    shared: bool = False
    """Whether others of the directory have its name, or it could be taken for a row of ours: its hint is shown then."""

    @property
    def is_beside(self) -> bool:
        """Whether it is no member that has usage, but money beside those that have."""
        return self.kind in BESIDE_MEMBERS

    @property
    def key(self) -> MemberKey:
        """What its row is known by, whatever it is called: no id could be taken for that of money beside the members."""
        return (self.kind,) if self.is_beside else self.id


NOT_ALLOCATED = Member(None, "not allocated", Kind.NOT_ALLOCATED)
"""Whose money is that nothing can share out."""


class Names:
    """Labels from the directory, and members from what a user typed."""

    def __init__(self, directory: Directory) -> None:
        self._default_workspace_id = directory.default_workspace_id
        self._hints = {key.id: (key.hint or key.id)[-_HINT_SHOWN:] for key in directory.api_keys}
        self._called = {
            Dimension.WORKSPACE: Called({w.id: w.name for w in directory.workspaces}, DEFAULT_WORD),
            Dimension.API_KEY: Called(
                {key.id: key.name for key in directory.api_keys},
                CONSOLE_WORD,
                {key.id: key.hint for key in directory.api_keys},
            ),
        }
        self._labels: dict[Dimension, Mapping[str, str]] = {
            Dimension.WORKSPACE: {w.id: w.name for w in directory.workspaces},
            Dimension.API_KEY: {key.id: key.name for key in directory.api_keys},
            Dimension.TOKEN_TYPE: {token_type.value: token_type.words for token_type in TokenType},
            Dimension.COST_TYPE: _COST_TYPES,
            Dimension.INFERENCE_GEO: _GEOS,
        }

    def member(self, dimension: Dimension, member_id: str | None, *, in_bill: bool = False) -> Member:
        """The member of an id; one that the directory does not know, or has no name for, is its own name."""
        kind = kind_of(dimension, member_id, in_bill=in_bill)
        called = self._called.get(dimension)
        end = called.ends.get(member_id) if called else None
        if member_id is None:
            return Member(None, _null_name(dimension, kind), kind, end, shared=end is not None)
        name = self._labels.get(dimension, {}).get(member_id) or member_id
        return Member(member_id, name, kind, end or self._hints.get(member_id), shared=end is not None)

    def find(self, dimension: Dimension, typed: str) -> str | None:
        """The id for what a user typed: an id, a name, or a word for the one without an id.

        ``null`` always means that one, and so does ``default`` (``console``) unless somebody is called so. Raises
        `UnknownName` for a name that nobody has, and `UsageError` for one that several share.
        """
        called = self._called.get(dimension)
        if called is None:
            return typed
        if dimension is Dimension.WORKSPACE and typed == self._default_workspace_id:
            return None
        found = called.meant_by(typed)
        if len(found) == 1:
            return found[0]
        if found:
            raise _ambiguous(dimension, typed, found)
        if typed.startswith(_ID_PREFIXES[dimension]):
            return typed  # an id that the directory has not told us of yet
        known = called.labels
        raise UnknownName(
            f"There is no {dimension.title} named {typed!r}.",
            next=f"Known: {', '.join(known)}."
            if known
            else "The directory has not been read yet; give the id.",
        )


def _ambiguous(dimension: Dimension, typed: str, found: Collection[str | None]) -> UsageError:
    ids = ", ".join(sorted(of for of in found if of is not None))
    if None in found:
        without = _WITHOUT_ID[dimension]
        return UsageError(
            f"{typed!r} is {without}, and a name of {ids}.",
            next=f"Write {NULL} for {without}, or give the id.",
        )
    return UsageError(f"Several {dimension.title}s are named {typed!r}: {ids}.", next="Give the id instead.")


DEFAULT_WORD, CONSOLE_WORD = DEFAULT_NAME.casefold(), CONSOLE_NAME.casefold()
_WITHOUT_ID = {Dimension.WORKSPACE: "the default workspace", Dimension.API_KEY: "use of the Console"}
_NULL_NAMES = {Kind.DEFAULT: DEFAULT_NAME, Kind.CONSOLE: CONSOLE_NAME, Kind.NOT_TOKEN: NOT_TOKENS_NAME}
_NAMES_OF_NONE = {Dimension.ACCOUNT: "no account (API keys)", Dimension.SERVICE_ACCOUNT: "no service account"}
_GEOS = {"not_available": "no choice (older model)"}
"""Models from before 2026-02 can't choose where they run (api-facts 2.5)."""
_COST_TYPES = {"web_search": "web search", "code_execution": "code execution", "session_usage": "sessions"}
"""What a session is, the API's reference does not say (api-facts 3.2)."""
_ID_PREFIXES = {Dimension.WORKSPACE: "wrkspc_", Dimension.API_KEY: "apikey_"}
_HINT_SHOWN = 4


def _null_name(dimension: Dimension, kind: Kind) -> str:
    if kind is Kind.NONE:
        return _NAMES_OF_NONE.get(dimension, NOT_STATED_NAME)
    return _NULL_NAMES.get(kind, NOT_STATED_NAME)
