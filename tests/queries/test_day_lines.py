"""A day's bill line by line: the lines a scope keeps and those it leaves out are the raw lines of the day."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest

from meterdeck.domain.buckets import Window
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.money import cents_to_usd
from meterdeck.domain.reports import CostLine
from meterdeck.domain.scope import Filter, Scope
from meterdeck.queries.costs import day_costs, usd_of
from meterdeck.queries.day_lines import DayLine, DayLines, day_lines
from meterdeck.queries.look import Look
from meterdeck.queries.prices import PriceBook
from rawpages import RawCost, cost_rows
from world import World

NOW = datetime(2026, 11, 20, 14, 37, 20, tzinfo=UTC)
TODAY = datetime(2026, 11, 20, tzinfo=UTC)
DAY = timedelta(days=1)
YESTERDAY, SETTLED = TODAY - DAY, TODAY - 6 * DAY
PROD_CHAT, BATCH_ETL = "wrkspc_01SimProdChat00000000", "wrkspc_01SimBatchEtl00000000"

Keyed = Counter[tuple[tuple[str | None, ...], Fraction]]


def ask(acme: World, book: PriceBook, day: datetime, *filters: Filter) -> DayLines:
    with acme.store.read() as transaction:
        return day_lines(Look(transaction), Scope(filters), day, NOW, book)


def only(dimension: Dimension, *members: str | None) -> Filter:
    return Filter(dimension, frozenset(members))


def keyed(lines: tuple[DayLine, ...]) -> Keyed:
    return Counter((tuple(one.line), Fraction(one.cents)) for one in lines)


def raw_lines(rows: list[RawCost]) -> Keyed:
    return Counter((tuple(row.fields[name] for name in CostLine._fields), row.cents) for row in rows)


@pytest.fixture(scope="module")
def raw(acme: World) -> dict[datetime, list[RawCost]]:
    return {day: cost_rows(acme, Window(day, day + DAY)) for day in (SETTLED, YESTERDAY, TODAY)}


@pytest.mark.parametrize("day", [SETTLED, YESTERDAY])
def test_without_filters_every_line_of_the_day_is_there_with_every_digit(
    acme: World, book: PriceBook, raw: dict[datetime, list[RawCost]], day: datetime
) -> None:
    found = ask(acme, book, day)
    assert keyed(found.lines) == raw_lines(raw[day])
    assert found.left_out == ()
    assert Fraction(found.total_usd) == sum((row.cents for row in raw[day]), start=Fraction(0)) / 100
    assert (found.reported, found.settled) == (True, day == SETTLED)
    assert (found.worth is None) == (day == SETTLED), (
        "a bill that may still rise is not what its day comes to"
    )
    assert found.gaps == ()
    amounts = [line.cents for line in found.lines]
    assert amounts == sorted(amounts, reverse=True)


@pytest.mark.parametrize(
    "filters",
    [
        (only(Dimension.WORKSPACE, PROD_CHAT),),
        (only(Dimension.WORKSPACE, None),),
        (only(Dimension.MODEL, "claude-opus-5"),),
        (only(Dimension.SERVICE_TIER, "batch"), only(Dimension.WORKSPACE, BATCH_ETL, None)),
        (only(Dimension.CONTEXT_WINDOW, "200k-1M"),),
    ],
)
def test_kept_and_left_out_lines_are_the_whole_bill_and_the_kept_ones_add_up_to_the_pane(
    acme: World, book: PriceBook, raw: dict[datetime, list[RawCost]], filters: tuple[Filter, ...]
) -> None:
    found = ask(acme, book, YESTERDAY, *filters)
    kept = [row for row in raw[YESTERDAY] if all(row.member(f.dimension) in f.members for f in filters)]
    assert keyed(found.lines) == raw_lines(kept)
    assert keyed(found.lines) + keyed(found.left_out) == raw_lines(raw[YESTERDAY])
    with acme.store.read() as transaction:
        pane = day_costs(Look(transaction), Scope(filters), Window(YESTERDAY, TODAY), NOW, book)
    assert found.total_usd == usd_of(pane.reported_on(YESTERDAY))
    assert found.total_usd > 0
    assert found.worth == pane.by_day[YESTERDAY]
    assert found.left_out_usd == ask(acme, book, YESTERDAY).total_usd - found.total_usd


def test_a_day_without_a_bill_has_its_partial_lines_and_the_worth_of_the_pane(
    acme: World, book: PriceBook, raw: dict[datetime, list[RawCost]]
) -> None:
    found = ask(acme, book, TODAY, only(Dimension.WORKSPACE, PROD_CHAT))
    assert not found.reported
    assert not found.settled
    assert keyed(found.lines) == raw_lines([r for r in raw[TODAY] if r.fields["workspace_id"] == PROD_CHAT])
    with acme.store.read() as transaction:
        scope = Scope((only(Dimension.WORKSPACE, PROD_CHAT),))
        pane = day_costs(Look(transaction), scope, Window(TODAY, TODAY + DAY), NOW, book)
    assert found.worth == pane.by_day[TODAY]
    assert usd_of(pane.reported_on(TODAY)) == found.total_usd, "what is billed is the sum of its lines"
    assert found.worth.dollars.amount is not None
    assert found.worth.dollars.amount >= found.total_usd > 0


def test_the_bill_knows_no_keys_so_all_lines_stay_and_the_key_is_estimated(
    acme: World, book: PriceBook
) -> None:
    found = ask(acme, book, YESTERDAY, only(Dimension.API_KEY, None), only(Dimension.WORKSPACE, None))
    without = ask(acme, book, YESTERDAY, only(Dimension.WORKSPACE, None))
    assert found.unknown_to_bill == (Dimension.API_KEY,)
    assert found.lines == without.lines
    assert found.reported
    assert found.worth is not None
    assert found.worth.known


def test_a_day_that_was_never_read_is_a_gap_and_has_no_lines(acme: World, book: PriceBook) -> None:
    found = ask(acme, book, TODAY - 300 * DAY)
    assert (found.lines, found.reported, found.worth) == ((), False, None)
    assert found.gaps == (Window(TODAY - 300 * DAY, TODAY - 299 * DAY),)
    assert found.total_usd == 0


def test_a_lines_dollars_are_a_hundredth_of_its_cents(acme: World, book: PriceBook) -> None:
    for one in ask(acme, book, YESTERDAY).lines:
        assert one.usd == cents_to_usd(one.cents)
        assert one.workspace.id == one.line.workspace_id


def test_lines_of_one_geo_are_kept_with_every_digit_and_the_others_left_out(
    acme: World, book: PriceBook, raw: dict[datetime, list[RawCost]]
) -> None:
    found = ask(acme, book, YESTERDAY, only(Dimension.INFERENCE_GEO, "us"))
    kept = [row for row in raw[YESTERDAY] if row.fields["inference_geo"] == "us"]
    assert 0 < len(kept) < len(raw[YESTERDAY])
    assert keyed(found.lines) == raw_lines(kept)
    assert keyed(found.lines) + keyed(found.left_out) == raw_lines(raw[YESTERDAY])
    assert found.worth is None, "no usage that is kept knows a geo"


def test_nothing_estimates_the_tokens_of_one_geo_on_a_day_without_a_bill(
    acme: World, book: PriceBook
) -> None:
    found = ask(acme, book, TODAY, only(Dimension.INFERENCE_GEO, "us"))
    assert (found.reported, found.worth) == (False, None)
