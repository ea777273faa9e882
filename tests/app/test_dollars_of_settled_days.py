"""Dollars of settled days are shown as what they are: parts of a bill, or its lines, and no estimates."""

from app.decks import Shown, World, opened_deck
from app.test_command_line import said
from app.test_drilling_down import until_read
from meterdeck.present.bucket_table import table as bucket_table
from meterdeck.present.exports import breakdown_export


def pane_lines(shown: Shown, name: str) -> str:
    """The line of a pane's title."""
    return next(line for line in shown.text.splitlines() if f" {name}  " in line)


def largest(shown: Shown) -> set[str]:
    """The signs of the highest buckets of all rows of Breakdown."""
    at = shown.breakdown.table.column_keys.index("most")
    return {row.cells[_index(shown, at)].text[0] for row in shown.breakdown.table.rows}


def _index(shown: Shown, at: int) -> int:
    """Which cell of a row a column on show is."""
    return [column.key for column in shown.breakdown.table._columns].index(
        shown.breakdown.table.column_keys[at]
    )


async def test_hours_of_a_settled_day_are_shared_out_on_chart_rows_and_table(world: World) -> None:
    async with opened_deck(world, (120, 40)) as shown:
        await said(shown, "at 2026-11-12")
        await shown.press("dollar_sign")
        await until_read(shown)
        await shown.until_shown("≈$/h", "peak ≈$")
        chart = shown.deck.rates.chart
        assert chart.subject.measure.noun == "≈$"
        assert {bar.sign for bar in chart.subject.bars} == {"≈"}
        assert largest(shown) == {"≈"}
        deck = shown.deck.deck
        assert deck is not None
        columns, rows = bucket_table(deck.rates)
        assert [column.title for column in columns if column.key == "amount"] == ["≈$"]
        assert all(cell.text.startswith("≈$") for row in rows for cell in row.cells[1:2])
        keys = [row.key for row in shown.breakdown.table.rows]
        assert {row["largest_bucket_state"] for row in breakdown_export(deck, keys)["rows"]} == {"allocated"}


async def test_a_time_with_an_open_day_has_a_scale_of_estimates_and_bars_of_their_own(world: World) -> None:
    async with opened_deck(world, (120, 40)) as shown:
        await said(shown, "time 31d")
        await shown.press("dollar_sign")
        await until_read(shown)
        await shown.until_shown("~$/day")
        subject = shown.deck.rates.chart.subject
        assert subject.measure.noun == "~$"
        assert {bar.sign for bar in subject.bars} == {"", "~"}, (
            "whole days of workspaces are lines of the bill"
        )
        assert subject.bars[-1].sign == "~"


async def test_tokens_have_no_sign(world: World) -> None:
    async with opened_deck(world, (120, 40)) as shown:
        subject = shown.deck.rates.chart.subject
        assert subject.measure.noun == "tok"
        assert {bar.sign for bar in subject.bars} == {""}
