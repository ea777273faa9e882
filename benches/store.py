"""The store at the size of a large organisation: load rate, size, first open, and each pane's query over random scopes."""

from __future__ import annotations

import gc
import random
import statistics
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from time import perf_counter
from unittest.mock import patch

from benches.organisation import CONTEXTS, MODELS, TIERS, LargeOrganisation
from meterdeck.api.wire import parse_usage_page
from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.dimensions import SERIES_DIMENSIONS, Dimension
from meterdeck.domain.reports import Organization
from meterdeck.domain.scope import Filter, Scope, Span
from meterdeck.queries import deck
from meterdeck.queries.deck import DeckReader
from meterdeck.queries.question import Question
from meterdeck.store import Store, allocation, costs, directory, usage
from meterdeck.store.topics import Topic

NOW = datetime(2026, 11, 25, 14, 37, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HOURS = 31 * 24
SEED = 1
SCOPES = 500
WARMING = 30
"""Looks before the first that counts: every window's sums are kept then, as in a session that goes on."""
PANES = {
    "rates_pane": "Rates",
    "breakdown_pane": "Breakdown",
    "day_costs": "Costs: days",
    "cost_table": "Costs: table",
    "key_figures": "key figures",
    "status": "status",
}

Row = tuple[str, str]


def run(folder: Path) -> Iterator[Row]:
    """Fill and question a store of 10,000, of 100,000 and of a million hourly rows."""
    yield from _load_rates(folder)
    for rows in (10_000, 100_000, 1_000_000):
        yield from _one_size(folder, rows)


def _load_rates(folder: Path) -> Iterator[Row]:
    """A day of a large organisation: parsed alone, and parsed and stored."""
    organisation = LargeOrganisation(SEED)
    window = Window(NOW.replace(hour=0, minute=0) - DAY, NOW.replace(hour=0, minute=0))
    body = organisation.page(BucketWidth.HOUR, window, 1344)
    rows = 24 * 1344
    began = perf_counter()
    page = parse_usage_page(body, SERIES_DIMENSIONS)
    parsing = perf_counter() - began
    store = Store(folder / "load.db")
    began = perf_counter()
    with store.write() as transaction:
        usage.replace(transaction, BucketWidth.HOUR, window, page.buckets, NOW)
    storing = perf_counter() - began
    began = perf_counter()
    with store.write() as transaction:
        usage.replace(transaction, BucketWidth.HOUR, window, page.buckets, NOW + HOUR)
    again = perf_counter() - began
    store.close()
    yield (
        f"a day of {rows:,} rows: parsing alone; storing what was parsed; the same answer again",
        f"{rows / parsing:,.0f}; {rows / storing:,.0f}; {rows / again:,.0f} rows/s",
    )


def _one_size(folder: Path, rows: int) -> Iterator[Row]:
    path = folder / f"{rows}.db"
    per_hour = rows // HOURS
    per_minute, per_day = max(1, per_hour * 700 // 1344), max(1, per_hour * 3240 // 1344)
    organisation = LargeOrganisation(SEED)
    store = Store(path)
    took = fill(store, organisation, per_hour, per_minute, per_day)
    store.close()
    label = f"{per_hour * HOURS:,} hourly rows"
    minutes, lines = per_minute * 2880, per_day * 62
    yield (
        f"{label}: with {minutes:,} of minutes and {lines:,} lines of the bill",
        f"{path.stat().st_size / 1e6:.0f} MB; stored at {(per_hour * HOURS + minutes) / took:,.0f} rows/s of usage",
    )
    began = perf_counter()
    store = Store(path)
    opened = perf_counter() - began
    reader = DeckReader(store)
    first = _timed(lambda: reader.load(Question(Scope()), NOW))
    yield f"{label}: opening; first look at the deck", f"{opened * 1000:.0f} ms; {first * 1000:.0f} ms"
    shown = reader.load(Question(Scope()), NOW)
    ahead = _timed(lambda: reader.look_ahead(shown, lambda: True))
    yield f"{label}: past hours for the first outlook, behind the screen", f"{ahead * 1000:.0f} ms"
    yield from _questions(reader, store, organisation, label)
    store.close()


def fill(
    store: Store, organisation: LargeOrganisation, per_hour: int, per_minute: int, per_day: int
) -> float:
    """Write all that the deck rests on, a page at a time; return the seconds that writing usage took."""
    with store.write() as transaction:
        directory.replace(
            transaction, Organization("org", "Large"), organisation.workspaces, organisation.keys
        )
    took = 0.0
    end = BucketWidth.HOUR.floor(NOW)
    for page in range(31):
        window = Window(end - (page + 1) * DAY, end - page * DAY)
        took += _replace(store, organisation, BucketWidth.HOUR, window, per_hour, NOW)
    now = BucketWidth.MINUTE.after(NOW)
    for page in range(48):
        window = Window(now - (page + 1) * HOUR, now - page * HOUR)
        took += _replace(
            store, organisation, BucketWidth.MINUTE, window, per_minute, NOW - timedelta(seconds=5)
        )
    today = BucketWidth.DAY.floor(NOW)
    days = Window(today - 62 * DAY, today)
    with store.write() as transaction:
        bill = [organisation.bill(day, per_day) for day in days.starts(BucketWidth.DAY)]
        costs.replace(transaction, days, bill, NOW)
    allocation.keep_up(store, NOW)  # as whoever collects does after each read
    return took


def _replace(
    store: Store,
    organisation: LargeOrganisation,
    width: BucketWidth,
    window: Window,
    rows: int,
    read_at: datetime,
) -> float:
    buckets = list(organisation.usage(width, window, rows))

    def write() -> None:
        with store.write() as transaction:
            usage.replace(transaction, width, window, buckets, read_at)

    return _timed(write)


def _questions(
    reader: DeckReader, store: Store, organisation: LargeOrganisation, label: str
) -> Iterator[Row]:
    draw = random.Random(SEED)
    scopes = [_scope(draw, organisation) for _ in range(SCOPES)]
    for scope in scopes[:WARMING]:
        reader.load(Question(scope), NOW)
    took: dict[str, list[float]] = {name: [] for name in PANES}
    screens: list[tuple[float, Scope]] = []
    gc.freeze()  # as the app does when it has shown its first deck
    with _timing_each_pane(took):
        screens += [(_timed(partial(reader.load, Question(scope), NOW)), scope) for scope in scopes]
    for name, title in PANES.items():
        yield f"{label}: {title}, {SCOPES} random scopes", _spread(took[name])
    yield f"{label}: **whole screen**, {SCOPES} random scopes", _spread([seconds for seconds, _ in screens])
    after_poll = []
    for scope in scopes[:WARMING]:
        with store.write() as transaction:
            transaction.revise(Topic.USAGE)
            transaction.revise(Topic.COVERAGE)
        after_poll.append(_timed(partial(reader.load, Question(scope), NOW)))
    yield f"{label}: whole screen, first look after new usage came in", _spread(after_poll)
    slowest = sorted(screens, key=lambda one: -one[0])[:10]
    yield f"{label}: the ten slowest", "; ".join(_said(seconds, scope) for seconds, scope in slowest)


def _timing_each_pane(took: dict[str, list[float]]) -> AbstractContextManager[object]:
    def timed(name: str) -> Callable[..., object]:
        query = getattr(deck, name)

        def ask(*arguments: object, **named: object) -> object:
            began = perf_counter()
            try:
                return query(*arguments, **named)
            finally:
                took[name].append(perf_counter() - began)

        return ask

    stack = ExitStack()
    for name in PANES:
        stack.enter_context(patch.object(deck, name, timed(name)))
    return stack


def _scope(draw: random.Random, organisation: LargeOrganisation) -> Scope:
    """0 to 3 filters of 1 to 20 members, any window, any breakdown."""
    members: dict[Dimension, list[str | None]] = {
        Dimension.WORKSPACE: [*(one.id for one in organisation.workspaces), None],
        Dimension.MODEL: [*MODELS],
        Dimension.API_KEY: [*(one.id for one in organisation.keys), None],
        Dimension.SERVICE_TIER: [*TIERS],
        Dimension.CONTEXT_WINDOW: [*CONTEXTS],
    }
    chosen = draw.sample(list(members), draw.randint(0, 3))
    filters = tuple(
        Filter(of, frozenset(draw.sample(members[of], min(len(members[of]), draw.randint(1, 20)))))
        for of in chosen
    )
    return Scope(filters, draw.choice(list(Span)), draw.choice([*members, Dimension.TOKEN_TYPE]))


def _spread(seconds: list[float]) -> str:
    return (
        f"median {statistics.median(seconds) * 1000:.0f} ms,"
        f" 95 % {statistics.quantiles(seconds, n=20)[-1] * 1000:.0f} ms, most {max(seconds) * 1000:.0f} ms"
    )


def _said(seconds: float, scope: Scope) -> str:
    filters = ", ".join(f"{len(f.members)} of {f.dimension.word}" for f in scope.filters) or "no filter"
    return f"{seconds * 1000:.0f} ms {scope.span.value} by {scope.by.word} ({filters})"


def _timed(call: Callable[[], object]) -> float:
    began = perf_counter()
    call()
    return perf_counter() - began
