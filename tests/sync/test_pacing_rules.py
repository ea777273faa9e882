"""The pace of requests: one at a time, out of the budget in the store, and nobody while the server says wait."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from meterdeck.api import AdminClient, Pacing, RateLimited, Unreachable
from meterdeck.domain.secret import Secret
from meterdeck.store import Store, budget
from meterdeck.store.budget import Priority
from meterdeck.sync.pacing import BACK_OFF_FIRST_S, Paces
from meterdeck.sync.pausing import Gate, Paused
from world import Clock

NOW = datetime(2026, 11, 20, 14, 37, tzinfo=UTC)


class RunningClock(Clock):
    """Moves on by some seconds each time it is looked at, so that waiting takes no time."""

    def __init__(self, step: float) -> None:
        super().__init__(NOW)
        self.step = timedelta(seconds=step)

    def __call__(self) -> datetime:
        self.now += self.step
        return self.now


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "store.db")
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def short_naps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("meterdeck.sync.pacing.LONGEST_NAP_S", 0.0)


def used(store: Store) -> int:
    with store.read() as transaction:
        return budget.state(transaction, NOW).used


def hold_of(store: Store) -> float:
    """For how long the user's own request would have to wait."""
    with store.write() as transaction:
        return budget.take(transaction, NOW, Priority.USER)


async def one_request(pacing: Pacing) -> None:
    async with pacing.turn():
        pass


async def test_every_request_is_taken_from_the_budget_in_the_store(store: Store) -> None:
    paces = Paces(store, Clock(NOW))
    for priority in (Priority.USER, Priority.LIVE, Priority.DIRECTORY):
        await one_request(paces.of(priority))
    assert used(store) == 3


async def test_a_request_that_never_left_this_machine_takes_no_place(store: Store) -> None:
    paces = Paces(store, Clock(NOW))
    await one_request(paces.of(Priority.LIVE))

    async def fail(error: Exception) -> None:
        def lost(_: httpx.Request) -> httpx.Response:
            raise error

        client = AdminClient("https://api.example", Secret("k"), via=httpx.MockTransport(lost))
        async with client:
            with pytest.raises(Unreachable):
                await client.organization(pacing=paces.of(Priority.LIVE))

    for never_sent in (httpx.ConnectError("no route"), httpx.ConnectTimeout("no answer")):
        await fail(never_sent)
        assert used(store) == 1
    await fail(httpx.ReadTimeout("sent, and never answered"))
    assert used(store) == 2


async def test_a_request_that_is_paused_when_its_turn_comes_takes_no_place(store: Store) -> None:
    gate = Gate()
    pacing = gate.guarding(Paces(store, Clock(NOW)).of)(Priority.LIVE)
    await one_request(pacing)
    async with Paces(store, Clock(NOW)).of(Priority.USER).turn():
        waiting = asyncio.create_task(one_request(pacing))
        await asyncio.sleep(0)
        gate.closed_at = NOW
    with pytest.raises(Paused):
        await waiting
    assert used(store) == 2
    gate.closed_at = None
    await one_request(pacing)
    assert used(store) == 3


async def test_one_request_is_under_way_at_a_time(store: Store) -> None:
    paces = Paces(store, Clock(NOW))
    under_way = most = 0

    async def request() -> None:
        nonlocal under_way, most
        async with paces.of(Priority.LIVE).turn():
            under_way += 1
            most = max(most, under_way)
            await asyncio.sleep(0)
            under_way -= 1

    await asyncio.gather(*(request() for _ in range(8)))
    assert most == 1
    assert used(store) == 8


async def test_a_turn_ends_when_its_request_fails(store: Store) -> None:
    paces = Paces(store, Clock(NOW))
    with pytest.raises(RuntimeError):
        async with paces.of(Priority.LIVE).turn():
            raise RuntimeError
    await one_request(paces.of(Priority.LIVE))


async def test_when_the_hour_is_used_up_a_request_waits_until_it_fits(store: Store) -> None:
    clock = RunningClock(60)
    paces = Paces(store, clock, hourly=2)
    for _ in range(2):
        await one_request(paces.of(Priority.USER))
    await one_request(paces.of(Priority.USER))
    assert clock.now >= NOW + timedelta(hours=1)


async def test_who_waits_for_the_budget_does_not_keep_others_from_their_turn(store: Store) -> None:
    paces = Paces(store, Clock(NOW))
    for _ in range(60 - Priority.LIVE):
        await one_request(paces.of(Priority.LIVE))
    waiting = asyncio.create_task(one_request(paces.of(Priority.LIVE)))
    async with asyncio.timeout(20):
        for _ in range(Priority.LIVE):
            await one_request(paces.of(Priority.USER))
    assert not waiting.done()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


@pytest.mark.parametrize(
    ("status", "headers", "wait"),
    [
        (429, {"retry-after": "37"}, 37.0),
        (429, {}, BACK_OFF_FIRST_S),
        (429, {"retry-after": "soon"}, BACK_OFF_FIRST_S),
        (429, {"retry-after": "0"}, 0.0),
        (429, {"retry-after": "9" * 30}, 86_400.0),
        (500, {"retry-after": "37"}, 37.0),
        (503, {"retry-after": "37"}, 37.0),
        (529, {"retry-after": "37"}, 37.0),
        (503, {}, 0.0),
        (400, {"retry-after": "37"}, 0.0),
        (200, {"retry-after": "37"}, 0.0),
        (200, {}, 0.0),
    ],
)
async def test_a_429_and_any_failure_that_says_so_hold_everybody(
    store: Store, status: int, headers: dict[str, str], wait: float
) -> None:
    pacing = Paces(store, Clock(NOW)).of(Priority.LIVE)
    await pacing.after_answer(status, httpx.Headers(headers))
    assert hold_of(store) == wait


@pytest.mark.parametrize(
    ("remaining", "reset", "wait"),
    [
        ("0", "2026-11-20T14:38:00Z", 60.0),
        ("0", "2026-11-20T15:38:00+01:00", 60.0),
        ("0", "2026-11-20T15:37:00Z", 3600.0),
        ("0", "2026-11-20T15:37:01Z", 0.0),
        ("0", "2026-11-20T14:36:59Z", 0.0),
        ("0", "2026-11-20T14:38:00", 0.0),
        ("0", "in a minute", 0.0),
        ("1", "2026-11-20T14:38:00Z", 0.0),
    ],
)
async def test_where_no_request_is_left_nobody_asks_before_the_budget_is_renewed(
    store: Store, remaining: str, reset: str, wait: float
) -> None:
    pacing = Paces(store, Clock(NOW)).of(Priority.LIVE)
    said = {
        "anthropic-ratelimit-requests-remaining": remaining,
        "anthropic-ratelimit-requests-reset": reset,
    }
    await pacing.after_answer(200, said)
    assert hold_of(store) == wait


@pytest.mark.parametrize("text", ["0", "", "many", "-5", "\u00b2", "1.5"])
async def test_a_limit_that_is_no_number_is_ignored(store: Store, text: str) -> None:
    pacing = Paces(store, Clock(NOW)).of(Priority.LIVE)
    await pacing.after_answer(200, {"anthropic-ratelimit-requests-limit": text})
    with store.read() as transaction:
        assert budget.state(transaction, NOW).hourly == 60


async def test_the_limit_of_any_answer_lowers_the_budget_of_all_sessions(
    tmp_path: Path, store: Store
) -> None:
    pacing = Paces(store, Clock(NOW)).of(Priority.LIVE)
    await pacing.after_answer(200, {"anthropic-ratelimit-requests-limit": "40"})
    other = Store(tmp_path / "store.db")
    with other.read() as transaction:
        assert budget.state(transaction, NOW).hourly == 40
    other.close()


async def test_after_a_429_not_even_a_request_that_was_already_waiting_for_its_turn_is_sent(
    store: Store,
) -> None:
    sent: list[datetime] = []
    clock = RunningClock(0)

    def answer(_: httpx.Request) -> httpx.Response:
        sent.append(clock.now)
        if len(sent) == 1:
            return httpx.Response(429, headers={"retry-after": "37"}, json={})
        return httpx.Response(200, json={"id": "o", "name": "Acme"})

    paces = Paces(store, clock)
    client = AdminClient("http://localhost", Secret("k"), via=httpx.MockTransport(answer))
    calls = [asyncio.create_task(client.organization(pacing=paces.of(Priority.LIVE))) for _ in range(4)]
    with pytest.raises(RateLimited):
        await calls[0]
    clock.step = timedelta(seconds=1)
    await asyncio.gather(*calls[1:])
    await client.close()
    assert len(sent) == 4
    assert min(sent[1:]) >= NOW + timedelta(seconds=37)
    assert used(store) == 4, "a request that waited is counted once"
