"""What is kept of a deck for the next start: the picture of its screen, and the view that was left."""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic

from meterdeck.app.deck.screen import DeckScreen
from meterdeck.app.session import ShownScreen
from meterdeck.present.names import clean
from meterdeck.queries.freshness import LIVE_FEED

EVERY_S = 30.0


class ScreenKeeper:
    """Keeps what a deck shows, at most so often, in threads: a disk can hang."""

    def __init__(self, keep: Callable[[ShownScreen], None] | None) -> None:
        self._keep = keep
        """None where it has no place."""
        self._kept_at: float | None = None

    @property
    def is_due(self) -> bool:
        """Whether it was not kept for a while."""
        return self._kept_at is None or monotonic() - self._kept_at >= EVERY_S

    def keep(self, screen: DeckScreen) -> threading.Thread | None:
        """Begin to keep what a deck shows; None where the next start would have to tell more than it can.

        The header tells the filters, and it is the one line that the next start does not paint.
        """
        keep, deck = self._keep, screen.deck
        if keep is None or deck is None or screen.scope.filters:
            return None
        newest = deck.status.feeds.get(LIVE_FEED)
        if newest is None or newest.read_at is None:
            return None
        self._kept_at = monotonic()
        strips = screen._compositor.render_strips()  # noqa: SLF001 - there is no public way; Textual is pinned
        shown = ShownScreen(
            (screen.size.width, screen.size.height),
            clean(deck.status.organization or ""),
            newest.read_at,
            tuple(strip.render(screen.app.console) for strip in strips),
        )
        return _begin(lambda: keep(shown))


def keep_view(screen: DeckScreen) -> threading.Thread:
    """Begin to keep the view that is left."""
    return _begin(screen.last_to_keep())


def _begin(keep: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=keep, daemon=True)
    thread.start()
    return thread
