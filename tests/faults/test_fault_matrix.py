"""Each fault over a real socket: what the user reads, that nothing wrong is stored, that the next success recovers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx
import pytest

from faults.matrix import MATRIX, Row, as_markdown
from faults.server import Fault, FaultyServer, changing, with_headers
from meterdeck.api import AdminClient, KeyRefused, RateLimited, transport
from meterdeck.domain.errors import MeterdeckError
from meterdeck.domain.secret import Secret
from meterdeck.present.header import notice
from meterdeck.present.state import Collecting
from meterdeck.queries.status import status
from meterdeck.service import demo_app
from meterdeck.service.simulated.options import Options
from meterdeck.store import Store, budget, feeds
from meterdeck.sync import engine as engines
from meterdeck.sync import retrying
from meterdeck.sync.engine import SyncEngine
from meterdeck.sync.pacing import Paces
from meterdeck.sync.plan import Cadence, Feed
from meterdeck.sync.readers import Sources
from world import Clock

NOW = datetime(2026, 11, 18, 14, 32, tzinfo=UTC)
RECENT = NOW - timedelta(hours=6)
DOCS = Path(__file__).parents[2] / "docs" / "faults.md"


class Setting:
    """An engine that has read something good from a server that can now misbehave."""

    def __init__(self, server: FaultyServer, clock: Clock, store: Store) -> None:
        self.server = server
        self.clock = clock
        self.store = store
        self.read_from(server.url)

    def read_from(self, url: str) -> None:
        paces = Paces(self.store, self.clock, hourly=1000)
        self.client = AdminClient(url, Secret("sk-ant-admin01-faults"))
        self.engine = SyncEngine(Sources(self.client, self.store, self.clock, paces.of, Cadence()))

    async def refresh(self) -> list[MeterdeckError]:
        """Read hours as a deck does on `r`; what failed, as it was noted."""
        failed: list[MeterdeckError] = []
        note = self.engine._note_failure

        async def noting(feed: Feed, error: MeterdeckError) -> None:
            failed.append(error)
            await note(feed, error)

        with patch.object(self.engine, "_note_failure", noting):
            self.engine.refresh()
            await self.engine._read_and_note(Feed.HOURS)
        return failed

    def figures(self) -> list[tuple[object, ...]]:
        """Every figure that is stored."""
        with self.store.read() as transaction:
            return [
                *transaction.all("SELECT * FROM usage ORDER BY width, start, series"),
                *transaction.all("SELECT * FROM cost JOIN line ON line.id = cost.line ORDER BY day, line"),
            ]

    def failures(self) -> dict[str, str | None]:
        """What each feed that fails says of it."""
        with self.store.read() as transaction:
            return {name: state.sentence for name, state in feeds.load(transaction).items() if state.failing}


@pytest.fixture
async def setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Setting]:
    monkeypatch.setattr(engines, "CATCH_UP_RETRIES", 0)
    clock = Clock(NOW)
    store = Store(tmp_path / "store.db")
    async with FaultyServer(demo_app(Options(size="small"), clock=clock)) as server:
        setting = Setting(server, clock, store)
        assert not await setting.engine.catch_up([Feed.DIRECTORY, Feed.HOURS, Feed.LIVE], since=RECENT)
        await setting.engine._read(Feed.COSTS, forced=True)
        yield setting
        await setting.engine.close()
        store.close()


@pytest.mark.parametrize("row", MATRIX, ids=lambda row: row.name)
async def test_a_fault_is_told_stores_nothing_and_heals(
    setting: Setting, row: Row, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = setting.figures()
    if row.name.startswith("slow"):
        monkeypatch.setattr(transport, "LONGEST_REQUEST_S", 0.6)
        monkeypatch.setattr(transport, "TIMEOUT", httpx.Timeout(0.3))
    setting.clock.now += timedelta(minutes=3)
    setting.server.fault = row.fault
    await setting.engine.close()
    setting.read_from(setting.server.url if row.fault else "http://127.0.0.1:9")

    # Usage and costs have rows of their own to be wrong in; hours are where most is read.
    (failed,) = await setting.refresh()

    assert isinstance(failed, row.error)
    assert row.says in str(failed)
    assert setting.failures() == {Feed.HOURS: str(failed)}
    assert setting.figures() == before

    monkeypatch.undo()
    setting.server.fault = None
    setting.clock.now += timedelta(minutes=2)
    await setting.engine.close()
    setting.read_from(setting.server.url)
    assert not await setting.engine.catch_up([Feed.HOURS], forced=True, since=RECENT)
    assert setting.failures() == {}


@pytest.mark.parametrize("hours", [1, -1])
async def test_a_clock_that_is_an_hour_off_is_told_and_no_figure_is_wrong(
    setting: Setting, hours: int
) -> None:
    before = setting.figures()
    there = setting.clock.now + timedelta(hours=hours)
    setting.server.fault = with_headers({"date": format_datetime(there, usegmt=True)})
    assert not await setting.refresh()
    assert setting.figures() == before
    with setting.store.read() as transaction:
        seen = status(transaction, setting.clock.now)
    way = "behind" if hours > 0 else "ahead of"
    words = notice(seen, Collecting(here=True), setting.clock.now)
    assert words is not None
    assert f"This machine's clock is 60 min {way} the API's" in words

    setting.server.fault = with_headers({"date": format_datetime(setting.clock.now, usegmt=True)})
    assert not await setting.refresh()
    with setting.store.read() as transaction:
        assert (
            notice(status(transaction, setting.clock.now), Collecting(here=True), setting.clock.now) is None
        )


async def test_good_json_under_another_content_type_is_read_as_what_it_is(setting: Setting) -> None:
    before = setting.figures()
    setting.server.fault = with_headers({"content-type": "text/plain"})
    assert not await setting.refresh()
    assert setting.figures() == before
    assert setting.failures() == {}


async def test_while_the_server_said_to_wait_no_session_sends_a_request(setting: Setting) -> None:
    row = next(row for row in MATRIX if row.name == "429 with retry-after")
    setting.server.fault = row.fault
    failed = await setting.engine.catch_up([Feed.LIVE], forced=True)
    assert isinstance(failed[Feed.LIVE], RateLimited)
    sent = len(setting.server.targets)
    setting.server.fault = None

    other = Setting(setting.server, setting.clock, setting.store)
    setting.clock.now += timedelta(seconds=36)
    with setting.store.write() as transaction:
        assert budget.take(transaction, setting.clock(), budget.Priority.USER, 1000) == pytest.approx(1)
    assert len(setting.server.targets) == sent
    setting.clock.now += timedelta(seconds=2)
    assert not await other.engine.catch_up([Feed.LIVE], forced=True)
    assert len(setting.server.targets) > sent
    await other.engine.close()


async def test_a_redirect_is_never_followed(setting: Setting) -> None:
    async with FaultyServer(demo_app(Options(size="small"), clock=setting.clock)) as elsewhere:
        row = next(row for row in MATRIX if row.name == "a redirect to another host")
        setting.server.fault = row.fault
        await setting.engine.catch_up([Feed.COSTS], forced=True)
        assert elsewhere.targets == []


async def test_a_refused_key_is_not_tried_again_by_itself(setting: Setting) -> None:
    row = next(row for row in MATRIX if row.name == "401")
    setting.server.fault = row.fault
    failed = await setting.engine.catch_up([Feed.LIVE], forced=True)
    assert isinstance(failed[Feed.LIVE], KeyRefused)
    assert retrying.retry_after(failed[Feed.LIVE], failures=1) is None


def _edited(edit: Callable[[dict[str, Any]], None]) -> Fault:
    """The good answer, each of its rows changed."""

    def change(page: dict[str, Any]) -> object:
        for bucket in page["data"]:
            for row in bucket["results"]:
                edit(row)
        return page

    return changing(change)


def _without_output(row: dict[str, Any]) -> None:
    row.pop("output_tokens", None)


def _without_currency(row: dict[str, Any]) -> None:
    row["currency"] = None


ODD = [
    (_edited(_without_output), Feed.HOURS, "In an answer for hours, output_tokens is missing in "),
    (_edited(_without_currency), Feed.COSTS, "In an answer for costs, currency is null or empty in "),
    (
        changing(lambda page: {name: value for name, value in page.items() if name != "has_more"}),
        Feed.COSTS,
        "In an answer for costs, has_more is missing: next_page tells instead",
    ),
]


@pytest.mark.parametrize(("fault", "feed", "words"), ODD, ids=[words for _, _, words in ODD])
async def test_what_is_odd_loses_no_answer_is_said_on_the_deck_and_forgotten_after_three_hours(
    setting: Setting, fault: Fault, feed: Feed, words: str
) -> None:
    rows = len(setting.figures())
    setting.clock.now += timedelta(minutes=3)
    setting.server.fault = fault
    assert not await setting.engine.catch_up([feed], forced=True, since=RECENT)
    assert len(setting.figures()) >= rows
    assert setting.failures() == {}
    with setting.store.read() as transaction:
        said = notice(status(transaction, setting.clock.now), Collecting(here=True), setting.clock.now)
        assert said is not None
        assert said.startswith(f"! {words}")
        later = setting.clock.now + timedelta(hours=3)
        assert status(transaction, later).remarks == ()


def test_the_documented_table_is_the_tested_one() -> None:
    assert as_markdown() in DOCS.read_text(encoding="utf-8")
