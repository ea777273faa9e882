"""Prices and their back-test, kept until something they rest on was read again, or a day has passed."""

from __future__ import annotations

from datetime import datetime

from meterdeck.domain.buckets import BucketWidth
from meterdeck.queries.back_test import BackTest, back_test
from meterdeck.queries.learning import book_of
from meterdeck.queries.look import Look
from meterdeck.queries.price_history import read_history
from meterdeck.queries.prices import PriceBook
from meterdeck.store import feeds


class PriceCache:
    """What the settled days teach, and how well it does."""

    def __init__(self) -> None:
        self._known = PriceBook(), BackTest(())
        self._rests_on: object = None

    def learn(self, look: Look, now: datetime) -> tuple[PriceBook, BackTest]:
        """The price book of a moment, and its back-test."""
        states = feeds.load(look.transaction)
        rests_on = (BucketWidth.DAY.floor(now), states.get("hours"), states.get("costs"), states.get("mix"))
        if rests_on != self._rests_on:
            history = read_history(look, now)
            book = book_of(history)
            self._known = book, back_test(history, book, now)
            self._rests_on = rests_on
        return self._known
