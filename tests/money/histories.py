"""Invented histories, small and odd: ten days of usage and bills, prices that step, lines that nothing fits.

The last hour of the last day is running, so that a window of whole days and one of as many hours are the same time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from itertools import product

from hypothesis import strategies as st
from hypothesis.vendor.pretty import RepresentationPrinter

from meterdeck.domain.buckets import BucketWidth, Window, merge_buckets
from meterdeck.domain.dimensions import SERIES_DIMENSIONS
from meterdeck.domain.reports import (
    ApiKey,
    CostBucket,
    CostLine,
    CostRow,
    Organization,
    Series,
    UsageBucket,
    UsageRow,
    Workspace,
)
from meterdeck.domain.tokens import TokenCounts, TokenType
from meterdeck.store import Store, Transaction, costs, directory, sums, usage
from meterdeck.store.allocation import keep_up
from money.reference import COUNTERS, SEARCHES, Bill, Counts, Pool, Usage, Use
from money.reports import ORGANIZATION, Reports, reports_as_of

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
FIRST = datetime(2026, 10, 27, tzinfo=UTC)
TODAY = FIRST + 9 * DAY
YESTERDAY = TODAY - DAY
DAYS = tuple(FIRST + at * DAY for at in range(10))
NOW = TODAY + 23 * HOUR + timedelta(minutes=37, seconds=20)
SURE = tuple(day for day in DAYS if day + 4 * DAY <= NOW)
"""Days that ended 72 hours ago and more: one read of their bill settles them."""
AGREEING = tuple(day for day in DAYS if day + 2 * DAY <= NOW < day + 4 * DAY)
"""Days that two agreeing reads of their bill settle."""

WORKSPACES: tuple[str | None, ...] = ("wrkspc_a", "wrkspc_b", None)
MODELS = ("claude-opus-5", "claude-sonnet-5")
KEYS: tuple[str | None, ...] = ("apikey_1", "apikey_2", None)
TIERS, CONTEXTS = ("standard", "batch", "flex", "priority"), ("0-200k", "200k-1M")
EVERY_SERIES = tuple(Series(*members) for members in product(WORKSPACES, MODELS, KEYS, TIERS, CONTEXTS))

PRICES = {
    ("claude-opus-5", "uncached_input"): Decimal("0.0005"),
    ("claude-opus-5", "cache_read"): Decimal("0.00005"),
    ("claude-opus-5", "cache_write_5m"): Decimal("0.000625"),
    ("claude-opus-5", "cache_write_1h"): Decimal("0.001"),
    ("claude-opus-5", "output"): Decimal("0.0025"),
    ("claude-sonnet-5", "uncached_input"): Decimal("0.0003"),
    ("claude-sonnet-5", "cache_read"): Decimal("0.00003"),
    ("claude-sonnet-5", "cache_write_5m"): Decimal("0.000375"),
    ("claude-sonnet-5", "cache_write_1h"): Decimal("0.0006"),
    ("claude-sonnet-5", "output"): Decimal("0.0015"),
}
"""Cents of a token before any step."""
CENTS_OF_A_SEARCH = Decimal(1)
OF_COUNTER = {token_type.value: token_type for token_type in TokenType}


@dataclass(frozen=True)
class Step:
    """A price that is another one from a day on: for a model, a workspace, or half of a model's token types."""

    first: datetime
    factor: Decimal
    model: str | None = None
    workspaces: frozenset[str | None] = frozenset(WORKSPACES)
    counters: frozenset[str] = frozenset(COUNTERS)

    def changes(self, pool: Pool, day: datetime) -> bool:
        """Whether a pool's price of a day is behind this step."""
        return (
            day >= self.first
            and self.model in {None, pool.model}
            and pool.workspace in self.workspaces
            and pool.counter in self.counters
        )


@dataclass(frozen=True, repr=False)
class History:
    """What was used and billed, and what of it was read, and when."""

    used: Usage
    """The hours in which something was used."""
    billed: Mapping[datetime, Bill]
    """The days whose bill has a line."""
    by_minute: Mapping[datetime, Usage] = field(default_factory=dict)
    """Of the hours whose sixty minutes were read: those in which something was used."""
    missing: frozenset[datetime] = frozenset()
    """Hours that were never read; all others were."""
    without_hour: frozenset[datetime] = frozenset()
    """Those of the hours with minutes that were never read as an hour."""
    without_bill: frozenset[datetime] = frozenset()
    """Days whose bill was never read; that of all others was."""
    agreed: frozenset[datetime] = frozenset()
    """Days whose bill was read twice, seven hours apart, and said the same."""
    bill_first: bool = False
    """Whether the bill was read before usage."""
    kept: bool = True
    """Whether the store keeps what its settled days are shared out to; else that is worked out for each report."""

    @cached_property
    def hours(self) -> Usage:
        """Every hour that was read."""
        starts = Window(FIRST, TODAY + DAY).starts(BucketWidth.HOUR)
        return {start: self.used.get(start, {}) for start in starts if start not in self.missing}

    @cached_property
    def minutes(self) -> Mapping[datetime, Usage]:
        """All minutes of the hours whose minutes were read."""
        return {
            start: {start + at * MINUTE: used.get(start + at * MINUTE, {}) for at in range(60)}
            for start, used in self.by_minute.items()
        }

    @cached_property
    def bill(self) -> Mapping[datetime, Bill]:
        """Every day whose bill was read."""
        return {day: self.billed.get(day, {}) for day in DAYS if day not in self.without_bill}

    def is_settled(self, day: datetime) -> bool:
        """Whether a day's bill will not change any more."""
        return day in self.bill and (day in SURE or (day in AGREEING and day in self.agreed))

    def is_whole(self, day: datetime) -> bool:
        """Whether every hour of a day was read."""
        return all(day + at * HOUR in self.hours for at in range(24))

    def hours_of(self, day: datetime) -> Usage:
        """The hours of a day that were read."""
        return {start: rows for start, rows in self.hours.items() if day <= start < day + DAY}

    def __repr__(self) -> str:
        """A line for each thing that was used, billed or not read: what a failing example is read by."""
        said = [
            f"used {start:%d.%H} {'/'.join(map(str, of))} {counts}" for start, of, counts in _rows(self.used)
        ]
        for minutes in self.by_minute.values():
            said += [
                f"by minute {start:%d.%H:%M} {'/'.join(map(str, of))} {counts}"
                for start, of, counts in _rows(minutes)
            ]
        said += [
            f"billed {day:%d} {'/'.join(map(str, line))} {cents}"
            for day, bill in self.billed.items()
            for line, cents in bill.items()
        ]
        for name in ("missing", "without_hour", "without_bill", "agreed"):
            said += [f"{name} {start:%d.%H}" for start in sorted(getattr(self, name))]
        return "\n".join([f"History, bill_first={self.bill_first}, kept={self.kept}", *said])

    def _repr_pretty_(self, printer: RepresentationPrinter, cycle: object) -> None:
        """The same for hypothesis, which would write the calls that made it."""
        printer.text(repr(self))

    def with_day_of(self, other: History, day: datetime) -> History:
        """The same, after a day's bill and hours were read again and said what they say in another history."""

        def apart(start: datetime) -> bool:
            return not day <= start < day + DAY

        return replace(
            self,
            used={start: rows for start, rows in self.used.items() if apart(start)}
            | {start: rows for start, rows in other.used.items() if not apart(start)},
            billed={**self.billed, day: other.billed.get(day, {})},
            by_minute={start: of for start, of in self.by_minute.items() if apart(start)},
            missing=frozenset(filter(apart, self.missing)),
            without_hour=frozenset(filter(apart, self.without_hour)),
            without_bill=self.without_bill - {day},
        )

    @contextmanager
    def stored(self, now: datetime = NOW) -> Iterator[Reports]:
        """The reports of a store that read all of it until now."""
        with reports_as_of(now) as reports:
            self.fill(reports.store, now)
            yield reports

    def fill(self, store: Store, now: datetime = NOW) -> None:
        """Put it into a store."""
        with store.write() as transaction:
            name_everybody(transaction)
            steps = [self._fill_bill, self._fill_usage]
            for step in steps if self.bill_first else reversed(steps):
                step(transaction, now)
        if self.kept:
            keep_up(store, now)

    def _fill_bill(self, transaction: Transaction, now: datetime) -> None:
        for day, bill in self.bill.items():
            window = Window(day, day + DAY)
            rows = tuple(CostRow(line, cents) for line, cents in bill.items())
            reads = [now - 7 * HOUR, now] if day in self.agreed else [now]
            for read_at in reads:
                costs.replace(transaction, window, [CostBucket(window, rows)], read_at)

    def _fill_usage(self, transaction: Transaction, now: datetime) -> None:
        for start, minutes in self.minutes.items():
            window = Window(start, start + HOUR)
            rows = [bucket(at, BucketWidth.MINUTE, of) for at, of in sorted(minutes.items())]
            usage.replace(transaction, BucketWidth.MINUTE, window, rows, now)
        for window in merge_buckets(sorted(self.hours.keys() - self.without_hour), BucketWidth.HOUR):
            rows = [bucket(at, BucketWidth.HOUR, self.hours[at]) for at in window.starts(BucketWidth.HOUR)]
            usage.replace(transaction, BucketWidth.HOUR, window, rows, now)


def _rows(usage: Usage) -> list[tuple[datetime, Series, Counts]]:
    return [(start, of, counts) for start, rows in sorted(usage.items()) for of, counts in rows.items()]


def bucket(start: datetime, width: BucketWidth, rows: Mapping[Series, Counts]) -> UsageBucket:
    """A bucket as the client makes it."""
    of = tuple(UsageRow(tuple(who), TokenCounts(*counts[:5]), counts[5]) for who, counts in rows.items())
    return UsageBucket(Window(start, start + width.delta), SERIES_DIMENSIONS, of)


def name_everybody(transaction: Transaction) -> None:
    """Put a directory into a store that names every member of these histories."""
    directory.replace(
        transaction,
        Organization(ORGANIZATION, "Invented"),
        [Workspace(of, f"name of {of}") for of in WORKSPACES if of],
        [ApiKey(of, f"name of {of}", "active") for of in KEYS if of],
    )


def ids_of(reports: Reports) -> dict[Series, int]:
    """The ids that the store gave to series: of equal remainders the lower id's comes first."""
    with reports.store.read() as transaction:
        return {series: of for of, series in sums.series(transaction).items()}


_counts = st.tuples(
    *[st.sampled_from([0, 0, 1, 2, 3, 7, 1_000, 123_456_789]) for _ in TokenType],
    st.sampled_from([0, 0, 0, 1, 2, 3]),
)
_odd_cents = st.one_of(
    st.sampled_from(
        [Decimal(text) for text in ("0", "1E-12", "7E-15", "-1E-12", "291.9015", "-3.50", "0.001")]
    ),
    st.builds(
        lambda digits, places: Decimal(digits).scaleb(-places),
        st.integers(-(10**4), 10**7),
        st.integers(0, 15),
    ),
)
_steps = st.lists(
    st.builds(
        Step,
        st.sampled_from(DAYS[1:]),
        st.sampled_from([Decimal(text) for text in ("0.5", "2", "0.9", "1.15", "3")]),
        st.sampled_from([None, *MODELS]),
        st.sampled_from([frozenset(WORKSPACES), frozenset(WORKSPACES[:1]), frozenset(WORKSPACES[2:])]),
        st.sampled_from([frozenset(COUNTERS), frozenset({"output", "cache_read"})]),
    ),
    max_size=3,
)


def price_of(pool: Pool, day: datetime, steps: Sequence[Step] = ()) -> Decimal:
    """Cents of a token or a search of a day."""
    cents = CENTS_OF_A_SEARCH if pool.counter == SEARCHES else PRICES[pool.model or "", pool.counter]
    for step in steps:
        if step.changes(pool, day):
            cents *= step.factor
    return cents


def line_of(pool: Pool, geo: str | None = "global", speed: str = "", currency: str = "USD") -> CostLine:
    """A line of a pool; its geo and what its description says of speed make it another one."""
    if pool.counter == SEARCHES:
        return CostLine(
            pool.workspace, f"Web Search{speed}", "web_search", None, None, None, None, None, currency
        )
    token_type = OF_COUNTER[pool.counter].in_bill
    about = f"{pool.model}{speed} {pool.counter}"
    return CostLine(
        pool.workspace, about, "tokens", pool.model, token_type, pool.tier, pool.context, geo, currency
    )


def other_line(workspace: str | None, cost_type: str) -> CostLine:
    """A line that pays for neither tokens nor searches."""
    return CostLine(workspace, f"{cost_type} usage", cost_type, None, None, None, None, None)


def counter_of_tomorrow(workspace: str | None) -> CostLine:
    """A line for a kind of token that usage does not count."""
    return CostLine(
        workspace, "Spoken Tokens", "tokens", MODELS[0], "spoken_tokens", "standard", "0-200k", "global"
    )


_lines_of_nothing = st.one_of(
    st.builds(other_line, st.sampled_from(WORKSPACES), st.sampled_from(["code_execution", "session_usage"])),
    st.builds(counter_of_tomorrow, st.sampled_from(WORKSPACES)),
    st.builds(
        lambda workspace, model, tier, counter: line_of(Pool(workspace, model, tier, CONTEXTS[0], counter)),
        st.sampled_from(WORKSPACES),
        st.sampled_from(MODELS),
        st.sampled_from([*TIERS, "priority_on_demand"]),
        st.sampled_from(COUNTERS[:5]),
    ),
    st.builds(
        lambda workspace: line_of(Pool(workspace, None, None, None, SEARCHES)), st.sampled_from(WORKSPACES)
    ),
    st.builds(
        lambda workspace, model: line_of(
            Pool(workspace, model, TIERS[0], CONTEXTS[0], "output"), currency="EUR"
        ),
        st.sampled_from(WORKSPACES),
        st.sampled_from(MODELS),
    ),
)
"""Lines of any pool, whether anything of it was used or not."""


@st.composite
def _lines_of_pool(draw: st.DrawFn, pool: Pool, worth: Decimal) -> dict[CostLine, Decimal]:
    """What a bill may say of a pool: nothing, its worth, anything, several geos and speeds, a credit."""
    line, odd = line_of(pool), draw(_odd_cents)
    said: list[dict[CostLine, Decimal]] = [
        {line: worth},
        {},
        {line: odd},
        {line_of(pool, "us", " (US)"): worth, line: odd},
        {line: worth, line_of(pool, speed=" (Fast)"): odd},
        {line: worth, line_of(pool, speed=" Credit"): -worth / 4},
        {line: Decimal(0)},
    ]
    return draw(st.sampled_from(said))


@st.composite
def _bills(draw: st.DrawFn, hours: Usage, day: datetime, steps: Sequence[Step]) -> Bill:
    bill: dict[CostLine, Decimal] = {}
    used = [rows for start, rows in hours.items() if day <= start < day + DAY]
    uses = {Use(series, counter) for rows in used for series in rows for counter in COUNTERS}
    counts: dict[Pool, int] = {}
    for use in uses:
        place = COUNTERS.index(use.counter)
        count = sum(rows[use.series][place] for rows in used if use.series in rows)
        counts[use.pool] = counts.get(use.pool, 0) + count
    for pool, count in sorted(counts.items(), key=str):
        if count:
            bill |= draw(_lines_of_pool(pool, count * price_of(pool, day, steps)))
    more = draw(st.dictionaries(_lines_of_nothing, _odd_cents, max_size=2))
    return more | bill


@st.composite
def _minutes(draw: st.DrawFn, start: datetime, rows: Mapping[Series, Counts]) -> Usage:
    """Three minutes of an hour that hold all of it."""
    places = draw(st.sampled_from([(0, 1, 59), (3, 17, 18), (7, 30, 31)]))
    minutes: dict[datetime, dict[Series, Counts]] = {start + at * MINUTE: {} for at in places}
    for series, counts in rows.items():
        middle, last = (
            tuple(count // draw(st.sampled_from([2, 3, 5])) for count in counts) for _ in range(2)
        )
        first = tuple(count - one - two for count, one, two in zip(counts, middle, last, strict=True))
        for at, part in zip(places, (first, middle, last), strict=True):
            minutes[start + at * MINUTE][series] = part  # type: ignore[assignment] # six of them
    return minutes


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Any history; of most days nothing was used, as few are enough."""
    series = draw(st.lists(st.sampled_from(EVERY_SERIES), min_size=1, max_size=4, unique=True))
    steps = draw(_steps)
    used: dict[datetime, Mapping[Series, Counts]] = {}
    minutes: dict[datetime, Usage] = {}
    days = draw(st.lists(st.sampled_from(DAYS), min_size=2, max_size=5, unique=True))
    for day in days:
        for at in draw(st.lists(st.sampled_from([0, 7, 8, 22]), min_size=1, max_size=3, unique=True)):
            start = day + at * HOUR
            used[start] = draw(st.dictionaries(st.sampled_from(series), _counts, min_size=1, max_size=3))
            if draw(st.booleans()):
                minutes[start] = draw(_minutes(start, used[start]))
    billed = {day: draw(_bills(used, day, steps)) for day in days}
    missing = draw(
        st.frozensets(st.sampled_from([day + at * HOUR for day in days for at in (1, 8)]), max_size=2)
    )
    without_bill = draw(st.frozensets(st.sampled_from(days), max_size=1))
    kept = {start: of for start, of in minutes.items() if start not in missing}
    return History(
        {start: rows for start, rows in used.items() if start not in missing},
        {day: bill for day, bill in billed.items() if day not in without_bill},
        kept,
        missing,
        frozenset(start for start in kept if draw(st.booleans())),
        without_bill,
        draw(st.frozensets(st.sampled_from(AGREEING))),
        draw(st.booleans()),
        draw(st.booleans()),
    )


def steady_pools(series: Sequence[Series]) -> dict[Pool, Decimal]:
    """What a token, or a search, of some series costs on every day of a history whose prices never change."""
    pools = {Use(of, counter).pool for of in series for counter in COUNTERS}
    return {pool: price_of(pool, FIRST) for pool in pools}


@st.composite
def steady_histories(draw: st.DrawFn) -> History:
    """Prices that never change, and two open days whose bill holds a part of what was used, and more beside it.

    All that is used on the open days was used and paid for on settled days too.
    """
    billed_ones = [of for of in EVERY_SERIES if of.service_tier != "priority"]
    series = draw(st.lists(st.sampled_from(billed_ones), min_size=1, max_size=4, unique=True))
    prices = steady_pools(series)
    settled = [FIRST + 7 * HOUR, FIRST + DAY + 22 * HOUR, FIRST + 3 * DAY]
    used: dict[datetime, Mapping[Series, Counts]] = {
        start: dict.fromkeys(series, (4_000, 5_000, 6_000, 7_000, 8_000, 9)) for start in settled
    }
    billed = {BucketWidth.DAY.floor(start): _paid(used[start], prices, Decimal(1)) for start in settled}
    minutes: dict[datetime, Usage] = {}
    for day in (YESTERDAY, TODAY):
        of_day: dict[CostLine, Decimal] = {}
        for at in draw(st.sets(st.sampled_from([0, 7, 8, 22]), min_size=1, max_size=3)):
            start = day + at * HOUR
            used[start] = draw(st.dictionaries(st.sampled_from(series), _counts, min_size=1, max_size=3))
            minutes[start] = draw(_minutes(start, used[start]))
            part = draw(st.sampled_from([Decimal(0), Decimal("0.3"), Decimal(1)]))
            for line, cents in _paid(used[start], prices, part).items():
                of_day[line] = of_day.get(line, Decimal(0)) + cents
        credit = draw(st.sampled_from([None, *sorted(prices, key=str)]))
        if credit is not None:
            of_day[line_of(credit, speed=" Credit")] = draw(
                st.sampled_from([Decimal("-0.7"), Decimal(-(10**6))])
            )
        workspaces = draw(st.sets(st.sampled_from(WORKSPACES), max_size=2))
        of_day |= {other_line(workspace, "code_execution"): Decimal("12.5") for workspace in workspaces}
        billed[day] = of_day
    return History(used, billed, minutes)


def _paid(
    rows: Mapping[Series, Counts], prices: Mapping[Pool, Decimal], part: Decimal
) -> dict[CostLine, Decimal]:
    """The lines that pay for a part of what an hour counts."""
    bill: dict[CostLine, Decimal] = {}
    for series, counts in rows.items():
        for counter, count in zip(COUNTERS, counts, strict=True):
            pool = Use(series, counter).pool
            if count and part:
                line = line_of(pool)
                bill[line] = bill.get(line, Decimal(0)) + count * prices[pool] * part
    return bill
