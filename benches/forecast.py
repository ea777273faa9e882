"""How far off projections are, beside the plain mean of the past: what a store of some weeks would have said, and what came.

Every past moment is asked with the hours before it alone. The simulated organisation repeats its rhythm, with noise
and incidents, but it neither grows nor shrinks. So it is asked a second time with a level that wanders: each day by
some percent up or down, and one day in thirty by a fifth.
"""

from __future__ import annotations

import asyncio
import random
import statistics
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benches.filling import fill
from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.budgets import Period
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.scope import Filter
from meterdeck.queries.forecast import Past
from meterdeck.queries.learning import learn
from meterdeck.queries.look import Look
from meterdeck.queries.past_hours import LOOKS_BACK, Filters, PastHours
from meterdeck.queries.rhythm import HOUR, WEEK_HOURS, Hours, learn_rhythm
from meterdeck.service.simulated.options import Options
from meterdeck.store import Store

SEEDS = (4, 5, 6)
"""Others than those on which the width of a range was chosen (1 and 2)."""
WANDERINGS = 4
"""Ways of a wandering level for each seed."""
WHOLE = "organisation"
READ_AT = (datetime(2026, 11, 1, 4, tzinfo=UTC), datetime(2026, 12, 1, 4, tzinfo=UTC))
"""A store reads 31 days back; one that is read twice, a month apart, has two months."""
FIRST_ASKED = datetime(2026, 11, 1, tzinfo=UTC)
LAST_HOUR = datetime(2026, 12, 1, tzinfo=UTC)
ASKED_EVERY = 5 * HOUR
"""A step that meets every hour of the day."""


@dataclass
class Errors:
    """How far off, as parts of what came."""

    ours: list[float] = field(default_factory=list)
    mean: list[float] = field(default_factory=list)
    inside: list[bool] = field(default_factory=list)

    def said(self) -> str:
        """For a row of the table."""
        ours, mean = (statistics.median(errors) * 100 for errors in (self.ours, self.mean))
        worst = statistics.quantiles(self.ours, n=20)[-1] * 100
        inside = 100 * sum(self.inside) / len(self.inside)
        return (
            f"median error {ours:.1f} % (95 %: {worst:.1f} %); mean of the past {mean:.1f} %;"
            f" inside the range {inside:.0f} % of {len(self.ours)}"
        )


def run(folder: Path) -> Iterator[tuple[str, str]]:
    """Ask past moments of several organisations."""
    found: dict[tuple[str, str], Errors] = {}
    for seed in SEEDS:
        for whose, hours in _histories(folder / f"{seed}.db", Options(seed=seed)):
            _ask(hours, whose, found)
            if whose == WHOLE:
                for wandering in range(WANDERINGS):
                    _ask(
                        _wandering(hours, random.Random(f"{seed} {wandering}")),
                        f"{whose} that wanders",
                        found,
                    )
    for (whose, what), errors in found.items():
        yield f"{whose}, {what}", errors.said()


def _wandering(hours: Hours, draw: random.Random) -> Hours:
    """The same hours at a level that goes its own way, in thousandths."""
    level, units = 1000, []
    for at, worth in enumerate(hours.units):
        if at % 24 == 0:
            step = draw.choice((-200, 250)) if draw.random() < 1 / 30 else draw.randint(-30, 32)
            level = level * (1000 + step) // 1000
        units.append(None if worth is None else worth * level // 1000)
    return Hours(hours.start, units)


def _ask(hours: Hours, whose: str, found: dict[tuple[str, str], Errors]) -> None:
    now = FIRST_ASKED
    while now < LAST_HOUR:
        first = max(0, (now - LOOKS_BACK - hours.start) // HOUR)
        at = (now - hours.start) // HOUR
        before = Hours(hours.start + first * HOUR, hours.units[first:at])
        past = Past(before, learn_rhythm(before, UTC))
        for what, end in (
            ("end of day", Period.DAY.window(now).end),
            ("7 days ahead", now + timedelta(days=7)),
            ("end of month", Period.MONTH.window(now).end),
        ):
            if end <= LAST_HOUR:
                _compare(past, hours, Window(now, end), found.setdefault((whose, what), Errors()))
        now += ASKED_EVERY


def _compare(past: Past, hours: Hours, window: Window, errors: Errors) -> None:
    first, end = ((moment - hours.start) // HOUR for moment in (window.start, window.end))
    came = sum(units or 0 for units in hours.units[first:end])
    week = [units or 0 for units in hours.units[first - WEEK_HOURS : first]]
    projected = past.project(window)
    if projected is None or not came:
        return
    errors.ours.append(abs(projected.middle - came) / came)
    errors.mean.append(abs(sum(week) * (end - first) / WEEK_HOURS - came) / came)
    if projected.low is not None and projected.high is not None:
        errors.inside.append(projected.low <= came <= projected.high)


def _histories(path: Path, options: Options) -> Iterator[tuple[str, Hours]]:
    """The dollars of each hour of two months: the whole organisation's, and each workspace's."""
    store = Store(path)
    for moment in READ_AT:
        asyncio.run(fill(store, options, moment))
    kept = PastHours(UTC)
    with store.read() as transaction:
        look = Look(transaction)
        book = learn(look, READ_AT[-1])
        scopes: list[tuple[str, Filters]] = [(WHOLE, ())]
        workspaces = {series.workspace_id for series in look.series.values()}
        scopes += [("each workspace", (Filter(Dimension.WORKSPACE, frozenset({one})),)) for one in workspaces]
        for whose, filters in scopes:
            for day in Window(LAST_HOUR - timedelta(days=61), LAST_HOUR).starts(BucketWidth.DAY):
                kept.outdated(look, filters, day, book)
                kept.read(look, filters, day, READ_AT[-1])
            past = kept.past(filters, READ_AT[-1])
            if past is not None:
                yield whose, past.hours
    store.close()
