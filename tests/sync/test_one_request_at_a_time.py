"""Two processes on one store: the server never sees two of their requests at once."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Barrier, Lock, Thread
from time import sleep

import pytest

from meterdeck.store import Store
from meterdeck.store.budget import Priority
from meterdeck.store.turn import Turn
from meterdeck.sync.pacing import Paces
from world import until

REQUESTS = 12
ASKS = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from meterdeck.api import AdminClient, Secret
from meterdeck.store import Store
from meterdeck.store.budget import Priority
from meterdeck.sync.pacing import Paces

async def ask(url, path, count):
    store = Store(Path(path))
    paces = Paces(store, lambda: datetime.now(UTC), hourly=1000)
    async with AdminClient(url, Secret("k")) as client:
        await client.organization()  # not paced: both are at work now
        await asyncio.gather(*(client.organization(pacing=paces.of(Priority.USER)) for _ in range(count)))
    store.close()

asyncio.run(ask(sys.argv[1], sys.argv[2], int(sys.argv[3])))
"""


class Counting(BaseHTTPRequestHandler):
    """Answers `/me` after a moment, and counts how many wait for an answer."""

    protocol_version = "HTTP/1.1"
    both_began = Barrier(2)
    guard = Lock()
    begun = under_way = most = 0

    def do_GET(self) -> None:
        with self.guard:
            Counting.begun += 1
            is_first = Counting.begun <= 2
        if is_first:
            self.both_began.wait(20)
        else:
            with self.guard:
                Counting.under_way += 1
                Counting.most = max(Counting.most, Counting.under_way)
            sleep(0.005)
            with self.guard:
                Counting.under_way -= 1
        body = b'{"id": "o", "name": "Acme"}'
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Counting) as serving:
        serving.daemon_threads = True
        thread = Thread(target=serving.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{serving.server_port}"
        serving.shutdown()
        thread.join()


def test_requests_of_two_processes_take_turns(server: str, tmp_path: Path) -> None:
    command = [sys.executable, "-c", ASKS, server, str(tmp_path / "store.db"), str(REQUESTS)]
    asking = [subprocess.Popen(command) for _ in range(2)]
    assert [process.wait(60) for process in asking] == [0, 0]
    assert Counting.begun == 2 + 2 * REQUESTS
    assert Counting.most == 1


async def test_two_paces_on_one_store_take_turns_and_a_cancelled_one_gives_it_back_at_once(
    tmp_path: Path,
) -> None:
    stores = [Store(tmp_path / "store.db") for _ in range(2)]
    first, second = (Paces(store, lambda: datetime.now(UTC)).of(Priority.USER) for store in stores)
    began = asyncio.Event()

    async def never_answered() -> None:
        async with first.turn():
            began.set()
            await asyncio.Event().wait()

    hanging = asyncio.create_task(never_answered())
    await began.wait()
    entered = False

    async def other() -> None:
        nonlocal entered
        async with second.turn():
            entered = True

    waiting = asyncio.create_task(other())
    for _ in range(20):
        await asyncio.sleep(0.001)
    assert not entered
    hanging.cancel()
    await waiting
    assert entered
    for store in stores:
        store.close()


async def test_a_slow_answer_keeps_the_turn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("meterdeck.sync.pacing.RENEW_EVERY_S", 0.0)
    ahead = 0.0
    real = datetime.now(UTC).timestamp()
    monkeypatch.setattr("meterdeck.store.turn.monotonic", lambda: real + ahead)
    store = Store(tmp_path / "store.db")
    other = Turn(store.path)
    line = tmp_path / "store.db.turn"
    async with Paces(store, lambda: datetime.now(UTC)).of(Priority.USER).turn():
        for _ in range(5):
            before = line.read_text()
            ahead += 6
            await until(lambda before=before: line.read_text() not in {before, ""}, "it was not renewed")  # type: ignore[misc]
            assert not other.take()
    assert other.take()
    store.close()
