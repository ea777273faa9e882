"""Rows of money that has no usage: they are no members, and are taken for none, whatever is done with them."""

import csv
import io
import json
from decimal import Decimal

import pytest

from app.decks import Shown, World, opened_deck
from app.test_coming_back_to_a_row import put_on, row_under_cursor
from app.test_drilling_down import until_read
from meterdeck.domain.dimensions import Dimension, Kind
from meterdeck.domain.scope import Scope
from meterdeck.present import exports
from meterdeck.present.exports import Export
from meterdeck.present.incident import breakdown_row
from meterdeck.queries.breakdown import BreakdownRow
from meterdeck.queries.deck import Deck

REST, CONSOLE = "not allocated", "Console"
BESIDE = [("api_key", REST), ("model", "Not tokens"), ("token_type", "Not tokens")]


async def split_by(shown: Shown, word: str) -> None:
    """Break the scope down by a dimension."""
    await shown.press("colon", *f"by {word}", "enter")
    await until_read(shown)
    await shown.until(lambda: not shown.deck.is_loading, "its outlook is read")


def deck_of(shown: Shown) -> Deck:
    assert shown.deck.deck is not None
    return shown.deck.deck


def row_of(shown: Shown, name: str) -> BreakdownRow:
    """The row of a name; there must be one."""
    (row,) = [row for row in deck_of(shown).breakdown.rows if row.part.member.name == name]
    return row


def names(shown: Shown) -> list[str]:
    """The names in the order of the rows on show."""
    return [row.cells[0].text for row in shown.breakdown.table.rows]


@pytest.mark.parametrize(("by", "name"), BESIDE)
async def test_a_row_of_money_has_no_usage_and_comes_last_by_pace(world: World, by: str, name: str) -> None:
    async with opened_deck(world, (120, 40)) as shown:
        await split_by(shown, by)
        assert names(shown)[-1] == name
        assert f" {len(names(shown)) - 1} in 24 h" in shown.text, "it is not counted among them"
        row = row_of(shown, name)
        assert (row.part.used, row.pace, row.change, row.buckets) == (None, None, None, ())
        told = dict(
            zip(shown.breakdown.table.column_keys, shown.breakdown.table.rows[-1].cells, strict=False)
        )
        assert (told["pace"].text, told["tokens"].text, told["share"].text, told["cache"].text) == ("—",) * 4
        assert told["usd"].text.startswith("~$")


@pytest.mark.parametrize(("by", "name"), BESIDE)
async def test_enter_on_money_says_why_it_leads_nowhere(world: World, by: str, name: str) -> None:
    async with opened_deck(world, (120, 40)) as shown:
        await split_by(shown, by)
        await put_on(shown, name)
        assert "⏎ in" not in shown.text
        before = shown.deck.scope
        await shown.press("enter")
        await shown.until_shown("This money has no", "Enter on a day of Costs shows its lines.")
        assert shown.deck.scope == before
        assert row_under_cursor(shown) == name


async def test_enter_on_a_token_type_says_what_works_instead(world: World) -> None:
    async with opened_deck(world, (120, 40)) as shown:
        await split_by(shown, "token_type")
        await shown.press("enter")
        await shown.until_shown("A token type can't be entered: ", "b splits by what can be entered.")
        assert shown.deck.trail.depth == 0


async def test_the_console_is_entered_and_come_back_to_beside_money_without_a_key(world: World) -> None:
    async with opened_deck(world, (120, 40)) as shown:
        await split_by(shown, "api_key")
        await put_on(shown, CONSOLE)
        await shown.press("enter")
        assert f"▸ {CONSOLE} " in shown.header  # at once, before its figures are read
        await until_read(shown)
        assert shown.deck.scope.members(Dimension.API_KEY) == frozenset([None])
        await shown.press("escape")
        await until_read(shown)
        assert row_under_cursor(shown) == CONSOLE


async def test_a_mark_and_a_sort_keep_them_apart(world: World) -> None:
    async with opened_deck(world, (120, 40)) as shown:
        await split_by(shown, "api_key")
        keys = [row.key for row in shown.breakdown.table.rows]
        assert len(set(keys)) == len(keys)
        await put_on(shown, REST)
        await shown.press("space")
        assert [row.cells[0].text for row in shown.breakdown.table.rows if row.sign] == [REST]
        await shown.press("S")  # the slowest first: what has no pace comes last in both directions
        assert names(shown)[-1] == REST
        assert row_under_cursor(shown) == REST


async def test_each_is_compared_as_itself(world: World) -> None:
    async with opened_deck(world, (120, 40)) as shown:
        await split_by(shown, "api_key")
        await put_on(shown, REST)
        await shown.press("space")
        await put_on(shown, CONSOLE)
        await shown.press("c")
        await shown.until_shown("Compare", REST, CONSOLE)
        (line,) = [line for line in shown.text.splitlines() if line.strip("▶ ").startswith("tokens ")]
        rest, console, difference, ratio = line.split()[-4:]
        assert (rest, difference, ratio) == ("—", "—", "—")
        assert console != "—"


async def test_each_is_copied_as_itself(world: World) -> None:
    async with opened_deck(world, (120, 40)) as shown:
        await split_by(shown, "api_key")
        for name in (REST, CONSOLE):
            await put_on(shown, name)
            key = shown.breakdown.table.cursor_key
            line = breakdown_row(deck_of(shown), key)
            assert line is not None
            assert line.startswith(f"{name}: ")
            assert ("token" in line) is (name == CONSOLE)
            assert "$" in line


async def test_each_is_exported_as_itself_and_the_sum_is_that_of_all(world: World) -> None:
    async with opened_deck(world, (120, 40)) as shown:
        await split_by(shown, "api_key")
        deck = deck_of(shown)
        keys = [row.key for row in shown.breakdown.table.rows]
        document = json.loads(exports.text_of(exports.breakdown_export(deck, keys), Export.JSON, ()))
        nulls = {row["name"]: row["kind"] for row in document["rows"] if row["id"] is None}
        assert nulls == {CONSOLE: Kind.CONSOLE, REST: Kind.NOT_ALLOCATED}
        whole = deck.breakdown.breakdown.total.dollars
        assert Decimal(document["total_usd"]) == whole.amount
        text = exports.text_of(exports.breakdown_export(deck, [keys[-1]]), Export.CSV, ())
        (only,) = csv.DictReader(io.StringIO(text))
        assert (only["name"], only["kind"]) == (REST, Kind.NOT_ALLOCATED)


async def test_a_filter_for_rows_finds_money_by_its_name(world: World) -> None:
    async with opened_deck(world, (120, 40)) as shown:
        await split_by(shown, "api_key")
        await shown.press("slash", *"allocated")
        assert names(shown) == [REST]
        await shown.press("escape")
        assert shown.deck.scope.filters == Scope().filters
