"""Run as a program: the deck over a store of `benches.drilling`, with a clock that stands still and nobody to ask."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

os.environ |= {
    "TEXTUAL_ANIMATIONS": "none",
    "TEXTUAL_FPS": "15",
    "ESCDELAY": "250",
}  # as the command line has them

from benches.store import NOW
from meterdeck.app.app import DeckApp
from meterdeck.app.session import Session
from meterdeck.domain.errors import MeterdeckError
from meterdeck.store import Store
from meterdeck.sync.engine import Changed, SyncEngine


def _nobody(_: Store, __: Callable[[Changed], None]) -> SyncEngine:
    raise MeterdeckError("Nobody is asked in a bench.")


def _no_demo() -> Session:
    raise AssertionError


if __name__ == "__main__":
    session = Session(Path(sys.argv[1]), lambda: NOW, _nobody, is_offline=True)
    DeckApp(session, demo=_no_demo).run_to_the_end()
