"""Rates on the whole screen: one cursor, the chart's, whose bucket is also a row that every key for rows obeys."""

import pytest

from app.decks import Shown, World, opened_deck
from app.test_drilling_down import until_read
from meterdeck.app.widgets.footer import KeyFooter
from meterdeck.domain.buckets import BucketWidth, Window


async def until_zoomed(shown: Shown) -> None:
    await shown.press("1", "z")
    await until_read(shown)
    await shown.until(lambda: bool(shown.deck.rates.table.rows), "the buckets are there")


def marked(shown: Shown) -> str:
    """The row that the cursor is drawn on."""
    return next((line for line in shown.text.splitlines() if line.startswith("▶")), "")


async def test_no_row_has_a_cursor_until_a_key_puts_it_there(world: World) -> None:
    async with opened_deck(world) as shown:
        await until_zoomed(shown)
        assert marked(shown) == ""
        await shown.press("j")
        assert marked(shown).startswith("▶  Sat 21 Nov 14:00Z")
        await shown.press("escape", "escape")
        assert not shown.deck.rates.is_read_off


async def test_rows_and_bars_are_walked_by_one_cursor(world: World) -> None:
    async with opened_deck(world) as shown:
        await until_zoomed(shown)
        await shown.press("left", "left")
        assert marked(shown).startswith("▶  Sat 21 Nov 13:00Z")
        await shown.press("j", "j", "k")
        assert marked(shown).startswith("▶  Sat 21 Nov 12:00Z")
        assert "▲12:00" in shown.text
        await shown.press("right")
        assert marked(shown).startswith("▶  Sat 21 Nov 13:00Z")
        await shown.press("G")
        assert shown.deck.rates.table.position == "24 of 24"
        assert "▲15:00" in shown.text
        await shown.press("g")
        assert "▲14:00" in shown.text


async def test_enter_goes_into_the_bucket_of_the_row(world: World) -> None:
    async with opened_deck(world) as shown:
        await until_zoomed(shown)
        await shown.press("j", "j", "enter")
        await until_read(shown)
        hour = shown.deck.scope.at
        assert isinstance(hour, Window)
        assert (hour.start.hour, hour.duration) == (13, BucketWidth.HOUR.delta)


async def test_a_row_is_entered_alone_where_one_bar_stands_for_several(world: World) -> None:
    async with opened_deck(world, (60, 24)) as shown:
        await shown.press("t")
        await until_read(shown)
        await until_zoomed(shown)
        assert shown.deck.rates.chart.buckets_per_bar > 1
        await shown.press("j", "j", "j")
        assert shown.deck.rates.table.position == "3 of 168"
        await shown.press("enter")
        await until_read(shown)
        hour = shown.deck.scope.at
        assert isinstance(hour, Window)
        assert (hour.start.hour, hour.duration) == (12, BucketWidth.HOUR.delta)


@pytest.mark.parametrize(("measure", "amount"), [((), " tokens, "), (("dollar_sign",), "~$")])
async def test_y_copies_the_bucket_under_the_cursor(
    world: World, measure: tuple[str, ...], amount: str
) -> None:
    async with opened_deck(world) as shown:
        await until_zoomed(shown)
        await shown.press(*measure, "y")
        assert shown.app.clipboard == ""
        await shown.press("j", "j", "y")
        copied = shown.app.clipboard
        assert copied.startswith("hour 2026-11-21T13:00Z: ")
        assert amount in copied
        assert " on the hour before" in copied
        assert "; prod-chat " in copied


async def test_keys_that_arrange_rows_change_nothing_that_is_hidden(world: World) -> None:
    async with opened_deck(world, (120, 40)) as shown:
        before = shown.text
        await until_zoomed(shown)
        footer = shown.deck.query_one(KeyFooter).text
        for words in ("/ filter", "s sort", "c compare"):
            assert words not in footer
        await shown.press("s", "S", "greater_than_sign", "space", "v", "slash", "e")
        await shown.press("escape")
        assert shown.deck.is_zoomed
        assert shown.pane_with_keyboard == "rates"
        await shown.press("z", "2")
        await shown.until(lambda: shown.text == before, "the deck is as it was")


async def test_the_cursor_stays_on_its_bucket_when_a_newer_one_comes(world: World) -> None:
    async with opened_deck(world) as shown:
        await until_zoomed(shown)
        await shown.press("j", "j")
        world.clock.now = world.clock.now.replace(hour=15)
        shown.deck.load()
        await shown.until(lambda: shown.deck.rates.table.position == "3 of 24", "an hour has passed")
        assert marked(shown).startswith("▶  Sat 21 Nov 13:00Z")
        assert "▲13:00" in shown.text


@pytest.mark.parametrize("size", [(60, 15), (40, 10)])
async def test_the_chart_is_whole_on_a_low_screen_while_something_is_said(
    world: World, size: tuple[int, int]
) -> None:
    async with opened_deck(world, size) as shown:
        shown.deck.cannot_collect("This is said all the time.")
        await until_zoomed(shown)
        chart = shown.deck.rates.chart
        await shown.until(lambda: chart.size.height > 0, "the chart has its lines")
        assert chart.region.bottom < shown.deck.query_one("#notice").region.y, (
            "the line of minutes is beneath it"
        )
        assert " 0┤" in shown.text
        assert "/min" in shown.text, "the line of minutes"
        await shown.press("left", "left")
        await shown.until_shown("13:00–14:00Z", "▲")


@pytest.mark.parametrize("size", [(60, 15), (60, 16), (60, 20)])
async def test_the_parts_are_named_on_a_low_screen_while_something_is_said(
    world: World, size: tuple[int, int]
) -> None:
    async with opened_deck(world, size) as shown:
        shown.deck.cannot_collect("This is said all the time.")
        await until_zoomed(shown)
        await shown.until_shown("tok/h █ prod-chat  █ ", "hour  ", "Sat 21 Nov 13:00Z")


async def test_the_cursor_stays_on_its_moment_in_the_buckets_of_another_time(world: World) -> None:
    async with opened_deck(world) as shown:
        await shown.press("1", "t", "left", "left", "left")
        await until_read(shown)
        await until_zoomed(shown)
        assert marked(shown).startswith("▶  Sat 21 Nov 09:00Z"), "the first hour of its bar"
        await shown.press("t")
        await until_read(shown)
        await shown.until(lambda: marked(shown).startswith("▶  Sat 21 Nov  "), "its day has the cursor")
        await shown.press("T")
        await until_read(shown)
        await shown.until(lambda: marked(shown).startswith("▶  Sat 21 Nov 09:00Z"), "its hour has it again")


async def test_an_hour_that_is_entered_begins_with_its_newest_minute_under_the_cursor(world: World) -> None:
    async with opened_deck(world) as shown:
        await until_zoomed(shown)
        await shown.press("j", "j", "j", "enter")
        await until_read(shown)
        await shown.until(lambda: marked(shown).startswith("▶  Sat 21 Nov 12:59Z"), "the cursor is there")
        assert shown.deck.rates.table.scroll_offset.y == 0
        await shown.press("j")
        assert marked(shown).startswith("▶  Sat 21 Nov 12:58Z")


async def test_a_minute_that_still_fills_is_neither_a_rise_nor_a_fall(world: World) -> None:
    async with opened_deck(world) as shown:
        await shown.press("1", "T", "T")
        await until_read(shown)
        await until_zoomed(shown)
        rows = shown.deck.rates.table.rows
        filling = [row for row in rows if row.cells[4].text in {"settling", "running"}]
        assert len(filling) > 3
        assert {row.cells[2].text for row in filling} == {"—"}
        assert any(row.cells[2].text.endswith("%") for row in rows if not row.cells[4].text)


async def test_escape_leaves_an_hour_that_was_entered_before_the_whole_screen_and_the_time_before_it(
    world: World,
) -> None:
    async with opened_deck(world) as shown:
        shown.deck.look_at("2026-11-18")
        day = shown.deck.scope
        await until_read(shown)
        await until_zoomed(shown)
        await shown.press("j", "j", "j", "enter")
        await until_read(shown)
        assert shown.deck.trail.depth == 1

        await shown.press("escape")
        await until_read(shown)
        assert shown.deck.scope == day
        assert shown.deck.is_zoomed
        assert marked(shown).startswith("▶  Wed 18 Nov 21:00Z"), "the row that was left"
        await shown.press("escape")
        await until_read(shown)
        assert shown.deck.scope == day
        assert not shown.deck.is_zoomed
        await shown.press("escape")
        await until_read(shown)
        assert shown.deck.scope.at is None
        assert not shown.deck.rates.is_read_off


async def test_escape_takes_a_cursor_away_first_that_was_moved_in_an_hour_that_was_entered(
    world: World,
) -> None:
    async with opened_deck(world) as shown:
        await until_zoomed(shown)
        await shown.press("j", "j", "enter")
        await until_read(shown)
        hour = shown.deck.scope
        await shown.press("j", "escape")
        assert marked(shown) == ""
        assert (shown.deck.scope, shown.deck.is_zoomed) == (hour, True)
        await shown.press("escape")
        assert (shown.deck.trail.depth, shown.deck.is_zoomed) == (0, True)


async def test_escape_gives_the_screen_back_first_where_that_was_chosen_last(world: World) -> None:
    async with opened_deck(world) as shown:
        await shown.press("1", "left", "left", "enter")
        await until_read(shown)
        await shown.press("left")
        hour = shown.deck.scope
        await until_zoomed(shown)
        await shown.press("escape")
        assert not shown.deck.is_zoomed
        assert shown.deck.scope == hour
        assert shown.deck.rates.is_read_off


async def test_escape_undoes_a_time_that_was_chosen_on_the_whole_screen_before_it(world: World) -> None:
    async with opened_deck(world) as shown:
        await until_zoomed(shown)
        await shown.press("comma", "escape")
        assert shown.deck.scope.at is None
        assert shown.deck.is_zoomed
        await shown.press("escape")
        assert not shown.deck.is_zoomed
