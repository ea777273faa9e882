"""Time by the keyboard: longer and shorter, earlier and later, back to now; tokens or dollars; whose clock."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from app.decks import Shown, World, opened, opened_deck
from meterdeck.app.commands import COMMANDS
from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.measure import Measure
from meterdeck.domain.scope import Scope, Since, Span
from meterdeck.store import Store, thinning

KEYS = {command.id: command.keys[0] for command in COMMANDS if command.keys}


async def press(shown: Shown, *ids: str) -> None:
    """Press the keys of commands, and wait until the deck shows what they ask for."""
    for command in ids:
        await shown.press(KEYS[command])
    await shown.until(
        lambda: shown.deck.deck is not None and shown.deck.deck.question == shown.deck.question,
        f"{ids} are answered",
    )


def is_whole(shown: Shown) -> bool:
    """Whether the scope on show is read, and lacks nothing."""
    found = shown.deck.deck
    return found is not None and found.scope == shown.deck.scope and found.rates.hours.complete


async def test_t_goes_through_every_time_that_can_be_looked_at(world: World) -> None:
    async with opened_deck(world) as shown:
        for words in ("7 d", "31 d", "Nov"):
            await press(shown, "time.longer")
            await shown.until_shown(f"▸ {words}")
        for words in ("31 d", "7 d", "24 h", "6 h", "1 h"):
            await press(shown, "time.shorter")
            await shown.until_shown(f", {words}")
        await shown.until_shown("tokens/min")
        assert shown.deck.deck is not None
        assert shown.deck.deck.rates.width is BucketWidth.MINUTE


async def test_a_past_time_tells_what_was_taken_and_how_it_has_changed(world: World) -> None:
    async with opened_deck(world, (120, 40)) as shown:
        await press(shown, "time.earlier")
        await shown.until_shown("Fri 20 Nov", "Δ before")
        titles = [column.title for column in shown.breakdown.table._columns]
        assert "tok/h" not in titles, "what is of now has no place in a past time"
        await press(shown, "time.earlier")
        await press(shown, "time.later")
        await press(shown, "time.later")
        assert shown.deck.scope == Scope()
        await press(shown, "time.earlier", "time.earlier")
        await press(shown, "time.now")
        assert shown.deck.scope == Scope()


async def test_where_filters_leave_the_header_no_room_for_the_time_a_title_tells_it(world: World) -> None:
    async with opened_deck(world, (60, 15)) as shown:
        await press(shown, "deck.enter", "deck.enter", "deck.enter", "time.longer", "time.earlier")
        for pane in ("breakdown", "costs", "rates"):
            await press(shown, f"deck.{pane}")
            titled = "Sat 7 – Sat 14 Nov" if pane != "rates" else "Sat 7 Nov 15:00 – Sat 14 Nov 15:00Z"
            await shown.until_shown(titled)


async def test_the_peak_of_more_than_a_day_says_which_day_it_was_on(world: World) -> None:
    async with opened_deck(world, (120, 40)) as shown:
        await press(shown, "deck.rates", "deck.zoom", "time.longer")
        deck = shown.deck.deck
        assert deck is not None
        assert deck.rates.peak is not None
        start = deck.rates.peak.start
        await shown.until(
            lambda: f"{start:%a} {start.day} {start:%H:%M}" in shown.text.split("peak ")[1][:40],
            "the day is told",
        )


async def test_escape_in_the_first_scope_leads_back_to_now(world: World) -> None:
    async with opened_deck(world) as shown:
        await press(shown, "time.earlier")
        await press(shown, "deck.back")
        assert shown.deck.scope == Scope()


async def test_the_last_scope_is_one_key_away(world: World) -> None:
    async with opened_deck(world) as shown:
        await press(shown, "deck.enter", "time.longer")
        narrow = shown.deck.scope
        await press(shown, "deck.back")
        await press(shown, "deck.swap")
        assert shown.deck.scope == narrow
        assert narrow.span is Span.WEEK


async def test_going_back_puts_the_cursor_on_the_row_that_was_left(world: World) -> None:
    async with opened_deck(world) as shown:
        await shown.press(KEYS["deck.down"], KEYS["deck.down"])
        left = shown.breakdown.table.cursor_key
        await press(shown, "deck.enter")
        await press(shown, "deck.enter")
        await press(shown, "deck.back", "deck.back")
        await shown.until(lambda: shown.breakdown.table.cursor_key == left, "the cursor is back")


async def test_a_dollar_shows_dollars_and_another_one_tokens_again(world: World) -> None:
    async with opened_deck(world) as shown:
        await press(shown, "deck.measure")
        await shown.until_shown("~$/h, 24 h")
        assert shown.deck.question.measure is Measure.USD
        await press(shown, "deck.measure")
        await shown.until_shown("tokens/h, 24 h")


async def test_minutes_of_a_past_hour_are_asked_for_and_appear(world: World) -> None:
    async with opened_deck(world) as shown:
        await press(shown, "time.shorter", "time.shorter")
        hour = Window(BucketWidth.HOUR.floor(world.clock.now), BucketWidth.HOUR.after(world.clock.now))
        await press(shown, *["time.earlier"] * 4)
        deck = shown.deck
        assert isinstance(deck.scope.at, Window)
        assert deck.scope.at.end <= hour.start

        def is_read() -> bool:
            found = deck.deck
            return found is not None and all(bar.amount is not None for bar in found.rates.bars)

        await shown.until(is_read, "the minutes are there")


async def test_u_turns_to_local_time_and_says_whose_it_is(world: World) -> None:
    session = replace(world.session, local=lambda: ZoneInfo("Asia/Kolkata"))
    async with opened(session, (120, 40)) as shown:
        await shown.until_shown("14:32Z")
        await press(shown, "deck.zone")
        await shown.until_shown("20:02 IST")
        await press(shown, "deck.zone")
        await shown.until_shown("14:32Z")


async def test_u_writes_the_chart_and_what_its_cursor_stands_on_by_the_other_clock(world: World) -> None:
    session = replace(world.session, local=lambda: ZoneInfo("Asia/Tokyo"))
    async with opened(session, (120, 40)) as shown:
        await shown.until_shown("14:32Z")
        await press(shown, "time.left")
        await shown.until_shown("Sat 21 Nov  14:00–15:00Z", "▲14:00")
        await press(shown, "deck.zone")
        await shown.until_shown("Sat 21 Nov  23:00–00:00 JST", "▲23:00")
        await press(shown, "deck.zone")
        await shown.until_shown("Sat 21 Nov  14:00–15:00Z", "▲14:00")


async def test_v_measures_the_lines_of_all_rows_by_one_scale_and_again_by_their_own(world: World) -> None:
    async with opened_deck(world, (120, 40)) as shown:

        def lines() -> dict[object, str]:
            return {row.key: row.cells[-1].text for row in shown.breakdown.table.rows}

        own = lines()
        assert "one scale" not in shown.text
        assert all("█" in line for line in own.values())
        await press(shown, "rows.scale")
        shared = lines()
        assert sum("█" in line for line in shared.values()) == 1, "one row is the highest"
        assert "one scale" in shown.text
        await press(shown, "rows.scale")
        assert lines() == own


async def test_enter_on_a_minute_looks_from_it_until_now_with_what_that_took_and_escape_goes_back(
    world: World,
) -> None:
    async with opened_deck(world) as shown:
        await press(shown, "deck.rates", "time.shorter", "time.shorter", *["time.left"] * 20)
        hour = shown.deck.scope
        minute = shown.deck.rates.bucket
        assert minute is not None
        assert minute.duration == BucketWidth.MINUTE.delta
        await press(shown, "deck.enter")
        assert shown.deck.scope.at == Since(minute.start)
        await shown.until_shown(f"since {minute.start:%H:%M}")
        usd = shown.breakdown.table.column_keys.index("usd")
        assert shown.breakdown.table.rows[0].cells[usd].text.startswith("~$")
        await press(shown, *["time.left"] * 20)
        first = shown.deck.rates.bucket
        assert first is not None
        assert first.start == minute.start
        footer = shown.text.splitlines()[-1]
        assert "⏎" not in footer, "it is since then already"
        await press(shown, "deck.back", "deck.back")
        assert shown.deck.scope == hour


async def test_minutes_of_an_hour_that_a_time_cuts_are_asked_for_and_every_figure_is_of_them(
    world: World,
) -> None:
    async with opened_deck(world, (120, 40)) as shown:
        engine = shown.app.engine
        assert engine is not None
        await shown.until(lambda: engine.collecting, "this session collects")
        shown.deck.look_since("2026-11-17 14:05")
        await press(shown, "deck.rates")

        await shown.until(lambda: is_whole(shown), "the minutes are there")
        await shown.until_shown("since Tue 17 Nov 14:05Z", "◆ demo")
        deck = shown.deck.deck
        assert deck is not None
        total = deck.rates.whole.tokens.total
        assert sum(bar.amount or 0 for bar in deck.rates.bars) == total
        assert sum(row.part.tokens.total for row in deck.breakdown.rows) == total
        await shown.press("home")
        await shown.until_shown("14:05–15:00Z")


async def test_minutes_that_went_again_are_asked_for_again(world: World) -> None:
    async with opened_deck(world) as shown:
        engine = shown.app.engine
        assert engine is not None
        await shown.until(lambda: engine.collecting, "this session collects")
        shown.deck.look_since("2026-11-17 14:05")

        for _ in range(2):
            await shown.until(lambda: is_whole(shown), "the minutes are there")
            before = len(world.server.asked)
            store = Store(world.store)
            assert thinning.thin(store, world.clock())
            store.close()
            await shown.until(lambda before=before: len(world.server.asked) > before, "it is asked again")  # type: ignore[misc]


async def test_a_time_since_a_moment_is_there_again_after_one_look_at_what_was_before(world: World) -> None:
    async with opened_deck(world) as shown:
        shown.deck.look_since("14:05")
        since = shown.deck.scope
        await press(shown, "time.earlier")
        await shown.until_shown("Sat 21 Nov 13:37–14:05Z")
        await press(shown, "time.later")
        assert shown.deck.scope == since
        await shown.until_shown("since 14:05Z")


async def test_each_hour_of_the_day_whose_clock_shows_one_twice_is_read_off_and_entered(world: World) -> None:
    session = replace(world.session, local=lambda: ZoneInfo("America/New_York"))
    async with opened(session, (120, 40)) as shown:
        await shown.until_shown("14:32Z")
        await press(shown, "deck.zone")
        await shown.press("colon", *"at", "space", *"2026", "minus", *"11", "minus", *"01", "enter", "1")
        await press(shown)
        read_off = []
        await press(shown, "time.left")
        for _ in range(25):
            bucket = shown.deck.rates.bucket
            assert bucket is not None
            read_off.append(bucket.start)
            await press(shown, "time.left")
        assert read_off == [
            datetime(2026, 11, 2, 4, tzinfo=UTC) - hours * BucketWidth.HOUR.delta for hours in range(25)
        ]
        assert "Sun 1 Nov  00:00–01:00 EDT" in shown.text
        await press(shown, "time.right")
        await shown.until_shown("Sun 1 Nov  01:00 EDT–01:00 EST")
        await press(shown, "deck.enter")
        assert shown.deck.scope.at == Window(read_off[-2], read_off[-3])


async def test_under_a_time_that_is_past_the_line_of_minutes_says_that_it_is_of_now(world: World) -> None:
    async with opened_deck(world) as shown:
        assert "now, 1 min" not in shown.text
        await press(shown, "time.earlier")
        await shown.until_shown("now, 1 min ", " 4 in Thu 19 Nov 15:00 – Fri 20 Nov 15:00Z")
        await press(shown, "time.later")
        await shown.until(lambda: "now, 1 min" not in shown.text, "it is the time on show again")


async def test_of_a_key_whose_bill_nobody_splits_costs_says_so_before_the_time_of_other_panes(
    world: World,
) -> None:
    async with opened_deck(world) as shown:
        await press(shown, "deck.by", "deck.by", "deck.enter", "time.earlier")
        await shown.until_shown("shared out ≈")
        await shown.resize((120, 40))
        await shown.until_shown("shared out ≈")


async def test_costs_says_of_which_panes_a_time_is_that_is_not_its_own(world: World) -> None:
    async with opened_deck(world, (60, 15)) as shown:
        await press(shown, "deck.enter", "deck.costs", "time.earlier")
        await shown.until_shown("other panes: Thu 19 – Fri 20 Nov")


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (100, 30), (120, 40)])
async def test_rates_tells_the_newest_value_and_the_peak_however_wide_it_is(
    world: World, size: tuple[int, int]
) -> None:
    async with opened_deck(world, size) as shown:
        await press(shown, "deck.rates")
        await shown.until_shown(" ░", "peak ", "  max ", "last ")
