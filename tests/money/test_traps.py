"""What has made other tools show wrong money, one test each: from the pages of the API to what a person reads."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from answers import bucket, client, page
from meterdeck.api import BucketWidth, CostQuery, Window
from meterdeck.domain.buckets import month_start
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.dollars import ByState, Dollars
from meterdeck.domain.reports import CostBucket, CostLine
from meterdeck.domain.scope import Scope, Span
from meterdeck.present.costs import table as as_text
from meterdeck.present.documents import costs_document
from meterdeck.queries.bill import read_bill
from meterdeck.queries.cost_table import CostTable, DayRow, MonthRow, cost_table
from meterdeck.queries.costs import Costs, day_costs, days_of, usd_of
from meterdeck.queries.figures import KeyFigures, key_figures
from meterdeck.queries.learning import learn
from meterdeck.queries.look import Look
from meterdeck.store import Store, costs, usage
from meterdeck.sync.plan import costs_months
from values import billed, line, other_line, series, used

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
TODAY = datetime(2026, 11, 20, tzinfo=UTC)
NOW = TODAY + 14 * HOUR + timedelta(minutes=37)
ITS_TOKENS, ITS_LINE = series(), line()

Bill = Mapping[datetime, Mapping[CostLine, str]]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "store.db")
    yield opened
    opened.close()


def use(store: Store, window: Window, tokens: int = 1000) -> None:
    """So many output tokens in each hour of a window; read long after, so that no hour is settling."""
    with store.write() as transaction:
        hours = [used(start, {ITS_TOKENS: tokens}) for start in window.starts(BucketWidth.HOUR)]
        usage.replace(transaction, BucketWidth.HOUR, window, hours, window.end + DAY)


def bill(store: Store, days: Sequence[CostBucket], read_at: datetime, window: Window | None = None) -> None:
    """A read of the bill, over the days that came or a wider window."""
    whole = window or Window(days[0].window.start, days[-1].window.end)
    with store.write() as transaction:
        costs.replace(transaction, whole, days, read_at)


def settled_days(store: Store, days: int, *, cents: str = "2400", until: datetime = TODAY - DAY) -> None:
    """Days of 24,000 tokens whose bill is in for good: a tenth of a cent a token."""
    window = Window(until - days * DAY, until)
    use(store, window)
    bill(store, [billed(day, {ITS_LINE: cents}) for day in window.starts(BucketWidth.DAY)], until + 4 * DAY)


def ask(
    store: Store, now: datetime = NOW, span: Span = Span.WEEK, by: Dimension = Dimension.WORKSPACE
) -> Costs:
    scope = Scope(span=span, by=by)
    with store.read() as transaction:
        look = Look(transaction)
        return day_costs(look, scope, days_of(scope, now), now, learn(look, now))


def figures(store: Store, now: datetime = NOW) -> KeyFigures:
    with store.read() as transaction:
        look = Look(transaction)
        book = learn(look, now)
        month = Window(month_start(now), BucketWidth.DAY.after(now))
        return key_figures(look, Scope(), now, book, day_costs(look, Scope(), month, now, book))


def table(store: Store, now: datetime = NOW, span: Span = Span.MONTH_OF_DAYS) -> CostTable:
    return cost_table(ask(store, now, span), now, columns=3)


def usd_by_day(found: Costs) -> dict[datetime, tuple[Decimal | None, bool]]:
    """What each day cost, and whether that is an estimate."""
    sums = {day: spend.dollars for day, spend in found.by_day.items()}
    return {day: (dollars.amount, dollars.estimated) for day, dollars in sums.items()}


def month_of(found: KeyFigures) -> Decimal | None:
    """The month to date, in dollars."""
    assert found.month is not None
    return found.month.dollars.amount


def rows_of(found: CostTable, kind: type[DayRow | MonthRow]) -> list[Any]:
    return [row for row in found.rows if isinstance(row, kind)]


def read_costs(answer: Mapping[str, object], day: datetime = TODAY - DAY) -> tuple[CostBucket, ...]:
    """What the client makes of a page of the cost report."""

    async def read() -> tuple[CostBucket, ...]:
        async with client(lambda _: httpx.Response(200, json=answer)) as asking:
            return await asking.costs(CostQuery(Window(day, day + DAY)))

    return asyncio.run(read())


def wire_row(amount: object, currency: str = "USD") -> dict[str, object]:
    return {
        "amount": amount,
        "currency": currency,
        "description": "Claude Opus 5 Usage - Output Tokens",
        "cost_type": "tokens",
        "model": "claude-opus-5",
        "token_type": "output_tokens",
        "service_tier": "standard",
        "context_window": "0-200k",
        "inference_geo": None,
        "workspace_id": None,
    }


@pytest.mark.parametrize(
    ("amount", "usd"),
    [
        ("291.9015", "2.919015"),
        ("1134.3390", "11.34339"),
        ("946.6", "9.466"),
        ("0.000001", "0.00000001"),
        ("1e3", "10"),
        ("-250.10", "-2.501"),
    ],
)
def test_amounts_are_cents_and_every_digit_comes_through(store: Store, amount: str, usd: str) -> None:
    settled = TODAY - 5 * DAY
    answer = page([bucket(settled, [wire_row(amount)], BucketWidth.DAY)])
    bill(store, read_costs(answer, settled), NOW)
    (row,) = costs_document(ask(store), fresh=True)["rows"]
    assert (row["day"], row["usd"], row["state"]) == ("2026-11-15", usd, "billed")


def test_an_amount_in_another_currency_is_kept_and_added_to_no_dollars(store: Store) -> None:
    rows = [wire_row("100"), wire_row("250", currency="EUR"), wire_row("30", currency="usd")]
    bill(store, read_costs(page([bucket(TODAY - DAY, rows, BucketWidth.DAY)])), NOW)
    (row,) = costs_document(ask(store), fresh=True)["rows"]
    assert row["usd"] == "1.3"
    with store.read() as transaction:
        found = read_bill(transaction, Window(TODAY - DAY, TODAY))
    assert [(one.line.currency, one.cents) for one in found.in_other_currencies] == [("EUR", Decimal(250))]


def test_a_day_that_is_reported_later_than_the_next_is_tokens_at_their_price_until_its_bill_comes(
    store: Store,
) -> None:
    """None of these bills is settled: each is the least that its day is worth, and none is a fact."""
    settled_days(store, 3, until=TODAY - 2 * DAY)
    use(store, Window(TODAY - 2 * DAY, TODAY))
    late, early = TODAY - 2 * DAY, TODAY - DAY
    for without in (
        [billed(late, {}), billed(early, {ITS_LINE: "7000"})],
        [billed(early, {ITS_LINE: "7000"})],
    ):
        bill(store, without, NOW, Window(late, TODAY))
        found = usd_by_day(ask(store))
        assert found[early] == (Decimal(70), True)
        assert found[late] == (Decimal(24), True), "no bill is not a bill of nothing"
    bill(store, [billed(late, {ITS_LINE: "2500"}), billed(early, {ITS_LINE: "7000"})], NOW)
    assert usd_by_day(ask(store))[late] == (Decimal(25), True)


def test_a_bill_that_grows_twice_is_replaced_twice_and_never_added(store: Store) -> None:
    day = TODAY - DAY
    for number, (cents, usd) in enumerate(
        [("1000", "10"), ("1500.5", "15.005"), ("2400", "24"), ("2400", "24")]
    ):
        bill(store, [billed(day, {ITS_LINE: cents})], TODAY + (number + 1) * 7 * HOUR)
        found = ask(store, TODAY + 40 * HOUR)
        is_settled = number == 3  # two reads that agree, six hours apart
        assert usd_by_day(found) == {day: (Decimal(usd), not is_settled)}
        assert (day in found.settled) is is_settled


def test_an_unreported_yesterday_counts_as_estimated_in_the_month_and_its_part_stands_beside(
    store: Store,
) -> None:
    settled_days(store, 18, until=TODAY - DAY)
    use(store, Window(TODAY - DAY, TODAY))
    yesterday = TODAY - DAY
    bill(store, [billed(yesterday, {ITS_LINE: "99"})], yesterday + 20 * HOUR)  # read before it had ended
    found = ask(store)
    assert usd_by_day(found)[yesterday] == (Decimal(24), True)
    assert usd_of(found.reported_on(yesterday)) == Decimal("0.99")
    assert month_of(figures(store)) == 19 * 24


def test_the_first_hours_of_a_month_hold_nothing_of_the_old_one(store: Store) -> None:
    first = datetime(2026, 12, 1, tzinfo=UTC)
    settled_days(store, 20, until=first - DAY)
    use(store, Window(first - DAY, first + HOUR))
    now = first + HOUR + timedelta(minutes=5)
    assert month_of(figures(store, now)) == 1, "an hour of a thousand tokens"
    months = rows_of(table(store, now), MonthRow)
    assert [(row.month.month, row.total.amount, row.whole) for row in months] == [
        (12, Decimal(1), True),
        (11, Decimal(21 * 24), False),
    ]
    assert costs_months(now).start == datetime(2026, 11, 1, tzinfo=UTC)


def test_a_leap_day_is_a_day_of_its_month(store: Store) -> None:
    first = datetime(2028, 3, 1, tzinfo=UTC)
    settled_days(store, 29, until=first)
    now = first + 9 * HOUR
    found = table(store, now)
    newest_first = [row.day for row in rows_of(found, DayRow)]
    assert datetime(2028, 2, 29, tzinfo=UTC) == first - DAY == max(day for day in newest_first if day < first)
    (february,) = [row for row in rows_of(found, MonthRow) if row.month.month == 2]
    assert (february.total.amount, february.whole) == (Decimal(29 * 24), True)
    march_8 = datetime(2028, 3, 8, tzinfo=UTC)
    bill(store, [billed(march_8, {ITS_LINE: "1200"})], march_8 + 5 * DAY)
    (row,) = [row for row in rows_of(table(store, march_8 + DAY), DayRow) if row.day == march_8]
    assert row.week_before is None, "1 March: nothing is known of it"


def test_a_month_without_usage_costs_nothing_and_that_is_known(store: Store) -> None:
    october, december = datetime(2026, 10, 20, tzinfo=UTC), datetime(2026, 12, 2, tzinfo=UTC)
    window = Window(october, december)
    days = [
        billed(day, {ITS_LINE: "500"} if day == october else {}) for day in window.starts(BucketWidth.DAY)
    ]
    bill(store, days, december + 4 * DAY)
    with store.read() as transaction:
        look, now = Look(transaction), december + 4 * DAY + HOUR
        found = day_costs(look, Scope(), Window(october, december), now, learn(look, now))
    months = rows_of(cost_table(found, now, columns=3), MonthRow)
    assert [(row.month.month, row.total.amount) for row in months][1:] == [(11, Decimal(0)), (10, Decimal(5))]
    assert months[1].whole
    assert found.total.dollars == Dollars(Decimal(5), parts=ByState(billed=Decimal(5)))


def test_an_organization_that_never_used_anything_has_an_empty_bill_and_no_gap(store: Store) -> None:
    window = Window(TODAY - 6 * DAY, TODAY + DAY)
    hours = Window(TODAY - 3 * DAY, TODAY + 15 * HOUR)
    with store.write() as transaction:
        empty = [used(start, {}) for start in hours.starts(BucketWidth.HOUR)]
        usage.replace(transaction, BucketWidth.HOUR, hours, empty, NOW)
    bill(store, [billed(day, {}) for day in window.starts(BucketWidth.DAY)], NOW)
    found = ask(store)
    assert (list(found.each()), found.gaps, found.total.dollars.amount) == ([], (), Decimal(0))
    assert table(store).rows == ()


def test_a_correction_below_zero_lowers_the_day_and_its_month_and_looks_like_one(store: Store) -> None:
    day = TODAY - 4 * DAY
    credit = other_line("session_usage")
    bill(store, [billed(day, {ITS_LINE: "100.25", credit: "-450.5"})], NOW)
    found = table(store)
    (row,), (month,) = rows_of(found, DayRow)[-1:], rows_of(found, MonthRow)
    assert row.total.amount == month.total.amount == Decimal("-3.5025")
    cells = [shown.cells[1].text for shown in as_text(found, 80)[1]]
    assert cells[-2:] == ["−$3.50", "−$3.50"]
    assert costs_document(ask(store), fresh=True)["total_usd"] == "-3.5025"


def test_dollars_never_depend_on_the_order_in_which_lines_came(store: Store) -> None:
    day = TODAY - DAY
    lines = [(line(workspace=f"wrkspc_{number}"), f"{number}.{number:012}") for number in range(40)]
    totals = set()
    orders: list[Callable[[], list[tuple[CostLine, str]]]] = [lambda: lines, lambda: lines[::-1]]
    for order in orders:
        bill(store, [billed(day, order())], NOW)
        totals.add(ask(store).total)
    assert len(totals) == 1
