"""Figures arrive by themselves, age in the open, and stay when a feed fails."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from app.decks import SATURDAY, Clock, Shown, World, opened, opened_deck
from meterdeck.app.session import Session
from meterdeck.domain.errors import MeterdeckError
from meterdeck.queries.list_prices import ListPrices
from meterdeck.sync.plan import Feed


def shows_the_pace_of_14_22(shown: Shown) -> bool:
    """Whether the Breakdown has the figures that the store was filled with."""
    return re.search(r"prod-chat +51\.4M", shown.text) is not None


def order(shown: Shown) -> list[str]:
    """The members of the Breakdown from the fastest on."""
    return [row.cells[0].text for row in shown.breakdown.table.rows]


def line_of_cursor(shown: Shown) -> str:
    """The line of the Breakdown under its cursor."""
    below = shown.text.partition("Breakdown")[2]
    return next(line for line in below.splitlines() if line.startswith("▶"))


def billed_on_friday(shown: Shown) -> str:
    """The bill of Friday, to the cent."""
    found = re.search(r"Fri 20…? +(\$3,\d{3}\.\d\d)", shown.text)
    assert found is not None
    return found[1]


def asked(world: World, what: str) -> int:
    """How many requests for something were sent."""
    return sum(what in str(url) for url in world.server.asked)


async def test_a_deck_without_a_store_says_loading_and_fills_by_itself(empty_world: World) -> None:
    empty_world.server.open.clear()
    async with opened_deck(empty_world) as shown:
        assert shown.text.count("loading…") == 3
        assert "… loading" in shown.header
        empty_world.server.open.set()
        await shown.until_shown("Acme", "prod-chat", "peak ", "max ", "Fri 20", "◆ demo")
        await shown.until(lambda: "… loading" not in shown.header, "the header says that data came")
        assert "loading…" not in shown.text


async def test_what_another_session_wrote_appears_by_itself_and_the_cursor_stays_on_its_key(
    world: World,
) -> None:
    async with opened_deck(world) as shown:
        assert order(shown)[:2] == ["prod-chat", "Default"]
        await shown.press("j")
        assert "Default" in line_of_cursor(shown)
        before = shown.breakdown.table.cursor_key
        world.clock.now = SATURDAY + timedelta(hours=12)
        await world.fill()
        await shown.until(lambda: order(shown)[1] == "batch-etl", "the batch jobs of the night lead")
        assert shown.breakdown.table.cursor_key == before
        assert "Default" in line_of_cursor(shown)
        assert "Sun 22" in shown.text
        assert "02:32Z" in shown.header


async def test_r_asks_for_the_newest_figures_though_nothing_is_due(world: World) -> None:
    async with opened_deck(world) as shown:
        assert asked(world, "bucket_width=1m") == asked(world, "cost_report") == 0
        world.server.open.clear()
        await shown.press("r")
        await shown.until_shown("… reading the newest figures")
        world.server.open.set()
        for what in ("bucket_width=1m", "bucket_width=1h", "cost_report"):
            await shown.until(lambda what=what: asked(world, what) > 0, f"{what} is asked")  # type: ignore[misc]
        await shown.until(lambda: "reading the newest" not in shown.text, "the figures were read")
        world.clock.now = SATURDAY + timedelta(minutes=20)
        await shown.press("r")
        await shown.until(lambda: not shows_the_pace_of_14_22(shown), "the pace has changed")
        await shown.until_shown("14:52Z", "data <1 min", "◆ demo")


async def test_a_feed_that_fails_is_named_with_its_reason_while_the_figures_stay(world: World) -> None:
    async with opened_deck(world) as shown:
        world.server.refusing["cost_report"] = 529
        world.clock.now = SATURDAY + timedelta(minutes=3)
        days = [line for line in shown.text.splitlines() if "Fri 20" in line or "Thu 19" in line]
        await shown.press("r")
        await shown.until(lambda: "✕ costs failed: 529" in shown.header, "the failure is shown")
        await shown.until_shown("✕ The API failed (529: Overloaded). What was read before stays on screen.")
        await shown.until(lambda: not shows_the_pace_of_14_22(shown), "the other feeds went on")
        assert [line for line in shown.text.splitlines() if line in days] == days

        world.server.refusing.clear()
        await shown.press("r")
        await shown.until(lambda: "✕" not in shown.text, "the failure is over")
        assert "◆ demo" in shown.header


async def test_without_a_network_it_says_offline_paints_what_it_has_with_its_age_and_comes_back(
    world: World,
) -> None:
    async with opened_deck(world) as shown:
        bill = billed_on_friday(shown)
        world.server.unreachable = True
        world.clock.now = SATURDAY + timedelta(hours=2)
        await shown.press("r")
        await shown.until_shown("◇ offline", "◇ The API can't be reached: no route to host", "data 2 h")
        assert len(order(shown)) == 4
        assert billed_on_friday(shown) == bill
        world.server.unreachable = False
        await shown.press("r")
        await shown.until(lambda: "◆ demo" in shown.header, "it is back")
        assert "reached" not in shown.text


async def test_a_session_that_asks_nobody_shows_the_store_and_says_so(world: World) -> None:
    def nobody(*_: object) -> None:
        raise MeterdeckError("Nothing new is read by this session.")

    session = replace(world.session, start_engine=nobody, is_offline=True)  # type: ignore[arg-type]
    async with opened(session) as shown:
        await shown.until_shown("◇ offline", "◇ Nothing new is read by this session.", "prod-chat", "Fri 20")
        await shown.press("r")
        assert world.server.asked == []


async def test_figures_that_grow_old_are_called_stale(world: World) -> None:
    async with opened_deck(world) as shown:
        bill = billed_on_friday(shown)
        world.server.open.clear()
        assert "◆ demo" in shown.header
        world.clock.now = SATURDAY + timedelta(minutes=14)
        await shown.until(lambda: "◌ stale" in shown.header, "the header calls the figures stale")
        assert "data 14 min" in shown.header
        assert len(order(shown)) == 4
        assert billed_on_friday(shown) == bill


async def test_what_has_no_price_is_called_unpriced_and_never_free(
    empty_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty_world.server.refusing["cost_report"] = 529
    no_list = ListPrices("2026-01-01", "nowhere", {"models": {}, "tiers": {}})
    monkeypatch.setattr("meterdeck.queries.learning.list_prices", lambda: no_list)
    await empty_world.fill([Feed.DIRECTORY, Feed.HOURS, Feed.LIVE])
    async with opened_deck(empty_world) as shown:
        assert shown.text.splitlines()[1].startswith(" unpriced   ")
        assert "today unpriced" in shown.text
        pace = next(line for line in shown.text.splitlines() if re.match(r"\W+prod-chat ", line))
        assert pace.count("unpriced") == 2
        assert {row.cells[1].text for row in shown.days} <= {"unpriced", "—"}
        assert "$0" not in shown.text


async def test_a_bug_in_the_engine_is_told_and_the_deck_stays(world: World) -> None:
    def start_engine(*_: object) -> None:
        msg = "a bug"
        raise LookupError(msg)

    session = Session(world.store, Clock(), start_engine, is_demo=True)  # type: ignore[arg-type]
    async with opened(session) as shown:
        await shown.until_shown("Starting to collect stopped: LookupError.", "please report", "prod-chat")
        await shown.press("q")
        assert not shown.app.is_running


async def test_dollars_at_list_prices_are_called_that_until_a_bill_tells(empty_world: World) -> None:
    empty_world.server.refusing["cost_report"] = 529
    await empty_world.fill([Feed.DIRECTORY, Feed.HOURS, Feed.LIVE])
    async with opened_deck(empty_world, (120, 40)) as shown:
        assert "list prices" in shown.text
        assert "today ~$" in shown.text
        costs = "\n".join(line[60:] for line in shown.text.splitlines()[3:20])
        assert "~" in costs
        assert " $" not in costs, "nothing was billed"
