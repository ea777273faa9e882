"""What can be set: each name, what it may hold, and the words for what it may not."""

from __future__ import annotations

import difflib
import re
import shlex
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from meterdeck.credentials import EnvironmentKey, KeyCommand, KeyFile, KeyringEntry, looks_like_a_key
from meterdeck.domain.errors import MeterdeckError, UsageError
from meterdeck.domain.servers import OFFICIAL_URL, check_base_url

FEWEST_REQUESTS, MOST_REQUESTS = 1, 1000
CHARTS = ("blocks", "braille")
"""What charts and lines can be drawn with where a terminal shows more than ASCII."""

_KEY_WORDS = {"key", "api_key", "apikey", "admin_key", "admin_api_key", "token", "secret", "x_api_key"}
_KEY_BELONGS = (
    "A key never stands in this file: name its place with key_env, key_file, key_command or keyring."
)
_PROFILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

Check = Callable[[Any, Path], object]
"""Takes a value and the file's folder, returns what is meant, raises `ValueError` with a reason."""


def text(value: object) -> str:
    """Text of one line, and no key: refused before any other check could repeat it."""
    if type(value) is not str:
        raise ValueError(f"must be text in quotes, not {kind(value)}")
    if looks_like_a_key(value):
        raise ValueError("holds what looks like a key itself")
    if not value.strip() or not value.isprintable():
        raise ValueError("must be text of one line, and not empty")
    return value


def base_url(value: object, folder: Path) -> str:  # noqa: ARG001 - every check takes the folder
    """The address of a server, without a trailing slash."""
    url = text(value)
    if url == OFFICIAL_URL:
        return url
    try:
        return check_base_url(url)
    except MeterdeckError as error:
        raise ValueError(f"can't be used: {error}") from None


def requests_per_hour(value: object, folder: Path) -> int:  # noqa: ARG001
    """The budget of requests, for all sessions together."""
    if type(value) is not int:
        raise ValueError(f"must be a whole number, not {kind(value)}")
    if not FEWEST_REQUESTS <= value <= MOST_REQUESTS:
        raise ValueError(f"must lie between {FEWEST_REQUESTS} and {MOST_REQUESTS}")
    return value


def organization(value: object, folder: Path) -> str:  # noqa: ARG001
    """An organisation's id, as `/v1/organizations/me` gives it."""
    if not _ID.fullmatch(text(value)):
        raise ValueError("must be an organisation's id: letters, digits, - and _")
    return text(value)


def timezone(value: object, folder: Path) -> tzinfo:  # noqa: ARG001
    """An IANA time zone, from this machine's database of zones (or the package `tzdata`); UTC needs neither."""
    name = text(value)
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown; no name of a zone; a folder of zones, such as Europe
        pass
    known = available_timezones()
    if not known:
        raise ValueError(
            "can't be found: this machine has no time zones. Install its package tzdata, or leave it at UTC"
        )
    raise ValueError(f'must be an IANA time zone, such as "Europe/Berlin"{near(name, known)}')


def profile(value: object, folder: Path) -> str:  # noqa: ARG001
    """A profile's name."""
    if type(value) is dict:
        raise ValueError("must be text in quotes, not a table; profiles are tables such as [profiles.acme]")
    if not _PROFILE_NAME.fullmatch(text(value)):
        raise ValueError("may hold only letters, digits, . - and _, and begins with a letter or digit")
    return text(value)


def theme(value: object, folder: Path) -> str:  # noqa: ARG001
    """The name of a theme; whether there is one of it is found out when the deck opens."""
    if not _PROFILE_NAME.fullmatch(text(value)):
        raise ValueError("must be the name of a theme, as meterdeck themes lists them")
    return text(value)


def chart(value: object, folder: Path) -> str:  # noqa: ARG001
    """What charts and lines are drawn with."""
    if text(value) not in CHARTS:
        raise ValueError(f"must be {' or '.join(CHARTS)}")
    return text(value)


def key_env(value: object, folder: Path) -> EnvironmentKey:  # noqa: ARG001
    """The name of an environment variable."""
    if not _VARIABLE.fullmatch(text(value)):
        raise ValueError("must be the name of an environment variable, without $")
    return EnvironmentKey((text(value),), required=True)


def ca_bundle(value: object, folder: Path) -> Path:
    """A path of certificate authorities to believe; that it can be read is found out when it is needed."""
    return _path(value, folder)


def export_folder(value: object, folder: Path) -> Path:
    """A folder to write exports to; whether that can be done is found out then."""
    return _path(value, folder)


def key_file(value: object, folder: Path) -> KeyFile:
    """A path; a relative one begins at the configuration's folder."""
    return KeyFile(_path(value, folder))


def _path(value: object, folder: Path) -> Path:
    try:
        return folder / Path(text(value)).expanduser()
    except RuntimeError:  # ~somebody who does not exist
        raise ValueError("names the home of a user who does not exist") from None


def key_command(value: object, folder: Path) -> KeyCommand:  # noqa: ARG001
    """A program and its arguments: a list of words, or a line split as a shell would split it."""
    if type(value) is list:
        words = [text(word) for word in value]
    else:
        try:
            words = shlex.split(text(value))
        except ValueError as error:
            if str(error).startswith(
                "No "
            ):  # shlex: a quotation that is not closed, nothing after a backslash
                raise ValueError("has a quotation that does not end") from None
            raise
    if not words or not words[0]:
        raise ValueError("names no program")
    return KeyCommand(
        (str(Path(words[0]).expanduser()) if words[0].startswith("~") else words[0], *words[1:])
    )


def keyring(value: object, folder: Path) -> KeyringEntry:  # noqa: ARG001
    """A service and a user name, with a slash between them."""
    service, _, username = text(value).rpartition("/")
    if not service or not username:
        raise ValueError('must be "service/username"')
    return KeyringEntry(service, username)


KEY_SOURCES: Mapping[str, Check] = {
    "key_env": key_env,
    "key_file": key_file,
    "key_command": key_command,
    "keyring": keyring,
}
OF_PROFILE: Mapping[str, Check] = {
    "base_url": base_url,
    "ca_bundle": ca_bundle,
    "organization": organization,
    "requests_per_hour": requests_per_hour,
    "timezone": timezone,
    "export_folder": export_folder,
    **KEY_SOURCES,
}
OF_SCREEN: Mapping[str, Check] = {"theme": theme, "chart": chart}
OF_TOP: Mapping[str, Check] = {"profile": profile, **OF_PROFILE}


def unknown(place: str, name: str, known: Iterable[str]) -> UsageError:
    """There is no such setting; a near one is named, and a key that stands there is not repeated."""
    known = list(known)
    if looks_like_a_key(name) or name.lower().replace("-", "_") in _KEY_WORDS:
        return UsageError(f"{place}: a key has no place here.", next=_KEY_BELONGS)
    return UsageError(
        f"{place}: there is no setting {shown(name)}{near(name, known)}.", next=f"Known: {', '.join(known)}."
    )


def near(name: str, known: Iterable[str]) -> str:
    """`; did you mean …?` where a name is nearly another."""
    alike = {one.lower().replace("-", "_"): one for one in known}
    found = difflib.get_close_matches(name.lower().replace("-", "_"), list(alike), n=1)
    return f" (did you mean {alike[found[0]]}?)" if found else ""


def shown(name: str) -> str:
    """A name from outside, quoted, and short enough for a line."""
    return "…" if looks_like_a_key(name) else ascii(name if len(name) <= 64 else name[:63] + "…")


def kind(value: object) -> str:
    """What a value is, without repeating it."""
    kinds: dict[type, str] = {
        str: "text", bool: "true or false", int: "a number", float: "a number with a point",
        list: "a list", dict: "a table",
    }  # fmt: skip
    return kinds.get(type(value), "a date or time")
