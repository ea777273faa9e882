"""The one word of state: how the figures on the screen come to be as old, or as incomplete, as they are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from meterdeck.domain.buckets import BucketWidth
from meterdeck.domain.dimensions import Dimension
from meterdeck.present.columns import Tone
from meterdeck.present.numbers import age
from meterdeck.queries.deck import Deck
from meterdeck.queries.freshness import LIVE_FEED, STALE_AFTER, has_no_network
from meterdeck.queries.status import Status

OFFLINE, PAUSED, LIMITED = "◇", "⏸", "◔"
TOO_MANY = "429"


@dataclass(frozen=True, slots=True)
class Trouble:
    """In a few words, and in a sentence for a person."""

    short: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Collecting:
    """Who reads from the API, this session, another one, or nobody yet; and whether a person looks on."""

    here: bool
    elsewhere_pid: int | None = None
    is_demo: bool = False
    is_offline: bool = False
    """Whether this session was told to ask nobody."""
    trouble: Trouble | None = None
    """What keeps this session from reading; the store can't tell it."""
    paused_at: datetime | None = None
    """Since when this session asks nothing, by the user's wish."""
    is_watched: bool = False
    """Whether the terminal says that it has the keyboard: only then may anything step by seconds."""


@dataclass(frozen=True, slots=True)
class Held:
    """What the store holds of what is on the screen."""

    missing: timedelta = timedelta()
    """How much of the window was not read."""
    is_empty: bool = False
    """Whether all that was read has no usage at all."""

    @classmethod
    def of(cls, deck: Deck) -> Held:
        """What a deck tells of it."""
        hours = deck.rates.hours
        missing = sum((gap.duration for gap in hours.gaps), timedelta())
        return cls(missing, not missing and not deck.choices[Dimension.MODEL])


@dataclass(frozen=True, slots=True)
class State:
    """A sign of its own and some words: never colour alone."""

    words: str
    tone: Tone
    reads_on: bool = True
    """Whether the next read comes as it was planned."""
    short: str = ""
    """The same in fewer words, without a reason or a time that something else tells too."""


def state(status: Status, now: datetime, collecting: Collecting, held: Held) -> State:
    """What keeps figures from coming, else how old they are, else what is missing, else who reads."""
    return (
        _not_asking(collecting)
        or _amiss(status, now, collecting)
        or _wanting(status, now, collecting, held)
        or _whole(collecting)
    )


def is_offline(status: Status) -> bool:
    """Whether there is no network."""
    return has_no_network(status.feeds)


def is_limited(status: Status, now: datetime) -> bool:
    """Whether all that is amiss is that nobody may ask for some time."""
    until = status.budget.waits_until
    return until is not None and until > now and all(f.failure == TOO_MANY for f in status.failing.values())


def old(read_at: datetime, now: datetime, collecting: Collecting) -> str:
    """How old something is: by the second for a person who looks on; else by the minutes of the clock.

    Those step when the clock on the screen does, and make nothing younger than it is.
    """
    if collecting.is_watched:
        return age(now - read_at, seconds=True)
    return age(BucketWidth.MINUTE.floor(now) - BucketWidth.MINUTE.floor(read_at))


def left(until: datetime, now: datetime, collecting: Collecting) -> str:
    """``0:41`` for a person who looks on; else, and from a minute on, ``<1 min`` and ``2 min``."""
    if not collecting.is_watched:
        return age(until - BucketWidth.MINUTE.floor(now))
    seconds = int((until - now).total_seconds())
    if seconds >= 60:
        return age(until - now)
    return f"0:{seconds:02}" if seconds > 0 else "now"


def _not_asking(collecting: Collecting) -> State | None:
    """The state of a session that can't ask, or shall not; None where it asks."""
    if collecting.trouble is not None:
        return State(f"✕ {collecting.trouble.short}", "error", reads_on=False)
    if collecting.is_offline:
        return State(f"{OFFLINE} offline", "warn", reads_on=False)
    if collecting.paused_at is not None:
        return State(
            f"{PAUSED} paused since {collecting.paused_at:%H:%M}Z",
            "warn",
            reads_on=False,
            short=f"{PAUSED} paused",
        )
    return None


def _amiss(status: Status, now: datetime, collecting: Collecting) -> State | None:
    """The state where something keeps answers from coming; None where nothing does."""
    if is_offline(status):
        return State(f"{OFFLINE} offline", "warn", reads_on=False)
    until = status.budget.waits_until
    if until is not None and is_limited(status, now):
        words = f"{LIMITED} rate-limited"
        return State(f"{words}, next {left(until, now, collecting)}", "warn", reads_on=False, short=words)
    failing = sorted(status.failing.items())
    if not failing:
        return None
    name, feed = failing[0]
    words = f"✕ {name} failed"
    reason = f"{feed.failure}{_retry(feed.next_at, now, collecting)}"
    return State(f"{words}: {reason}", "error", reads_on=False, short=words)


def _retry(next_at: datetime | None, now: datetime, collecting: Collecting) -> str:
    """When it is tried again: ``, retry 0:30``."""
    if next_at is None:
        return ", r tries again"
    return f", retry {left(next_at, now, collecting)}" if next_at > now else ", retrying"


def _wanting(status: Status, now: datetime, collecting: Collecting, held: Held) -> State | None:
    """The state where figures come, and are not all there; None where they are."""
    live = status.feeds.get(LIVE_FEED)
    read_at = live.read_at if live else None
    if read_at is None:
        return State("… loading", "muted")
    if now - read_at > STALE_AFTER:
        return State(f"◌ stale {old(read_at, now, collecting)}", "warn")
    if held.missing:
        return State(f"◐ partial: {missing_words(held.missing)} missing", "warn", short="◐ partial")
    return State("○ no usage", "muted") if held.is_empty else None


def _whole(collecting: Collecting) -> State:
    if collecting.elsewhere_pid is not None:
        return State(f"▷ following pid {collecting.elsewhere_pid}", "muted", short="▷ following")
    return State("◆ demo", "accent") if collecting.is_demo else State("● live", "accent")


def missing_words(missing: timedelta) -> str:
    """``3 h``, rounded up; ``7 min`` below one hour."""
    minutes = -(-missing // timedelta(minutes=1))
    return f"{minutes} min" if minutes < 60 else f"{-(-minutes // 60)} h"
