"""Prices and their back-test, kept until something they rest on was read again, or a day has passed."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from meterdeck.domain.buckets import BucketWidth
from meterdeck.queries.back_test import BackTest, back_test
from meterdeck.queries.learning import prices_of
from meterdeck.queries.look import Look
from meterdeck.queries.price_history import PriceHistory, read_history
from meterdeck.queries.prices import PriceBook
from meterdeck.store import feeds


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Keep Python from looking for cycles among hundreds of thousands of small tuples that hold none."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class PriceCache:
    """What the settled days teach, and how well it does."""

    def __init__(self) -> None:
        self._history: PriceHistory | None = None
        self._book = PriceBook()
        self._checked: BackTest | None = None
        self._rests_on: object = None

    def learn(self, look: Look, now: datetime) -> PriceBook:
        """The price book of a moment."""
        states = feeds.load(look.transaction)
        rests_on = (BucketWidth.DAY.floor(now), states.get("hours"), states.get("costs"), states.get("mix"))
        if rests_on != self._rests_on:
            with _collector_paused():
                self._history = read_history(look, now)
                self._book = prices_of(look, self._history, now)
            self._rests_on = rests_on
        return self._book

    @property
    def checked(self) -> BackTest | None:
        """The last back-test; None before the first."""
        return self._checked

    @property
    def check_is_late(self) -> bool:
        """Whether prices were learned since."""
        return self._history is not None

    def check(self, now: datetime) -> BackTest:
        """Hold the prices against the bill. It takes as long as learning them eight times: nobody waits for it."""
        if self._history is not None:
            self._checked = back_test(self._history, self._book, now)
            self._history = None
        return self._checked or BackTest(())
