"""What a word of the command line stands for: seconds, times, counts. Each refuses with a usage line."""

from __future__ import annotations

import re
from argparse import ArgumentTypeError
from datetime import UTC, datetime

from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.history import LONGEST_HISTORY_DAYS


def seconds(text: str) -> float:
    """How long to wait at most."""
    return _seconds_between(text, 0, 3600)


def poll_seconds(text: str) -> float:
    """Between a second and what is not yet called stale."""
    return _seconds_between(text, 1, 240)


def _seconds_between(text: str, least: int, most: int) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1
    if not least <= value <= most:
        raise ArgumentTypeError(f"{text!r} is no number of seconds between {least} and {most}")
    return value


_MOMENT = re.compile(r"\d{4}-\d\d-\d\d([Tt ]\d\d:\d\d:\d\d(\.\d{1,6})?([Zz]|[+-]\d\d:\d\d))?", re.ASCII)


def moment(text: str) -> datetime:
    """An RFC 3339 time, in UTC; a date alone is its midnight in UTC."""
    moment = _parsed_moment(text) if _MOMENT.fullmatch(text) else None
    if moment is None:
        raise ArgumentTypeError(
            f"{text!r} is no time; write 2026-11-17 or 2026-11-17T14:00:00Z (RFC 3339, with its zone)"
        )
    return moment


_HOUR = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d)(:00(:00)?)?[Zz]?", re.ASCII)


def hour(text: str) -> datetime:
    """The start of an hour in UTC."""
    found = _HOUR.fullmatch(text)
    hour = _parsed_moment(f"{found[1]}T{found[2]}:00:00Z") if found else None
    if hour is None:
        raise ArgumentTypeError(
            f"{text!r} is no start of an hour; write 2026-11-17T14:00Z (UTC, a whole hour)"
        )
    return hour


def day(text: str) -> datetime:
    """The midnight in UTC that a date stands for."""
    moment = _parsed_moment(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII) else None
    if moment is None:
        raise ArgumentTypeError(f"{text!r} is no day; write 2026-11-17")
    return moment


def _parsed_moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text.upper())
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):  # a 31st of April, a time before the calendar
        return None


def dimension(text: str) -> str:
    """The word of a dimension, whichever of its names was typed; what is none stays, for the list that refuses it."""
    found = Dimension.called(text)
    return text if found is None else found.word


def days(text: str) -> int:
    """How many UTC days back."""
    if not text.isdecimal() or not 1 <= int(text) <= LONGEST_HISTORY_DAYS:
        raise ArgumentTypeError(f"{text!r} is no number of days from 1 to {LONGEST_HISTORY_DAYS}")
    return int(text)


def count(text: str) -> int:
    """The size of a sample."""
    if not text.isdecimal() or not 1 <= int(text) <= 100:
        raise ArgumentTypeError(f"{text!r} is no number from 1 to 100")
    return int(text)


def port(text: str) -> int:
    """A TCP port; 0 takes a free one."""
    if not text.isdigit() or int(text) > 65535:
        raise ArgumentTypeError(f"{text!r} is no port between 0 and 65535")
    return int(text)
