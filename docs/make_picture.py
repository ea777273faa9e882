"""Draw the README's picture: the real deck over the simulated organisation, at a fixed moment (`make picture`)."""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import httpx

from meterdeck.api import AdminClient
from meterdeck.api.client import UNPACED
from meterdeck.app.app import DeckApp
from meterdeck.app.deck.screen import DeckScreen
from meterdeck.app.session import Session
from meterdeck.domain.secret import Secret
from meterdeck.service import demo_app
from meterdeck.store import Store
from meterdeck.sync.engine import SyncEngine
from meterdeck.sync.plan import DEMO_CADENCE, Feed
from meterdeck.sync.readers import Sources

# A Wednesday in the middle of a launch, an hour after a key began to run away.
MOMENT = datetime(2026, 11, 18, 19, 48, tzinfo=UTC)
SIZE = (120, 40)
PICTURE = Path(__file__).parent / "deck.svg"


def clock() -> datetime:
    """The moment of the picture."""
    return MOMENT


def start_engine(store: Store, on_change: object) -> SyncEngine:
    """Make an engine over the embedded organisation."""
    client = AdminClient(
        "http://localhost", Secret("demo"), via=httpx.ASGITransport(app=demo_app(clock=clock))
    )
    return SyncEngine(Sources(client, store, clock, lambda _: UNPACED, DEMO_CADENCE))


async def draw(path: Path) -> None:
    """Fill a store, show it, and save what the screen shows."""
    store = Store(path)
    engine = start_engine(store, None)
    await engine.catch_up(Feed)
    store.close()
    session = Session(path, clock, start_engine, is_demo=True)
    app = DeckApp(session, demo=lambda: session)
    async with app.run_test(size=SIZE) as pilot:
        while not (isinstance(app.screen, DeckScreen) and app.screen.deck):
            await pilot.pause()
        await pilot.pause()
        svg = app.export_screenshot(title="meterdeck --demo")
    # The picture must not load fonts from anywhere: the reader's own monospace font will do.
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    PICTURE.write_text(svg.replace("Fira Code", "ui-monospace, Menlo, Consolas"), encoding="utf-8")


if __name__ == "__main__":
    os.environ |= {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
    os.environ.pop("NO_COLOR", None)
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(draw(Path(folder) / "picture.db"))
    print(f"wrote {PICTURE}")
