"""Run as a program: the real deck, which crashes at its first new figures with the key in its local variables."""

from __future__ import annotations

import os
import sys

from meterdeck.app.deck.screen import DeckScreen
from meterdeck.app.messages import StoreChanged
from meterdeck.cli import main


def _crash(_: DeckScreen, message: StoreChanged) -> None:
    key = os.environ["ANTHROPIC_ADMIN_KEY"]
    headers = {"x-api-key": key}  # as a careless change could make one
    raise RuntimeError(f"forced for the test by {message!r}, {len(headers)} header")


if __name__ == "__main__":
    DeckScreen.on_store_changed = _crash  # type: ignore[assignment, method-assign]
    sys.exit(main())
