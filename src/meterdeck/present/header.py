"""The header as text, and the line that says what is amiss."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.errors import NO_CONNECTION
from meterdeck.present.columns import Tone
from meterdeck.present.members import labels
from meterdeck.present.names import clean
from meterdeck.present.numbers import age
from meterdeck.present.parts import Part
from meterdeck.present.times import clock, day, scope_time
from meterdeck.queries.deck import Deck
from meterdeck.queries.status import Status

STALE_AFTER = timedelta(minutes=5)
LIVE_FEED = "live"
OFFLINE = "◇"
_MOST_NAMED = 2
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Collecting:
    """Who reads from the API: this session, another one, or nobody yet."""

    here: bool
    elsewhere_pid: int | None = None
    is_demo: bool = False
    is_offline: bool = False
    """Whether this session was told to ask nobody."""
    trouble: Trouble | None = None
    """What keeps this session from reading; the store can't tell it."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """In a few words, and in a sentence for a person."""

    short: str
    sentence: str


def header(deck: Deck, now: datetime, collecting: Collecting) -> tuple[list[Part], list[Part]]:
    """Left: whose data, and the scope. Right: the clock, the data's age, the state of the refresh."""
    organization = clean(deck.status.organization or "") or "…"
    left = [Part(organization, "accent", 8, shrink_to=8)]
    left += [
        Part(f"▸ {_filter_words(deck, d)}", "", 5, shrink_to=14)
        for d in (Dimension.WORKSPACE, Dimension.MODEL)
    ]
    others = [f for f in deck.scope.filters if f.dimension not in {Dimension.WORKSPACE, Dimension.MODEL}]
    left += [Part(f"▸ {_other_filter(deck, f.dimension, f.members)}", "", 4, shrink_to=14) for f in others]
    zone = deck.question.zone
    left.append(Part(f"▸ {scope_time(deck.scope, now, zone)}", "accent" if deck.scope.at else "", 5))
    newest = read_at(deck.status)
    right = [Part(day(now, zone), "muted", 1), Part(clock(now, zone), "", 6)]
    if newest is not None:
        right.append(Part(f"data {age(now - newest)}", "muted", 7))
    if collecting.here and not collecting.is_demo:
        right.append(Part(f"{deck.status.budget.used}/{deck.status.budget.hourly} calls", "muted", 2))
    right.append(Part(*_state(deck.status, now, collecting), 9))
    return left, right


def notice(status: Status, collecting: Collecting) -> str | None:
    """What a person should know, and do about it: the newest failure, a wrong clock, a budget that others spend."""
    if collecting.trouble is not None:
        return f"✕ {clean(collecting.trouble.sentence)}"
    failing = sorted(status.failing.values(), key=lambda state: state.failed_at or _NEVER)
    if failing and failing[-1].sentence is not None:
        return f"{OFFLINE if is_offline(status) else '✕'} {clean(failing[-1].sentence)}"
    skew = status.budget.skew_s
    if skew:
        way = "behind" if skew > 0 else "ahead of"
        return (
            f"! This machine's clock is {age(timedelta(seconds=abs(skew)))} {way} the API's: the newest hours are"
            " missing or wrong. Set the clock."
        )
    if status.budget.foreign:
        return (
            f"! Another tool has sent {status.budget.foreign} requests in the last hour out of the same budget;"
            " meterdeck asks less often."
        )
    return None


def _filter_words(deck: Deck, dimension: Dimension) -> str:
    members = deck.scope.members(dimension)
    if members is None:
        return f"all {dimension.title}s"
    names = labels(dimension, deck.choices[dimension])
    chosen = [name for member, name in names.items() if member.id in members]
    if 0 < len(chosen) <= _MOST_NAMED:
        return ", ".join(chosen)
    return f"{len(members)} {dimension.title}s"


def _other_filter(deck: Deck, dimension: Dimension, members: frozenset[str | None]) -> str:
    if len(members) > 1:
        return f"{len(members)} {dimension.title}s"
    member_id = next(iter(members))
    named = deck.filter_names.get((dimension, member_id))
    return clean(named.name if named else member_id or dimension.title)


def is_offline(status: Status) -> bool:
    """Whether there is no network: no failing feed got an answer, and none was read since the last that got none."""
    failing = status.failing.values()
    if not failing or any(state.failure != NO_CONNECTION for state in failing):
        return False
    last = max(state.failed_at or _NEVER for state in failing)
    return all(state.read_at is None or state.read_at <= last for state in status.feeds.values())


def _retry(next_at: datetime | None, now: datetime) -> str:
    """When it is tried again: ``, retry 0:30``."""
    if next_at is None:
        return ", r tries again"
    seconds = int((next_at - now).total_seconds())
    return f", retry {seconds // 60}:{seconds % 60:02}" if seconds > 0 else ", retrying"


def read_at(status: Status) -> datetime | None:
    """When the newest figures were read."""
    state = status.feeds.get(LIVE_FEED)
    return state.read_at if state else None


def _state(status: Status, now: datetime, collecting: Collecting) -> tuple[str, Tone]:
    """One word of state, with a sign of its own: never colour alone."""
    amiss = _amiss(status, now, collecting)
    if amiss is not None:
        return amiss
    newest = read_at(status)
    if newest is None:
        return "… loading", "muted"
    if now - newest > STALE_AFTER:
        return f"◌ stale {age(now - newest)}", "warn"
    if collecting.elsewhere_pid is not None:
        return f"▷ following pid {collecting.elsewhere_pid}", "muted"
    return ("◆ demo", "accent") if collecting.is_demo else ("● live", "accent")


def _amiss(status: Status, now: datetime, collecting: Collecting) -> tuple[str, Tone] | None:
    """The state where something keeps figures from coming; None where nothing does."""
    if collecting.trouble is not None:
        return f"✕ {collecting.trouble.short}", "error"
    if collecting.is_offline or is_offline(status):
        return f"{OFFLINE} offline", "warn"
    failing = sorted(status.failing.items())
    if not failing:
        return None
    name, state = failing[0]
    return f"✕ {name} failed: {state.failure}{_retry(state.next_at, now)}", "error"
