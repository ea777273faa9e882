"""Many decks in terminals of their own over one store, and a server that counts what they ask."""

from __future__ import annotations

import re
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send

from cli.servers import organization
from leaks.places import Home
from terminal.emulator import Terminal

PATIENCE_S = 60.0
FOLLOWS = re.compile(r"▷ following pid (\d+)")


class CountingServer:
    """A small organisation; keeps the path and query of each request."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self._app: ASGIApp = organization("Acme", 1, lambda: datetime.now(UTC))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked.append(f"{scope['path']}?{scope['query_string'].decode()}")
        await self._app(scope, receive, send)

    @property
    def polls(self) -> int:
        """How often the newest minutes were asked for."""
        return sum("bucket_width=1m" in target for target in self.asked)


class Decks:
    """Terminals that are read all the time, so that none of them blocks on a full one."""

    def __init__(self, terminals: list[Terminal]) -> None:
        self.all = terminals
        """Those that run; a killed one is taken out."""

    def read_for(self, seconds: float) -> None:
        """Let them go on for a while."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._read()

    def until(self, condition: Callable[[], bool], what: str) -> None:
        """Read until something is so; fails with what every one of them shows."""
        end = time.monotonic() + PATIENCE_S
        while not condition():
            screens = "\n\n".join(terminal.text for terminal in self.all)
            assert time.monotonic() < end, f"waited in vain until {what}; the screens show:\n{screens}"
            self._read()

    @property
    def collectors(self) -> list[Terminal]:
        """The ones whose header says that they read."""
        return [terminal for terminal in self.all if "● live" in _header(terminal)]

    @property
    def followed(self) -> set[int]:
        """The processes that the others say they follow."""
        return {int(found[1]) for terminal in self.all if (found := FOLLOWS.search(_header(terminal)))}

    @property
    def one_collects(self) -> bool:
        """Whether one reads, and all others say that it is that one."""
        collectors = self.collectors
        follow = sum(FOLLOWS.search(_header(terminal)) is not None for terminal in self.all)
        return (
            len(collectors) == 1
            and follow == len(self.all) - 1
            and self.followed <= {collectors[0]._process.pid}
        )

    @property
    def figures(self) -> set[str]:
        """What the panes show, each different screen once: all but the header, which knows who reads."""
        return {terminal.text.partition("\n")[2] for terminal in self.all}

    def kill(self, terminal: Terminal) -> None:
        """End one as nothing can be prepared for."""
        terminal.signal(signal.SIGKILL)
        terminal._process.wait()
        self.all.remove(terminal)

    def _read(self) -> None:
        for terminal in self.all:
            terminal.read(0.01)


@contextmanager
def opened(home: Home, url: str, count: int, *options: str) -> Iterator[Decks]:
    """Start so many decks at once."""
    command = [sys.executable, "-m", "meterdeck", "--base-url", url, *options]
    with ExitStack() as stack:
        terminals = [stack.enter_context(Terminal(command, home.environment, (80, 24))) for _ in range(count)]
        yield Decks(terminals)


def store_of(home: Home) -> Path:
    """The one store that they share."""
    (path,) = [path for path in home.files() if path.suffix == ".db"]
    return path


def _header(terminal: Terminal) -> str:
    return terminal.text.partition("\n")[0]
