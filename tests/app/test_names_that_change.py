"""Names that are younger than the store, names that do not tell, and names that can't be read, on the deck."""

from __future__ import annotations

import json
from datetime import timedelta

import httpx
import pytest

from answers import fixture
from app.decks import SMALL, Server, Shown, World, opened_deck
from app.test_command_line import RUN, choices, line_of, said, typed
from app.truth import IDS
from meterdeck.app.screens.line import CommandLine
from meterdeck.app.screens.picker import Picker
from meterdeck.app.widgets.table import LiveTable
from meterdeck.domain.dimensions import Dimension

WORKSPACES = "/v1/organizations/workspaces"
CHAT, EVALS, BATCH = IDS["prod-chat"], IDS["evals"], IDS["batch-etl"]


class Renamed(Server):
    """The organisation, its workspaces called as a test says."""

    def __init__(self, world: World) -> None:
        super().__init__(world.clock, SMALL)
        self.names: dict[str, object] = {}
        self.made: list[dict[str, object]] = []

    @property
    def reads(self) -> int:
        """How often the workspaces were asked for."""
        return sum(url.path == WORKSPACES for url in self.asked)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await super().handle_async_request(request)
        if request.url.path != WORKSPACES or answer.status_code != 200:
            return answer
        content = json.loads(await answer.aread())
        for row in content["data"]:
            row["name"] = self.names.get(row["id"], row["name"])
        content["data"] += self.made
        return httpx.Response(200, json=content)


@pytest.fixture
def renamed(world: World) -> Renamed:
    """The small organisation, all of it read but the names that a test gives."""
    world.server = server = Renamed(world)
    return server


def trouble(shown: Shown) -> str:
    """What the line says of what was typed."""
    return str(shown.screen.query_one("#line-trouble").render())


def kept(shown: Shown) -> set[str | None]:
    """The workspaces that the scope keeps."""
    return set(shown.deck.scope.members(Dimension.WORKSPACE) or ())


def later(world: World) -> None:
    """Let more than five minutes pass since names were read."""
    world.clock.now += timedelta(minutes=6)


async def test_a_name_behind_the_colon_that_is_younger_than_the_store_is_read_and_found(
    world: World, renamed: Renamed
) -> None:
    async with opened_deck(world) as shown:
        later(world)
        renamed.names[CHAT] = "prod-talk"
        before = renamed.reads
        await said(shown, "workspace prod-talk")
        assert kept(shown) == {CHAT}
        assert renamed.reads == before + 1
        await shown.until_shown("▸ prod-talk")


async def test_a_name_of_nobody_is_called_unknown_after_one_read_in_five_minutes(
    world: World, renamed: Renamed
) -> None:
    async with opened_deck(world) as shown:
        later(world)
        before = renamed.reads
        await typed(shown, "workspace nobody")
        await shown.press(RUN)
        await shown.until(lambda: "There is no workspace 'nobody'" in trouble(shown), "it is refused")
        assert renamed.reads == before + 1
        await shown.press("s", RUN)
        await shown.until(lambda: "There is no workspace 'nobodys'" in trouble(shown), "it is refused")
        assert renamed.reads == before + 1
        assert isinstance(shown.screen, CommandLine), "what is typed can be mended"
        assert line_of(shown) == "workspace nobodys"


async def test_names_that_cannot_be_read_now_are_said_to_be_so(world: World, renamed: Renamed) -> None:
    async with opened_deck(world) as shown:
        later(world)
        renamed.refusing["/me"] = 400
        await typed(shown, "workspace nobody")
        await shown.press(RUN)
        await shown.until(lambda: "could not be read again" in trouble(shown), "it is said")
        assert "There is no workspace 'nobody'" in trouble(shown)


async def test_a_paused_session_reads_no_names(world: World, renamed: Renamed) -> None:
    async with opened_deck(world) as shown:
        later(world)
        await shown.press("p")
        before = len(renamed.asked)
        await typed(shown, "workspace nobody")
        await shown.press(RUN)
        await shown.until(lambda: "There is no workspace 'nobody'" in trouble(shown), "it is refused")
        assert len(renamed.asked) == before


async def test_r_reads_the_names(world: World, renamed: Renamed) -> None:
    async with opened_deck(world) as shown:
        await shown.until(lambda: shown.app.collecting.here, "it collects")
        renamed.names[CHAT] = "prod-talk"
        await shown.press("r")
        await shown.until_shown("prod-talk")


async def test_workspaces_of_one_name_are_told_apart_wherever_they_stand(
    world: World, renamed: Renamed
) -> None:
    renamed.names = {CHAT: "Default", EVALS: "twin", BATCH: "twin "}
    async with opened_deck(world, (200, 50)) as shown:
        await shown.until(lambda: shown.app.collecting.here, "it collects")
        await shown.press("r")
        await shown.until_shown("twin …", "Default …null")
        listed = [row.cells[0].text for row in shown.breakdown.table.rows]
        assert len(set(listed)) == 4
        assert all("…" in name for name in listed)
        heads = [each.title for each in shown.deck.costs.table._columns if each.key.startswith("member ")]
        assert len(set(heads)) == len(heads) >= 2, "as many as have room beside what was billed"
        assert all("…" in head for head in heads)
        await shown.press("w")
        await shown.until(lambda: isinstance(shown.screen, Picker), "the picker is open")
        offered = [row.cells[1].text for row in shown.screen.query_one("#picker-list", LiveTable).rows[1:]]
        assert len(set(offered)) == 4
        assert all("…" in name for name in offered)
        await shown.press("escape")
        await typed(shown, "workspace Default")
        assert len(set(choices(shown))) == 2
        await shown.press(RUN)
        await shown.until(lambda: "could be 2 workspaces" in trouble(shown), "it is refused")
        assert "Default …null" in trouble(shown)
        await shown.press("escape")
        await said(shown, "workspace null")
        assert kept(shown) == {None}
        await said(shown, f"workspace {CHAT}")
        assert kept(shown) == {CHAT}
        assert f"▸ Default …{CHAT[-4:]}" in shown.header


@pytest.mark.parametrize("word", ["lead", " lead", "LEAD"])
async def test_a_name_with_blanks_around_it_can_be_typed(world: World, renamed: Renamed, word: str) -> None:
    renamed.names[CHAT] = fixture("same_names")["data"][4]["name"]
    async with opened_deck(world) as shown:
        later(world)
        await said(shown, f"workspace {word}")
        assert kept(shown) == {CHAT}
        await shown.until_shown("▸ lead")


async def test_a_name_that_cannot_be_read_costs_itself_alone_and_is_told_of(
    world: World, renamed: Renamed
) -> None:
    renamed.names[CHAT] = None
    async with opened_deck(world, (160, 40)) as shown:
        await shown.until(lambda: shown.app.collecting.here, "it collects")
        await shown.press("r")
        await shown.until_shown(CHAT, "evals", "1 name can't be read")
