"""Days of a key that are shared out are told by every dimension, as Breakdown tells them of the same day."""

from datetime import UTC, datetime, timedelta

import pytest

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.dimensions import Dimension, Kind
from meterdeck.domain.dollars import State
from meterdeck.domain.scope import Filter, Scope, Span
from meterdeck.queries.costs import Costs, day_costs, days_of
from meterdeck.queries.look import Look
from meterdeck.queries.names import NOT_ALLOCATED, Member
from meterdeck.queries.prices import PriceBook
from meterdeck.queries.split import split_window
from world import World

NOW = datetime(2026, 11, 20, 14, 37, 20, tzinfo=UTC)
SETTLED = datetime(2026, 11, 13, tzinfo=UTC)
OPEN = datetime(2026, 11, 20, tzinfo=UTC)


def busiest_key(look: Look, book: PriceBook) -> Filter:
    """A filter for the key that was billed most on the settled day."""
    day = Window(SETTLED, SETTLED + timedelta(days=1))
    found = split_window(look, (), day, Dimension.API_KEY, book).members
    return Filter(Dimension.API_KEY, frozenset({max(found, key=lambda key: found[key].spend.units)}))


def units_of(found: Costs, day: datetime) -> dict[Member, int]:
    """What each member took of a day, in whole units; members without any are left out."""
    cells = {member: of_day[day].units for member, of_day in found.cells.items() if day in of_day}
    return {member: units for member, units in cells.items() if units}


@pytest.mark.parametrize(
    "by",
    [
        *(Dimension.TOKEN_TYPE, Dimension.COST_TYPE, Dimension.DESCRIPTION),
        *(Dimension.MODEL, Dimension.SERVICE_TIER, Dimension.CONTEXT_WINDOW, Dimension.WORKSPACE),
    ],
)
@pytest.mark.parametrize("day", [SETTLED, OPEN])
def test_a_day_of_a_key_is_told_as_breakdown_tells_it(
    acme: World, book: PriceBook, by: Dimension, day: datetime
) -> None:
    with acme.store.read() as transaction:
        look = Look(transaction)
        filters = (busiest_key(look, book),)
        scope = Scope(filters, Span.MONTH_OF_DAYS, by)
        found = day_costs(look, scope, days_of(scope, NOW), NOW, book)
        split = split_window(look, filters, Window(day, day + BucketWidth.DAY.delta), by, book)
        told = {look.names.member(by, member): usage.spend.units for member, usage in split.members.items()}
        told[look.names.member(by, None, in_bill=True)] = split.not_tokens.units
    assert units_of(found, day) == {member: units for member, units in told.items() if units}


def test_tokens_tell_no_geo_and_what_they_cost_stands_apart(acme: World, book: PriceBook) -> None:
    with acme.store.read() as transaction:
        look = Look(transaction)
        scope = Scope((busiest_key(look, book),), Span.MONTH_OF_DAYS, Dimension.INFERENCE_GEO)
        of_key = day_costs(look, scope, days_of(scope, NOW), NOW, book)
        whole = day_costs(look, Scope(by=Dimension.INFERENCE_GEO), days_of(scope, NOW), NOW, book)
    assert set(units_of(of_key, SETTLED)) == set(units_of(of_key, OPEN)) == {NOT_ALLOCATED}
    assert units_of(whole, OPEN).keys() == {NOT_ALLOCATED}
    assert NOT_ALLOCATED.kind is Kind.NOT_ALLOCATED
    assert {spend.state for spend in (of_key.cells[NOT_ALLOCATED][SETTLED],)} == {State.ALLOCATED}
