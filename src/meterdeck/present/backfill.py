"""The backfill as one line: a bar, how much is left, when it will be done."""

from __future__ import annotations

from datetime import datetime, timedelta

from meterdeck.queries.backfill import Backfill
from meterdeck.queries.deck import Deck

_CELLS = 10
_FULL, _EMPTY = "▇", "▁"


def history_line(deck: Deck) -> str | None:
    """The backfill of a deck while it goes on."""
    return backfill_line(deck.backfill, deck.now) if deck.backfill else None


def backfill_line(backfill: Backfill, now: datetime) -> str:
    """``history ▇▇▇▇▇▇▁▁▁▁ 62 %  11 days left, done ~16:40Z``; a bar is full only when nothing is left."""
    of = backfill.hours + backfill.bills
    return f"history {bar(of - backfill.unread - backfill.unbilled, of)}  {left(backfill, now)}"


def bar(done: int, of: int) -> str:
    """``▇▇▇▇▇▇▁▁▁▁ 62 %``, rounded down."""
    full = _CELLS * done // of
    return f"{_FULL * full}{_EMPTY * (_CELLS - full)} {100 * done // of} %"


def left(backfill: Backfill, now: datetime) -> str:
    """``11 days left, done ~16:40Z``; where only the bill is, ``bill of 11 days left, …``."""
    what = duration(backfill.unread) if backfill.unread else f"bill of {duration(24 * backfill.unbilled)}"
    return f"{what} left, {done(backfill.done_at, now)}"


def duration(hours: int) -> str:
    """``11 days``, rounded up; ``1 hour`` and so on below two days."""
    if hours >= 48:
        return f"{-(-hours // 24)} days"
    return f"{hours} hour{'s' * (hours != 1)}"


def done(at: datetime, now: datetime) -> str:
    """``done ~16:40Z``, with the day where it is not today; nearer than a minute ``done in a minute``."""
    if at - now < timedelta(minutes=1):
        return "done in a minute"
    at += timedelta(seconds=59)  # rather late than early
    return f"done ~{at:%H:%M}Z" if at.date() == now.date() else f"done ~{at:%a} {at.day} {at:%b} {at:%H:%M}Z"
