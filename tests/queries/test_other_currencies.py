"""Lines of the bill in other currencies: kept, told by currency, and in no sum of dollars."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from meterdeck.domain.buckets import Window
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.money import in_whole
from meterdeck.domain.scope import Filter, Scope
from meterdeck.present.day_lines import notes
from meterdeck.present.line_documents import lines_document
from meterdeck.queries.bill import by_currency
from meterdeck.queries.day_lines import DayLines, day_lines
from meterdeck.queries.learning import learn
from meterdeck.queries.look import Look
from meterdeck.store import Store, costs
from values import billed, line, other_line

DAY = timedelta(days=1)
MONDAY = datetime(2026, 11, 16, tzinfo=UTC)
NOW = MONDAY + 10 * DAY
IN_DOLLARS = line("wrkspc_a")
IN_EUROS = line("wrkspc_a")._replace(currency="EUR")
IN_YEN = other_line(workspace="wrkspc_b")._replace(currency="JPY")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "store.db")
    with opened.write() as transaction:
        days = [
            billed(MONDAY, [(IN_DOLLARS, "1050"), (IN_EUROS, "1234.5"), (IN_YEN, "700"), (IN_EUROS, "0.5")]),
            billed(MONDAY + DAY, {IN_EUROS: "100"}),
        ]
        costs.replace(transaction, Window(MONDAY, MONDAY + 2 * DAY), days, NOW)
    yield opened
    opened.close()


def lines_of(store: Store, *filters: Filter) -> DayLines:
    with store.read() as transaction:
        look = Look(transaction)
        return day_lines(look, Scope(filters), MONDAY, NOW, learn(look, NOW))


def test_a_bill_has_dollars_in_its_amounts_and_all_else_beside_them(store: Store) -> None:
    with store.read() as transaction:
        bill = Look(transaction).bill(Window(MONDAY, MONDAY + 3 * DAY))
    assert [bill.lines[of] for of in bill.amounts] == [IN_DOLLARS]
    assert {(one.day, one.line): one.cents for one in bill.in_other_currencies} == {
        (MONDAY, IN_EUROS): Decimal("1235.0"),
        (MONDAY, IN_YEN): Decimal(700),
        (MONDAY + DAY, IN_EUROS): Decimal(100),
    }
    assert bill.billed_days() == {MONDAY, MONDAY + DAY}, "a day that is billed in euros is billed"
    tuesday = bill.within(Window(MONDAY + DAY, MONDAY + 2 * DAY))
    assert [one.line for one in tuesday.in_other_currencies] == [IN_EUROS]
    assert by_currency((one.line, one.cents) for one in bill.in_other_currencies) == {
        "EUR": Decimal("13.35"),
        "JPY": Decimal(700),
    }


def test_the_lines_of_a_day_are_its_dollars_and_other_currencies_are_told_of(store: Store) -> None:
    found = lines_of(store)
    assert [one.line for one in found.lines] == [IN_DOLLARS]
    assert found.total_usd == Decimal("10.50")
    document = lines_document(found, fresh=True)
    assert document["other_currencies"] == {"EUR": "12.35", "JPY": "700"}
    assert document["total_usd"] == "10.5"
    assert notes(found) == ["Billed in other currencies, and in no sum of dollars: EUR 12.35, JPY 700."]


def test_filters_keep_lines_of_any_currency_alike(store: Store) -> None:
    found = lines_of(store, Filter(Dimension.WORKSPACE, frozenset({"wrkspc_b"})))
    assert found.other_currencies == {"JPY": Decimal(700)}
    assert [one.line for one in found.left_out] == [IN_DOLLARS]


@pytest.mark.parametrize(
    ("amount", "currency", "whole"),
    [("1234.5", "EUR", "12.345"), ("700", "JPY", "700"), ("1234", "KWD", "1.234"), ("5", "XYZ", "0.05")],
)
def test_the_lowest_unit_of_a_currency_is_a_hundredth_but_where_iso_4217_says_otherwise(
    amount: str, currency: str, whole: str
) -> None:
    assert in_whole(Decimal(amount), currency) == Decimal(whole)
