"""What can be looked at without asking anybody: the configuration, the key's source and kind, the terminal."""

from __future__ import annotations

import locale
import os
import sys
from collections.abc import Mapping

from meterdeck.cli import connect
from meterdeck.cli.doctor.verdicts import Check, broken, ok, skipped, warn
from meterdeck.credentials import Key, is_bearer, is_of_unknown_form
from meterdeck.domain.errors import MeterdeckError
from meterdeck.domain.secret import Secret
from meterdeck.domain.servers import OFFICIAL_URL

COLUMNS, LINES = 80, 24
"""The smallest terminal that the deck is made for."""


def configuration(place: connect.Place) -> Check:
    """Which file and profile hold; a wrong file never comes so far."""
    held = place.config
    file = str(held.file) if held.file.exists() else f"no file ({held.file})"
    profile = f"profile {held.profile.value}" if held.profile.value else "no profile"
    server = "" if place.base_url == OFFICIAL_URL else f", server {place.base_url}"
    return ok("configuration", f"{file}, {profile}{server}")


def key(place: connect.Place) -> tuple[Key | None, Check]:
    """Read the key where it lies; says its source and kind, and nothing of the key."""
    try:
        found = place.config.key()
    except MeterdeckError as error:
        return None, broken("key", error)
    if found is None:
        return None, broken("key", connect.no_key())
    says = f"{kind(found)}, from {found.source.title}"
    if not found.warning:
        return found, ok("key", says)
    return found, warn("key", says, _ODD[kind(found)])


ADMIN, BEARER = "an Admin key", "an OAuth token"
UNKNOWN = "a token of unknown form"
ENTERPRISE, ORDINARY = "a Claude Enterprise (Analytics) key", "an ordinary API key"
_ODD = {
    UNKNOWN: "It is sent as a bearer token because it does not begin with sk-ant-: an Admin key (sk-ant-admin…) does.",
    ENTERPRISE: "It can't read these reports: they need an Admin key (sk-ant-admin…) of a Console organisation.",
    ORDINARY: "It works only if it is bound to no workspace and its owner may read the reports;"
    " an Admin key (sk-ant-admin…) always does.",
}


def kind(found: Secret) -> str:
    """What a key is, by its prefix (api-facts 1.2)."""
    if is_of_unknown_form(found):
        return UNKNOWN
    if is_bearer(found):
        return BEARER
    if found.reveal().startswith("sk-ant-admin"):
        return ADMIN
    return ENTERPRISE if found.reveal().startswith("sk-ant-api01") else ORDINARY


def terminal() -> Check:
    """Whether the deck can be shown here, and how."""
    size = next((found for stream in (0, 1, 2) if (found := _size(stream))), None)
    if size is None:
        return skipped("terminal", "no terminal is attached here: reports work, the deck would not open")
    return terminal_of(os.environ, size, _encoding())


def terminal_of(environment: Mapping[str, str], size: tuple[int, int], encoding: str) -> Check:
    """Judge a terminal by its environment, its columns and lines, and its encoding."""
    from meterdeck.app.themes import choose, has_few_colours

    term = environment.get("TERM", "")
    theme = choose(None, environment).name
    why = "NO_COLOR is set" if environment.get("NO_COLOR") else "16 colours"
    colours = f"theme {theme} ({why})" if has_few_colours(environment) else f"theme {theme}"
    says = f"TERM={term or '(not set)'}, {size[0]}×{size[1]}, {encoding}, {colours}"
    if term in {"", "dumb"}:
        return warn(
            "terminal", says, "The deck needs a terminal that moves its cursor: set TERM to its name."
        )
    if encoding.lower().replace("-", "") != "utf8":
        return warn("terminal", says, "Choose a UTF-8 locale, such as LANG=C.UTF-8, to see charts and names.")
    if 0 < size[0] < COLUMNS or 0 < size[1] < LINES:  # 0: a terminal that does not know its size
        return warn("terminal", says, f"Make it {COLUMNS}×{LINES} or larger to see all of the deck.")
    return ok("terminal", says)


def _size(stream: int) -> tuple[int, int] | None:
    try:
        size = os.get_terminal_size(stream)
    except OSError:
        return None
    return size.columns, size.lines


def _encoding() -> str:
    return (sys.stdout.encoding if sys.stdout.isatty() else "") or locale.getpreferredencoding(
        do_setlocale=False
    )
