from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.pilot import Pilot

from meterdeck.app.widgets.table import NO_ROW, LiveTable
from meterdeck.present.columns import Cell, Column, Row

COLUMNS = (
    Column(key="name", title="workspace", width=12, min_width=6, max_width=20, grow=1, priority=9),
    Column(key="tokens", title="tok/h", width=6, align="right", priority=8),
    Column(key="change", title="Δ1h", width=6, align="right", priority=5),
)
TOKENS_X = 3 + 20 + 2
WHOLE = Region()
"""Stands for a refresh of the whole widget."""


class RecordingTable(LiveTable):
    def __init__(self) -> None:
        super().__init__()
        self.refreshed: list[Region] = []

    def refresh(self, *regions: Region, **options: Any) -> "RecordingTable":
        self.refreshed.extend(regions or [WHOLE])
        return super().refresh(*regions, **options)

    def shown(self) -> list[str]:
        return [self.render_line(y).text.rstrip() for y in range(self.size.height)]


class Host(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.highlighted: list[object] = []
        self.selected: list[object] = []
        self.table = RecordingTable()

    def compose(self) -> ComposeResult:
        yield self.table

    def on_live_table_highlighted(self, message: LiveTable.Highlighted) -> None:
        self.highlighted.append(message.key)

    def on_live_table_selected(self, message: LiveTable.Selected) -> None:
        self.selected.append(message.key)


def row(name: str, tokens: str = "61.2M", change: str = "+84%") -> Row:
    return Row(name, (Cell(name), Cell(tokens), Cell(change, "up")))


def rows_of(count: int) -> list[Row]:
    return [row(f"ws-{index}") for index in range(count)]


@asynccontextmanager
async def running(
    rows: list[Row], size: tuple[int, int] = (60, 8)
) -> AsyncIterator[tuple[Pilot[None], Host, RecordingTable]]:
    app = Host()
    async with app.run_test(size=size) as pilot:
        app.table.set_rows(COLUMNS, rows)
        app.table.focus()
        await pilot.pause()
        app.table.refreshed.clear()
        yield pilot, app, app.table


async def test_rows_stand_in_columns_under_a_header_with_the_cursor_marked() -> None:
    async with running([row("prod-chat"), row("日本語", "9.8M", "−3%"), row("[red]x[/]", "0", "—")]) as (
        _,
        _,
        table,
    ):
        assert table.shown()[:5] == [
            "   workspace              tok/h     Δ1h",
            "▶  prod-chat              61.2M    +84%",
            "   日本語                  9.8M     −3%",
            "   [red]x[/]                  0       —",
            "",
        ]


async def test_only_the_cells_that_changed_are_repainted() -> None:
    async with running(rows_of(5)) as (_, _, table):
        rows = rows_of(5)
        rows[2] = row("ws-2", "61.3M")
        table.set_rows(COLUMNS, rows)
        assert table.refreshed == [Region(TOKENS_X, 3, 6, 1)]
        assert "61.3M" in table.shown()[3]


async def test_the_same_rows_again_repaint_nothing() -> None:
    async with running(rows_of(5)) as (_, _, table):
        table.set_rows(COLUMNS, rows_of(5))
        assert table.refreshed == []


async def test_a_change_out_of_sight_repaints_nothing() -> None:
    async with running(rows_of(50)) as (_, _, table):
        rows = rows_of(50)
        rows[40] = row("ws-40", "1")
        table.set_rows(COLUMNS, rows)
        assert table.refreshed == []


async def test_a_change_below_the_first_screen_is_repainted_where_it_is_seen() -> None:
    async with running(rows_of(50)) as (pilot, _, table):
        table.action_cursor_end()
        await pilot.pause()
        table.refreshed.clear()
        rows = rows_of(50)
        rows[43] = row("ws-43", "1")
        table.set_rows(COLUMNS, rows)
        assert table.refreshed == [Region(TOKENS_X, 1, 6, 1)]


async def test_a_move_of_the_cursor_repaints_two_rows() -> None:
    async with running(rows_of(5)) as (_, _, table):
        table.action_cursor_down()
        assert table.refreshed == [Region(0, 1, 60, 1), Region(0, 2, 60, 1)]


async def test_all_changes_of_a_row_are_one_repaint() -> None:
    async with running(rows_of(5)) as (_, _, table):
        rows = rows_of(5)
        rows[2] = row("ws-2", "61.3M", "+85%")
        table.set_rows(COLUMNS, rows)
        assert table.refreshed == [Region(TOKENS_X, 3, 6 + 2 + 6, 1)]


async def test_the_cursor_leaves_a_drawing_in_its_colours_and_does_not_repaint_it() -> None:
    drawn = (*COLUMNS, Column(key="spark", title="24 h", width=4, priority=7, drawn=True))
    rows = [
        Row(index, (Cell(f"ws-{index}"), Cell("1"), Cell("2"), Cell("▁▂▃▄", "accent"))) for index in range(3)
    ]
    async with running([]) as (pilot, _, table):
        table.set_rows(drawn, rows)
        await pilot.pause()
        plain, covered = (
            {char: segment.style for segment in table.render_line(y) for char in segment.text} for y in (2, 1)
        )
        assert covered["▃"] == plain["▃"]
        assert covered["w"] != plain["w"]
        table.refreshed.clear()
        table.action_cursor_down()
        x = TOKENS_X + 6 + 2 + 6 + 2
        assert table.refreshed == [Region(0, 1, x, 1), Region(0, 2, x, 1)]


async def test_a_change_of_style_is_written_only_where_there_is_one() -> None:
    async with running(rows_of(3)) as (_, _, table):
        words = [segment.text.strip() for segment in table.render_line(2)]
        assert words == ["ws-1                   61.2M", "+84%", ""]
        assert len(list(table.render_line(1))) == 1  # the cursor's one colour


async def test_the_cursor_stays_on_its_key_when_rows_are_reordered() -> None:
    async with running(rows_of(5)) as (pilot, app, table):
        table.move_to_key("ws-1")
        await pilot.pause()
        app.highlighted.clear()
        table.set_rows(COLUMNS, list(reversed(rows_of(5))))
        await pilot.pause()
        assert (table.cursor_key, table.position) == ("ws-1", "4 of 5")
        assert table.shown()[4].startswith("▶  ws-1")
        assert app.highlighted == []


async def test_the_cursor_goes_to_the_nearest_row_when_its_own_vanishes() -> None:
    async with running(rows_of(5)) as (pilot, app, table):
        table.action_cursor_end()
        table.set_rows(COLUMNS, rows_of(4))
        await pilot.pause()
        assert table.cursor_key == "ws-3"
        assert app.highlighted[-1] == "ws-3"


async def test_a_row_whose_key_is_none_is_found_again_and_is_not_what_an_empty_table_means() -> None:
    rows = [*rows_of(9), replace(rows_of(1)[0], key=None)]
    async with running(rows) as (pilot, _, table):
        table.move_to(3)
        table.set_rows(COLUMNS, [])
        table.set_rows(COLUMNS, rows)
        assert table.cursor_key == "ws-3", "it comes back to its row"
        table.move_to_key(None)
        table.set_rows(COLUMNS, [])
        table.set_rows(COLUMNS, rows)
        assert table.cursor_key is None
        assert table.position == "10 of 10"
        table.set_rows(COLUMNS, [])
        table.set_rows(COLUMNS, rows_of(9))
        await pilot.pause()
        assert table.position == "1 of 9", "its own row did not come back"
        assert table.shown()[1].startswith("▶  ws-0")


async def test_the_cursor_is_followed_and_stops_at_both_ends() -> None:
    async with running(rows_of(50)) as (pilot, _, table):
        table.action_cursor_page_down()
        assert table.position == "8 of 50"
        table.action_cursor_end()
        table.action_cursor_down()
        await pilot.pause()
        assert table.shown()[-1].startswith("▶  ws-49")
        assert table.shown()[0].strip().startswith("workspace")
        table.action_cursor_page_up()
        assert table.position == "43 of 50"
        table.action_cursor_home()
        table.action_cursor_up()
        await pilot.pause()
        assert table.shown()[1].startswith("▶  ws-0")


async def test_fewer_rows_than_before_leave_no_blank_screen() -> None:
    async with running(rows_of(50)) as (pilot, _, table):
        table.action_cursor_end()
        await pilot.pause()
        table.set_rows(COLUMNS, rows_of(3))
        await pilot.pause()
        assert [line[:7] for line in table.shown()[1:5]] == ["   ws-0", "   ws-1", "▶  ws-2", ""]


async def test_choosing_a_row_tells_its_key_and_an_empty_table_has_none_to_tell() -> None:
    async with running(rows_of(3)) as (pilot, app, table):
        table.action_cursor_down()
        table.action_select()
        await pilot.pause()
        assert app.selected == ["ws-1"]
        table.set_rows(COLUMNS, [])
        table.action_select()
        table.action_cursor_down()
        await pilot.pause()
        assert app.selected == ["ws-1"]
        assert (table.cursor_key, table.position) == (NO_ROW, "")


async def test_a_double_click_chooses_a_row() -> None:
    async with running(rows_of(3)) as (pilot, app, _):
        await pilot.click(LiveTable, offset=(5, 2), times=2)
        assert app.selected == ["ws-1"]


async def test_the_cursor_is_strong_only_with_the_focus() -> None:
    async with running(rows_of(3)) as (pilot, _, table):
        focused = table.render_line(1)
        table.screen.set_focus(None)
        await pilot.pause()
        blurred = table.render_line(1)
        assert focused.text == blurred.text
        assert [segment.style for segment in focused] != [segment.style for segment in blurred]


async def test_columns_follow_the_width_and_numbers_are_never_cut() -> None:
    async with running([row("checkout-production-eu", "1,234,567,890")]) as (pilot, _, table):
        await pilot.resize_terminal(40, 8)
        await pilot.pause()
        assert table.shown()[1] == "▶  checkout-…n-eu  1,234,567,890    +84%"
        await pilot.resize_terminal(26, 8)
        await pilot.pause()
        assert table.shown()[1] == "▶  check…eu  1,234,567,890"


async def test_the_sign_of_an_order_widens_a_column_and_is_never_cut() -> None:
    columns = (replace(COLUMNS[0], mark="▲"), replace(COLUMNS[1], title="tokens", mark="▼"), COLUMNS[2])
    async with running(rows_of(2)) as (pilot, _, table):
        table.set_rows(columns, rows_of(2))
        assert table.shown()[0] == "   workspace▲            tokens▼     Δ1h"
        await pilot.resize_terminal(21, 8)
        await pilot.pause()
        assert table.shown()[0] == "   works…ce▲  tokens▼"


async def test_the_chosen_column_is_told_apart_without_colour() -> None:
    async with running(rows_of(2)) as (_, _, table):
        table.set_rows((*COLUMNS[:2], replace(COLUMNS[2], is_chosen=True)), rows_of(2))
        reversed_words = [
            segment.text for segment in table.render_line(0) if segment.style and segment.style.reverse
        ]
        assert reversed_words == ["Δ1h"]


async def test_a_sign_before_a_row_repaints_its_one_cell() -> None:
    async with running(rows_of(3)) as (_, _, table):
        rows = rows_of(3)
        table.set_rows(COLUMNS, [rows[0], replace(rows[1], sign="◆"), rows[2]])
        assert table.refreshed == [Region(1, 2, 1, 1)]
        assert table.shown()[2].startswith(" ◆ ws-1")


async def test_it_tells_which_columns_there_is_room_for() -> None:
    async with running(rows_of(2)) as (pilot, _, table):
        assert list(table.column_keys) == ["name", "tokens", "change"]
        await pilot.resize_terminal(21, 8)
        await pilot.pause()
        table.render_line(0)
        assert list(table.column_keys) == ["name", "tokens"]


async def test_it_binds_no_keys_of_its_own() -> None:
    async with running(rows_of(3)) as (_, _, table):
        assert not table._bindings.key_to_bindings
