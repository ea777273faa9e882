"""What a terminal can show: the deck at all, and more than ASCII."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from meterdeck.domain.errors import UsageError

_SET_BY_PYTHON = {"C.UTF-8", "C.utf8"}
"""What Python writes into LC_CTYPE where the locale says C or nothing (PEP 538): the user said no such thing."""

_STDIN, _STDOUT = 0, 1


def check() -> None:
    """The deck reads standard input and is drawn on standard output; where standard error leads is the user's affair.

    Only closed it must not be: the next file that is opened would take its place, and get what libraries say.
    """
    instead = (
        "To print the same figures, use: meterdeck report rates|costs|breakdown (see meterdeck report --help);"
        " with --watch they are printed again as they change."
    )
    if not (os.isatty(_STDIN) and os.isatty(_STDOUT)):  # `sys` has no streams for those that are closed
        raise UsageError("The deck needs a terminal, and this is none.", next=instead)
    if sys.stderr is None:
        raise UsageError("Standard error is closed.", next="Send it somewhere else instead: 2>/dev/null")
    if os.environ.get("TERM", "") in {"", "dumb"}:
        raise UsageError("This terminal (TERM=dumb) can't show the deck.", next=instead)


def speaks_utf8(environment: Mapping[str, str], encoding: str) -> bool:
    """Whether the locale says that the terminal shows UTF-8, and Python writes it (`encoding`).

    The locale is the user's word about the terminal. Python's own word is none: it turns UTF-8 on for LANG=C too.
    """
    if not _is_utf8(encoding):
        return False
    ctype = environment.get("LC_CTYPE", "")
    language = environment.get("LANG", "")
    if ctype in _SET_BY_PYTHON and language in {"", "C", "POSIX"}:
        ctype = ""
    return _is_utf8(environment.get("LC_ALL") or ctype or language)


def _is_utf8(said: str) -> bool:
    return "utf8" in said.lower().replace("-", "")
