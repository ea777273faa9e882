"""The process aside: started when needed, without a key or a terminal, and never waited for."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from meterdeck.api import BadPayload
from meterdeck.api.wire import parse_usage_page
from meterdeck.store import StoreError
from meterdeck.sync.aside import Aside, AsideDied
from meterdeck.sync.digest import in_store_at
from world import until


@pytest.fixture
def aside() -> Iterator[Aside]:
    opened = Aside()
    yield opened
    opened.close()


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_functions_run_in_one_other_process_that_is_started_by_the_first(aside: Aside) -> None:
    assert aside.pid is None
    first, second = await asyncio.gather(aside.run(os.getpid), aside.run(os.getpid))
    assert first == second == aside.pid
    assert first != os.getpid()
    aside.close()
    assert aside.pid is None
    assert not is_there(first)


async def test_what_a_function_raises_is_raised_here_with_all_it_says(aside: Aside) -> None:
    body = b'{"data": [], "has_more": 1}'
    with pytest.raises(BadPayload) as here:
        parse_usage_page(body, ())
    with pytest.raises(BadPayload) as there:
        await aside.run(parse_usage_page, body, ())
    assert vars(there.value) == vars(here.value)
    assert str(there.value) == str(here.value)
    with pytest.raises(ZeroDivisionError):
        await aside.run(divmod, 1, 0)
    assert await aside.run(divmod, 7, 2) == (3, 1)


async def test_a_process_that_is_killed_is_a_sentence_and_the_next_call_starts_another(aside: Aside) -> None:
    killed = await aside.run(os.getpid)
    with pytest.raises(AsideDied, match="ended before it had finished") as caught:
        await aside.run(signal.raise_signal, signal.SIGKILL)
    assert "started again" in caught.value.next
    assert await aside.run(os.getpid) != killed


async def test_one_that_was_killed_while_idle_is_noticed_and_replaced(aside: Aside) -> None:
    killed = await aside.run(os.getpid)
    os.kill(killed, signal.SIGKILL)
    with pytest.raises(AsideDied):
        await aside.run(os.getpid)
    assert await aside.run(os.getpid) != killed


async def test_nobody_waits_for_a_call_that_is_cancelled(aside: Aside) -> None:
    busy = await aside.run(os.getpid)
    call = asyncio.create_task(aside.run(time.sleep, 3600))
    waiting = asyncio.create_task(aside.run(os.getpid))
    await asyncio.sleep(0)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert not is_there(busy)
    assert await waiting not in {busy, os.getpid()}


async def test_one_that_has_nothing_to_do_is_ended(aside: Aside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("meterdeck.sync.aside.KEPT_IDLE_S", 0.0)
    pid = await aside.run(os.getpid)
    await until(lambda: not is_there(pid), "the process was kept")
    assert aside.pid is None


async def test_it_knows_no_variable_that_could_hold_a_key(
    aside: Aside, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ANTHROPIC_ADMIN_KEY", "ANTHROPIC_ADMIN_API_KEY", "ACME_SECRET"):
        monkeypatch.setenv(name, "sk-ant-admin01-hidden")
        assert await aside.run(os.getenv, name) is None


async def test_it_has_no_terminal_and_ignores_what_is_typed_at_ours(aside: Aside) -> None:
    assert await aside.run(os.getsid, 0) == aside.pid != os.getsid(0)
    with pytest.raises(OSError):  # noqa: PT011 - ENXIO: no terminal, by whatever name
        await aside.run(os.open, "/dev/tty", os.O_RDWR)


ENDED_AT_ONCE = """
import asyncio, os
from meterdeck.sync.aside import Aside

async def main():
    print(await Aside().run(os.getpid), flush=True)
    os.kill(os.getpid(), 9)

asyncio.run(main())
"""


def test_it_does_not_outlive_the_session_that_started_it() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", ENDED_AT_ONCE], capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == -signal.SIGKILL
    asyncio.run(until(lambda: not is_running(int(ended.stdout)), "it lives on"))


def is_running(pid: int) -> bool:
    """Whether a process that is no child of ours is at work; one that nobody has buried yet is not."""
    seen = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return bool(seen.stdout.strip()) and not seen.stdout.startswith("Z")


def test_a_store_that_is_found_damaged_over_there_is_told_here(tmp_path: Path) -> None:
    (tmp_path / "store.db").write_bytes(b"no database at all" * 100)
    with pytest.raises(StoreError, match="was damaged") as caught:
        in_store_at(tmp_path / "store.db", lambda *_: pytest.fail("it was written"), [])
    assert caught.value.next == "Start meterdeck again."
