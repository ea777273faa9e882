"""How many buckets to ask for at once, learned from what was too much."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from meterdeck.api import ApiError, TooLarge

TOOK_TOO_LONG = 504


class Portion:
    """At most so many buckets: half of what was too much, and a quarter more with each answer that came."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.size = most

    @contextmanager
    def asking_for(self, buckets: int) -> Iterator[None]:
        """Learn from how it goes: an answer beyond the cap, or one that took too long (api-facts 1.3), asks for less."""
        try:
            yield
        except ApiError as error:
            if isinstance(error, TooLarge) or error.status == TOOK_TOO_LONG:
                self.size = max(1, buckets // 2)
            raise
        self.size = min(self._most, self.size + max(1, self.size // 4))
