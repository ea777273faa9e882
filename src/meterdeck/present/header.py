"""The header as text, and the line that says what is amiss."""

from __future__ import annotations

from datetime import datetime

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.dimensions import Dimension
from meterdeck.present import clocks
from meterdeck.present.members import counted, labels
from meterdeck.present.names import clean
from meterdeck.present.parts import Part
from meterdeck.present.state import (
    LIMITED,
    OFFLINE,
    PAUSED,
    TOO_MANY,
    Collecting,
    Held,
    is_limited,
    is_offline,
    left,
    old,
    state,
)
from meterdeck.present.times import clock, day, scope_time, span_of_clock
from meterdeck.queries.deck import Deck
from meterdeck.queries.freshness import LIVE_FEED, NEVER
from meterdeck.queries.status import Status
from meterdeck.store.directory import UNREADABLE

AGE = "data "
"""What stands before the age of the data."""

_MOST_NAMED = 2
NARROWED = 6
"""What a part counts at least that tells of a narrowed scope, of the clock or of the data's age."""


def header(deck: Deck, now: datetime, collecting: Collecting) -> tuple[list[Part], list[Part]]:
    """Left: whose data, and the scope. Right: the clock, the data's age, the state of the refresh."""
    organization = clean(deck.status.organization or "") or "…"
    scope = [Part(organization, "accent", 7, shrink_to=8)]
    scope += [_always_told(deck, dimension) for dimension in (Dimension.WORKSPACE, Dimension.MODEL)]
    others = [f for f in deck.scope.filters if f.dimension not in {Dimension.WORKSPACE, Dimension.MODEL}]
    scope += [_filter(_other_filter(deck, f.dimension, f.members)) for f in others]
    scope.append(_time(deck, now))
    return scope, _times(deck, now, collecting)


def _always_told(deck: Deck, dimension: Dimension) -> Part:
    """A dimension that has its words even where nothing is filtered, for then nothing is missed without them."""
    words = _filter_words(deck, dimension)
    if deck.scope.members(dimension) is None:
        return Part(f"▸ {words}", "", 2, shrink_to=14)
    return _filter(words)


def _filter(words: str) -> Part:
    """What narrows the scope: without it the figures would carry the name of something larger."""
    return Part(f"▸ {words}", "", 8, shrink_to=14, shrink_at_last=8, counted="▸ +{}")


def _time(deck: Deck, now: datetime) -> Part:
    """Which time is on show; the usual one is missed least, and of one that is past the clock says most."""
    zone, at = deck.question.zone, deck.scope.at
    words = f"▸ {scope_time(deck.scope, now, zone)}"
    if isinstance(at, Window) and at.duration < BucketWidth.DAY.delta:
        return Part(words, "accent", 6, short=f"▸ {span_of_clock(at, zone)}", short_at=3)
    return Part(words, "accent" if at else "", 1 if deck.scope.is_of_usual_time else 6)


def _times(deck: Deck, now: datetime, collecting: Collecting) -> list[Part]:
    """The truth about time. Where nobody is known to look, all of it steps with the clock, once a minute."""
    zone = deck.question.zone
    live = deck.status.feeds.get(LIVE_FEED)
    found = state(deck.status, now, collecting, Held.of(deck))
    right = [Part(day(now, zone), "muted", 1), Part(clock(now, zone), "", 6)]
    if live is not None and live.read_at is not None:
        # How old figures are matters most where no newer ones come.
        right.append(Part(f"{AGE}{old(live.read_at, now, collecting)}", "muted", 7 if found.reads_on else 9))
    if live is not None and live.next_at is not None and found.reads_on:
        right.append(Part(f"next {left(live.next_at, now, collecting)}", "muted", 3))
    if not collecting.is_demo:
        right.append(Part(f"{deck.status.budget.used}/{deck.status.budget.hourly} calls", "muted", 2))
    right.append(Part(found.words, found.tone, 10, short=found.short, short_at=6))
    return right


def notice(status: Status, collecting: Collecting, now: datetime) -> str | None:
    """What a person should know, and do about it: the newest failure, a wrong clock, a budget that others spend.

    Last what was odd about answers that were read all the same.
    """
    if collecting.trouble is not None:
        return f"✕ {clean(collecting.trouble.sentence)}"
    if collecting.paused_at is not None:
        return _paused(collecting)
    return _failure(status) or _of_clock_and_budget(status, collecting, now) or _remarks(status)


def names_notice(status: Status) -> str | None:
    """What of the directory can't be read, while that is so."""
    state = status.feeds.get(UNREADABLE)
    return f"! {clean(state.sentence)}" if state is not None and state.sentence else None


def _failure(status: Status) -> str | None:
    failing = sorted(status.failing.values(), key=lambda feed: feed.failed_at or NEVER)
    if not failing or failing[-1].sentence is None:
        return None
    sign = OFFLINE if is_offline(status) else LIMITED if failing[-1].failure == TOO_MANY else "✕"
    return f"{sign} {clean(failing[-1].sentence)}"


def _of_clock_and_budget(status: Status, collecting: Collecting, now: datetime) -> str | None:
    if status.budget.waits_until is not None:
        return (
            f"{LIMITED} No request is left before {status.budget.waits_until:%H:%M}Z: the last {status.budget.hourly}"
            " of this hour were used. What was read stays, and gets older."
        )
    whose_clock = clocks.said(status, now, is_offline=collecting.is_offline)
    if whose_clock is not None:
        return f"! {whose_clock}"
    if status.budget.foreign:
        return (
            f"! Another tool has sent {status.budget.foreign} requests in the last hour out of the same budget;"
            " meterdeck asks less often."
        )
    return None


def _remarks(status: Status) -> str | None:
    """What was odd about answers that were read all the same."""
    return f"! {clean(' '.join(status.remarks))}" if status.remarks else None


def _filter_words(deck: Deck, dimension: Dimension) -> str:
    members = deck.scope.members(dimension)
    if members is None:
        return f"all {dimension.title}s"
    names = labels(dimension, deck.choices[dimension])
    chosen = [name for member, name in names.items() if member.id in members]
    if 0 < len(chosen) <= _MOST_NAMED:
        return ", ".join(chosen)
    return counted(len(members), dimension)


def _other_filter(deck: Deck, dimension: Dimension, members: frozenset[str | None]) -> str:
    if len(members) > 1:
        return counted(len(members), dimension)
    member_id = next(iter(members))
    named = deck.filter_names.get((dimension, member_id))
    if named is None:
        return clean(member_id or dimension.title)
    return labels(dimension, [named], deck.choices.get(dimension, ()))[named]


def reading_notice(status: Status, now: datetime, collecting: Collecting) -> str:
    """What to say when a person asks for the newest figures."""
    if collecting.paused_at is not None and collecting.elsewhere_pid is None:
        return f"{PAUSED} Nothing is asked while this session is paused; p goes on."
    until = status.budget.waits_until
    if until is not None and is_limited(status, now):
        return f"{LIMITED} No request may be sent before {until:%H:%M}Z; the newest figures are read then."
    return "… reading the newest figures"


def _paused(collecting: Collecting) -> str:
    others = (
        "nobody else collects, so no figure gets newer"
        if collecting.elsewhere_pid is None
        else f"the session with pid {collecting.elsewhere_pid} collects, and what it reads appears here"
    )
    return f"{PAUSED} Paused since {collecting.paused_at:%H:%M}Z until p is pressed. This session asks nothing; {others}."


def read_at(status: Status) -> datetime | None:
    """When the newest figures were read."""
    state = status.feeds.get(LIVE_FEED)
    return state.read_at if state else None
