"""Sorting, filtering and marking the rows that are held; the choice outlives new data, other scopes and sizes."""

from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest

from app.decks import Shown, World, opened_deck
from meterdeck.app.messages import StoreChanged
from meterdeck.app.widgets.line import StatusLine
from meterdeck.app.widgets.panes import Pane
from meterdeck.app.widgets.table import LiveTable
from meterdeck.domain.dimensions import Dimension
from meterdeck.queries.deck import DeckReader


def listed(shown: Shown, pane: str = "breakdown") -> list[str]:
    """What stands in the first column."""
    return [row.cells[0].text for row in shown.deck.query_one(f"#{pane} .pane-content", LiveTable).rows]


def title(shown: Shown, pane: str = "breakdown") -> str:
    """A pane's title line."""
    return shown.deck.query_one(f"#{pane}", Pane).query_one(".pane-title", StatusLine).text


def header(shown: Shown, pane: str = "breakdown") -> str:
    """The line of column titles."""
    return shown.deck.query_one(f"#{pane} .pane-content", LiveTable).render_line(0).text


async def until_read(shown: Shown) -> None:
    await shown.until(
        lambda: shown.deck.deck is not None and shown.deck.deck.question == shown.deck.question,
        "the question is answered",
    )


@pytest.fixture
def reads() -> Iterator[list[Any]]:
    """The questions that the store was asked."""
    asked: list[Any] = []
    load = DeckReader.load

    def counted(self: DeckReader, question: Any, now: Any) -> Any:
        asked.append(question)
        return load(self, question, now)

    with patch.object(DeckReader, "load", counted):
        yield asked


async def test_a_column_is_chosen_then_sorted_by_then_turned_round(world: World) -> None:
    async with opened_deck(world) as shown:
        fastest = listed(shown)
        assert "tok/h▼" in header(shown)
        assert "s sort: tok/h ▼" in title(shown)
        await shown.press("less_than_sign")
        assert "s sorts by workspace" in title(shown)
        assert listed(shown) == fastest, "nothing is sorted by a choice alone"
        await shown.press("s")
        assert listed(shown) == ["batch-etl", "Default", "evals", "prod-chat"]
        assert "workspace▲" in header(shown)
        await shown.press("s")
        assert listed(shown) == ["prod-chat", "evals", "Default", "batch-etl"]
        await shown.press("greater_than_sign", "s", "S")
        assert listed(shown) == fastest[::-1]
        assert "s sort: tok/h ▲" in title(shown)


async def test_the_choice_goes_round_the_columns_that_are_on_screen(world: World) -> None:
    async with opened_deck(world, (60, 15)) as shown:
        keys = shown.breakdown.table.column_keys
        await shown.press("less_than_sign", "less_than_sign")
        assert "s sorts by 24 h" in title(shown), "left of the first is the last"
        for _ in keys:
            await shown.press("greater_than_sign")
        assert "s sorts by 24 h" in title(shown)


async def test_an_order_outlives_new_data_a_drill_down_and_another_size(world: World) -> None:
    async with opened_deck(world) as shown:
        await shown.press("less_than_sign", "s")
        in_order = listed(shown)
        deck = shown.deck.deck
        shown.deck.post_message(StoreChanged())
        await shown.until(lambda: shown.deck.deck is not deck, "it was read again")
        assert listed(shown) == in_order
        await shown.press("enter")
        await until_read(shown)
        assert listed(shown) == sorted(listed(shown))
        assert "model▲" in header(shown)
        await shown.press("escape")
        await until_read(shown)
        for size in ((60, 15), (200, 50)):
            await shown.resize(size)
            await until_read(shown)
            assert listed(shown) == in_order


async def test_a_past_time_has_an_order_of_its_own(world: World) -> None:
    async with opened_deck(world) as shown:
        await shown.press("less_than_sign", "s", "comma")
        await until_read(shown)
        assert "tokens▼" in header(shown)
        await shown.press("0")
        await until_read(shown)
        assert "workspace▲" in header(shown)


async def test_in_dollars_the_dearest_comes_first_until_the_user_sorts(world: World) -> None:
    async with opened_deck(world) as shown:
        await shown.press("dollar_sign")
        await until_read(shown)
        assert "~$/h▼" in header(shown)
        deck = shown.deck.deck
        assert deck is not None
        dearest = sorted(
            deck.breakdown.rows, key=lambda row: -row.pace.spend_per_hour.units if row.pace else 0
        )
        assert [row.key for row in shown.breakdown.table.rows] == [row.part.member.key for row in dearest]


async def test_the_cursor_stays_on_its_row_when_rows_are_sorted(world: World) -> None:
    async with opened_deck(world) as shown:
        await shown.press("j", "less_than_sign")
        key = shown.breakdown.table.cursor_key
        await shown.press("s", "s")
        assert shown.breakdown.table.cursor_key == key


async def test_months_stay_below_their_days_and_go_to_the_bottom_in_another_order(world: World) -> None:
    async with opened_deck(world, (120, 60)) as shown:
        newest_first = listed(shown, "costs")
        await shown.press("3", "S")
        oldest_first = listed(shown, "costs")
        assert oldest_first[-1].startswith("Nov")
        assert set(oldest_first) == set(newest_first)
        assert newest_first.index(oldest_first[0]) + 1 < len(newest_first)
        assert newest_first[newest_first.index(oldest_first[0]) + 1].startswith(("Oct", "Nov"))
        # What open days were billed so far stands between the day and its total.
        await shown.press("greater_than_sign", "greater_than_sign", "s")
        assert "total▼" in header(shown, "costs")
        rows = shown.days
        at = shown.deck.costs.table.column_keys.index("total")
        totals = [row.values[at] for row in rows if not row.is_sum]
        assert totals == sorted(totals, reverse=True)  # type: ignore[type-var] # all of them are amounts
        months = [row.is_sum for row in rows]
        assert months == sorted(months), "sums come last"
        assert "s sort: tok/h ▼" in title(shown), "Breakdown has an order of its own"


async def test_a_filter_works_as_it_is_typed_and_stays_when_the_keys_are_given_back(
    world: World, reads: list[Any]
) -> None:
    async with opened_deck(world, (120, 24)) as shown:
        asked = len(reads)
        await shown.press("slash", *"at")
        assert set(listed(shown)) == {"prod-chat", "batch-etl"}
        assert "2 of 4" in title(shown)
        assert "% of tokens" in title(shown)
        await shown.press("backspace", "backspace", *"!q")
        assert len(listed(shown)) == 4, "q is a letter here"
        await shown.press("backspace", *"prod", "enter")
        assert shown.pane_with_keyboard == "breakdown"
        assert len(listed(shown)) == 3
        assert "/ !prod" in title(shown)
        await shown.press("j", "G")
        assert shown.breakdown.table.position == "3 of 3"
        assert len(reads) == asked, "the rows that are held are enough"
        await shown.press("escape")
        assert len(listed(shown)) == 4
        assert "/ !prod" not in title(shown)


async def test_escape_in_the_field_shows_every_row_again_and_leaves_the_scope(world: World) -> None:
    async with opened_deck(world) as shown:
        await shown.press("enter")
        await until_read(shown)
        scope, all_of_them = shown.deck.scope, listed(shown)
        await shown.press("slash", *"opus")
        assert listed(shown) != all_of_them
        await shown.press("escape")
        assert (listed(shown), shown.deck.scope) == (all_of_them, scope)
        await shown.press("slash", *"opus", "enter", "escape")
        assert (listed(shown), shown.deck.scope) == (all_of_them, scope)
        await shown.press("escape")
        assert shown.deck.scope != scope


async def test_where_no_row_is_left_nothing_can_be_entered_and_the_footer_says_so(world: World) -> None:
    async with opened_deck(world) as shown:
        assert "⏎ in" in shown.text
        await shown.press("slash", *"zzz", "enter")
        await shown.until(lambda: "⏎" not in shown.text, "Enter is offered no more")
        await shown.press("escape")
        await shown.until_shown("⏎ in")


async def test_a_scope_without_rows_offers_no_way_in(world: World) -> None:
    async with opened_deck(world) as shown:
        await shown.press("colon", *"workspace evals", "enter", "colon", *"since 14:31", "enter")
        await until_read(shown)
        assert listed(shown) == []
        assert "⏎ in" not in shown.text


async def test_what_is_typed_takes_the_place_of_the_filter_before_and_cursor_keys_mend_it(
    world: World,
) -> None:
    async with opened_deck(world) as shown:
        await shown.press("slash", *"evals", "enter", "slash", *"prod", "enter")
        assert listed(shown) == ["prod-chat"]
        await shown.press("slash", "end", *"uct", "enter")
        assert "/ product" in title(shown)
        await shown.press("slash", "enter")
        assert "/ product" in title(shown), "who types nothing keeps it"


async def test_escape_takes_a_filter_away_first_wherever_the_keyboard_is(world: World) -> None:
    async with opened_deck(world) as shown:
        await shown.press("enter")
        await until_read(shown)
        scope, all_of_them = shown.deck.scope, listed(shown)
        await shown.press("slash", *"opus", "enter", "3", "slash", *"fri", "enter")
        await shown.press("escape")
        assert (len(listed(shown, "costs")) > 1, listed(shown) != all_of_them) == (True, True)
        await shown.press("escape")
        assert (listed(shown), shown.deck.scope) == (all_of_them, scope)
        await shown.press("escape")
        assert shown.deck.scope != scope


async def test_escape_from_the_whole_screen_leaves_the_filters_of_panes_that_nobody_sees(
    world: World,
) -> None:
    async with opened_deck(world) as shown:
        await shown.press("slash", *"prod", "enter", "3", "z", "escape")
        assert not shown.deck.is_zoomed
        assert listed(shown) == ["prod-chat"]
        await shown.press("escape")
        assert len(listed(shown)) == 4


async def test_an_expression_filters_and_a_broken_one_says_so_and_leaves_every_row(world: World) -> None:
    async with opened_deck(world, (120, 40)) as shown:
        await shown.press("slash", "slash", *"(", "d", "e")
        await shown.until_shown("no expression: missing )")
        assert len(listed(shown)) == 4
        await shown.press(*["backspace"] * 3, *"^[de]", "slash")
        assert set(listed(shown)) == {"Default", "evals"}
        assert "no expression: missing )" not in shown.text


async def test_an_expression_that_would_never_end_says_what_works_and_holds_up_no_key(world: World) -> None:
    async with opened_deck(world) as shown:
        await shown.press("slash", "slash", *r"(\w+)+!")
        await shown.until_shown("takes too long, so every row is shown")
        assert "too slow: every row is shown" in title(shown)
        assert len(listed(shown)) == 4
        await shown.press("enter", "slash", "escape")
        await shown.until(lambda: "takes too long" not in shown.text, "it is said no more")
        assert "too slow" not in title(shown)


async def test_where_there_is_little_room_the_reason_is_told_whole(world: World) -> None:
    async with opened_deck(world, (60, 15)) as shown:
        await shown.press("slash", "slash", "(")
        await shown.until_shown("missing )")


async def test_a_filter_goes_with_its_rows_and_comes_back_with_them(world: World) -> None:
    async with opened_deck(world) as shown:
        await shown.press("slash", *"prod", "enter")
        deck = shown.deck.deck
        shown.deck.post_message(StoreChanged())
        await shown.until(lambda: shown.deck.deck is not deck, "it was read again")
        assert listed(shown) == ["prod-chat"]
        await shown.press("enter")
        await until_read(shown)
        assert "/ prod" not in title(shown)
        assert len(listed(shown)) > 1
        await shown.press("escape")
        await until_read(shown)
        assert listed(shown) == ["prod-chat"]
        assert "/ prod" in title(shown)


async def test_a_filter_that_leaves_nothing_keeps_the_keyboard_where_it_is(world: World) -> None:
    async with opened_deck(world) as shown:
        await shown.press("slash", *"zz", "enter")
        assert listed(shown) == []
        assert "0 of 4" in title(shown)
        assert shown.pane_with_keyboard == "breakdown"
        await shown.press("enter", "space", "c", "s", "escape")
        assert len(listed(shown)) == 4


async def test_days_are_filtered_by_their_names_and_dates(world: World) -> None:
    async with opened_deck(world, (120, 60)) as shown:
        await shown.press("3", "slash", *"sat")
        assert {name[:3] for name in listed(shown, "costs")} == {"Sat"}
        assert len(listed(shown)) == 4, "Breakdown is another pane"
        await shown.press(*["backspace"] * 3, *"2026-11-20", "enter")
        assert listed(shown, "costs") == ["Fri 20…"]
        assert shown.pane_with_keyboard == "costs"


async def test_tab_leaves_the_field_and_the_filter_stays(world: World) -> None:
    async with opened_deck(world) as shown:
        await shown.press("slash", *"prod", "tab")
        assert shown.pane_with_keyboard == "costs"
        await shown.until(lambda: "/ prod" in title(shown), "the filter is named in the title")
        assert listed(shown) == ["prod-chat"]


async def test_two_filters_of_the_pickers_hold_together(world: World) -> None:
    async with opened_deck(world) as shown:
        await shown.press("w", *"t", "ctrl+a", "ctrl+r", "space", "enter")
        await until_read(shown)
        await shown.press("m", *"opus-5", "ctrl+a", "enter")
        await until_read(shown)
        dimensions = {f.dimension: len(f.members) for f in shown.deck.scope.filters}
        assert set(dimensions) == {Dimension.WORKSPACE, Dimension.MODEL}


async def test_marks_are_signs_at_two_rows_at_most_and_stay_with_them(world: World) -> None:
    async with opened_deck(world) as shown:
        await shown.press("space", "j", "space", "j", "space")
        signs = [row.sign for row in shown.breakdown.table.rows]
        assert signs == ["", "✓", "✓", ""], "the third takes the place of the oldest"
        assert "✓ 2 marked, c compares" in title(shown)
        marked = {row.key for row in shown.breakdown.table.rows if row.sign}
        await shown.press("S")
        assert {row.key for row in shown.breakdown.table.rows if row.sign} == marked
        await shown.press("space")
        assert len([row for row in shown.breakdown.table.rows if row.sign]) == 1


@pytest.mark.parametrize(("width", "hint"), [(80, "name or id, !not, /re/"), (40, "name, !not, /re/")])
async def test_what_can_be_typed_is_said_in_as_many_words_as_fit(world: World, width: int, hint: str) -> None:
    async with opened_deck(world, (width, 15)) as shown:
        await shown.press("slash")
        await shown.until(lambda: f"/ {hint}" in shown.text, "the field says what can be typed")
