"""How long `q` takes, from the key until nobody holds the terminal, beside the smallest Textual app in the same run."""

from __future__ import annotations

import statistics
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from benches.pages import usage_page
from benches.terminal import Terminal, environment

ROUNDS = 9
SETTLED_S = 1.5
SMALLEST = """
import os
os.environ |= {"TEXTUAL_ANIMATIONS": "none", "TEXTUAL_FPS": "15", "ESCDELAY": "250"}
from textual.app import App
from textual.widgets import Static

class Smallest(App):
    BINDINGS = [("q", "quit", "quit")]
    def compose(self):
        yield Static("ready")

Smallest().run(mouse=False)
"""


def run(folder: Path) -> Iterator[tuple[str, str]]:
    """Quit in four situations, in turn."""
    large = usage_page(buckets=24, rows=2500)
    situations: dict[str, Callable[[Path], float]] = {
        "the smallest Textual app": _smallest,
        "the demo, idle": _demo,
        "four requests at a silent server": lambda home: _deck(home, _silent, _asked),
        f"an answer of {len(large) / 1e6:.0f} MB being read": lambda home: _deck(
            home, lambda handler: _answer(handler, large), _aside_works
        ),
    }
    times: dict[str, list[float]] = {name: [] for name in situations}
    for number in range(ROUNDS):
        for place, (name, quit_it) in enumerate(situations.items()):
            times[name].append(quit_it(folder / f"quit{number}-{place}"))
    for name, seconds in times.items():
        yield (
            f"`q` to closed terminal: {name}",
            f"median {statistics.median(seconds) * 1000:.0f} ms, worst of {ROUNDS} {max(seconds) * 1000:.0f} ms",
        )


Handler = BaseHTTPRequestHandler
Situation = Callable[[Handler], None]


def _smallest(home: Path) -> float:
    with Terminal([sys.executable, "-c", SMALLEST], environment(home)) as terminal:
        terminal.wait_for(lambda: b"ready" in terminal.written, "the app")
        terminal.rest(SETTLED_S / 3)
        return terminal.seconds_to_quit()


def _demo(home: Path) -> float:
    command = [sys.executable, "-m", "meterdeck", "--demo", "--data-dir", str(home)]
    with Terminal(command, environment(home)) as terminal:
        terminal.wait_for(lambda: b"prod-chat" in terminal.written, "the deck")
        terminal.rest(4 * SETTLED_S)
        return terminal.seconds_to_quit()


def _deck(home: Path, answer: Situation, is_so: Callable[[Terminal, list[str]], bool]) -> float:
    """A deck whose server answers in one way, left when a situation has come."""
    with _serving(answer) as (url, asked):
        variables = environment(home, ANTHROPIC_ADMIN_KEY="sk-ant-admin01-bench")
        command = [sys.executable, "-m", "meterdeck", "--base-url", url, "--data-dir", str(home)]
        with Terminal(command, variables) as terminal:
            terminal.wait_for(lambda: is_so(terminal, asked), "the situation")
            terminal.rest(SETTLED_S / 3)
            return terminal.seconds_to_quit()


def _asked(_: Terminal, asked: list[str]) -> bool:
    return bool(asked)


def _aside_works(terminal: Terminal, _: list[str]) -> bool:
    """Whether the app has a process of its own, as it has for large answers."""
    children = Path(f"/proc/{terminal.process.pid}/task/{terminal.process.pid}/children")
    tasks = Path(f"/proc/{terminal.process.pid}/task").glob("*/children")
    return any(task.read_text() for task in [children, *tasks] if task.exists())


def _silent(handler: Handler) -> None:
    threading.Event().wait()


def _answer(handler: Handler, usage: bytes) -> None:
    if "usage_report" not in handler.path:
        handler.send_error(503)  # else it would keep the turn
        return
    handler.send_response(200)
    handler.send_header("content-length", str(len(usage)))
    handler.end_headers()
    handler.wfile.write(usage)


@contextmanager
def _serving(answer: Situation) -> Iterator[tuple[str, list[str]]]:
    asked: list[str] = []

    class Server(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the name that the library calls
            asked.append(self.path)
            answer(self)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.socket.close()
