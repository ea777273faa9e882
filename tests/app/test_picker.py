"""The picker by itself: what is typed narrows, what is marked is chosen."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from unittest.mock import patch

from textual.app import App
from textual.pilot import Pilot

from app.decks import impatient
from meterdeck.app.screens.picker import Picker
from meterdeck.app.widgets.line import StatusLine
from meterdeck.app.widgets.table import LiveTable
from meterdeck.domain.dimensions import Dimension, Kind
from meterdeck.queries.names import Member

MEMBERS = [
    Member("wrkspc_1", "batch-etl", Kind.MEMBER),
    Member(None, "Default", Kind.DEFAULT),
    Member("wrkspc_2", "evals", Kind.MEMBER),
    Member("wrkspc_3", "prod-chat", Kind.MEMBER),
]


class Host(App[None]):
    """Asks once, and keeps the answer."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(self, chosen: frozenset[str | None]) -> None:
        super().__init__()
        self._chosen = chosen
        self.answers: list[frozenset[str | None] | None] = []

    def on_mount(self) -> None:
        self.push_screen(Picker(Dimension.WORKSPACE, MEMBERS, self._chosen), self.answers.append)

    @property
    def count(self) -> str:
        """How many are listed and marked."""
        return self.screen.query_one("#picker-title", StatusLine).text.split("  ")[-1].strip()

    @property
    def listed(self) -> list[str]:
        """The names in the list, a mark before those that are chosen."""
        return [f"{row.cells[0].text}{row.cells[1].text}" for row in self.screen.query_one(LiveTable).rows]


@asynccontextmanager
async def asked(*chosen: str | None) -> AsyncIterator[tuple[Host, Pilot[None]]]:
    """A host whose picker is open."""
    host = Host(frozenset(chosen))
    with impatient():
        async with host.run_test() as pilot:
            await pilot.pause()
            yield host, pilot


async def test_what_is_typed_narrows_the_list_by_name_and_by_id() -> None:
    async with asked() as (host, pilot):
        assert host.listed == [" all workspaces", " batch-etl", " Default", " evals", " prod-chat"]
        await pilot.press(*"CHAT")
        assert host.listed == [" prod-chat"]
        await pilot.press(*["backspace"] * 4, *"spc_2")
        assert host.listed == [" evals"]
        await pilot.press("enter")
        assert host.answers == [frozenset({"wrkspc_2"})]


async def test_what_is_typed_goes_to_the_search_field_whatever_tab_does() -> None:
    async with asked() as (host, pilot):
        await pilot.press("tab", *"ev")
        assert host.listed == [" evals"]


async def test_the_space_bar_marks_and_control_a_marks_all_that_are_listed_and_then_none() -> None:
    async with asked() as (host, pilot):
        await pilot.press(*"t", "space", "space")
        assert host.listed == ["✓batch-etl", "✓Default", " prod-chat"]
        assert host.count == "3 of 4, 2 marked"
        await pilot.press("ctrl+a")
        assert host.count == "3 of 4, 3 marked"
        await pilot.press("ctrl+a")
        assert host.count == "3 of 4, 0 marked"


async def test_control_r_inverts_the_marks_of_what_is_listed_and_of_nothing_else() -> None:
    async with asked("wrkspc_1", "wrkspc_3") as (host, pilot):
        await pilot.press(*"t", "ctrl+r")
        assert host.listed == [" batch-etl", "✓Default", " prod-chat"]
        await pilot.press("backspace", *"!t", "ctrl+r")
        assert host.listed == ["✓evals"]
        await pilot.press("enter")
        assert host.answers == [frozenset({None, "wrkspc_2"})]


async def test_marks_stay_while_the_search_changes() -> None:
    async with asked() as (host, pilot):
        await pilot.press("d", "e", "f", "space", *["backspace"] * 3, *"ev", "space", "enter")
        assert host.answers == [frozenset({None, "wrkspc_2"})]


async def test_a_search_that_finds_nothing_marks_nothing_and_keeps_what_was_chosen() -> None:
    async with asked("wrkspc_1") as (host, pilot):
        await pilot.press(*"zz")
        assert host.listed == []
        assert host.count == "0 of 4, 1 marked"
        await pilot.press("space", "ctrl+a", "enter")
        assert host.answers == [frozenset({"wrkspc_1"})]


async def test_escape_answers_that_nothing_is_to_change() -> None:
    async with asked("wrkspc_1") as (host, pilot):
        await pilot.press("ctrl+a", "escape")
        assert host.answers == [None]


async def test_names_that_come_late_fill_the_list_and_leave_marks_and_what_is_typed() -> None:
    async with asked("wrkspc_3") as (host, pilot):
        picker = host.screen
        assert isinstance(picker, Picker)
        picker.offer([], "names are being read…")
        await pilot.pause()
        assert host.count == "names are being read…"
        picker.offer(MEMBERS[:2])
        picker.offer(MEMBERS)
        await pilot.press(*"t", "space")
        picker.offer([*MEMBERS, Member("wrkspc_4", "tests", Kind.MEMBER)])
        await pilot.pause()
        assert host.listed == ["✓batch-etl", " Default", "✓prod-chat", " tests"]
        assert host.count == "4 of 5, 2 marked"


async def test_names_that_come_late_have_the_cursor_on_who_is_chosen() -> None:
    with patch.dict(globals(), MEMBERS=[]):
        async with asked("wrkspc_2") as (host, pilot):
            picker = host.screen
            assert isinstance(picker, Picker)
            picker.offer(
                [Member("wrkspc_1", "a", Kind.MEMBER), Member("wrkspc_2", "b", Kind.MEMBER)],
            )
            await pilot.press("enter")
            assert host.answers == [frozenset({"wrkspc_2"})]


async def test_an_expression_that_would_never_end_is_given_up_and_says_so() -> None:
    long_named = [Member("wrkspc_" + "a" * 60, "batch-etl", Kind.MEMBER)]
    with patch.dict(globals(), MEMBERS=long_named):
        async with asked() as (host, pilot):
            await pilot.press("slash", *r"(\w+)+!")
            assert host.listed == [" batch-etl"]
            assert "too slow" in host.screen.query_one("#picker-title", StatusLine).text
