"""One look at the store: what queries share in one transaction, and what earlier looks left that still holds.

A screen asks the same of the store again and again while its scope changes. What does not depend on the scope,
usage added up by series, the bill by line and the directory, is therefore read once, and kept until the store
says that its topic has changed. With it, any scope is a sum over some thousands of series at most.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Any, TypeVar

from meterdeck.domain.buckets import Window
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.reports import CostLine, Series
from meterdeck.domain.scope import Filter
from meterdeck.queries.bill import Bill, read_bill
from meterdeck.queries.names import Names
from meterdeck.store import Transaction, costs, directory, hours, sums
from meterdeck.store.directory import Directory
from meterdeck.store.hours import HourSources
from meterdeck.store.topics import Topic

MOST_KEPT = 40
"""Answers on one topic: what two screens ask for. Windows move with the clock, and leave old answers behind."""

Answer = TypeVar("Answer")

Kind = tuple[str | None, str | None, str | None, str | None]
"""Workspace, model, service tier and context window: beside the token type, what a price depends on."""

Chosen = dict[int, str | None]
"""The series of a scope, each with its member of the dimension that is asked for."""


class Memory:
    """Answers of earlier looks, each for as long as its topic stays at one revision. For one store, one thread."""

    def __init__(self) -> None:
        self._kept: dict[Topic, dict[Hashable, Any]] = {}
        self._revisions: dict[str, int] = {}

    def turn_to(self, revisions: dict[str, int]) -> None:
        """Forget what rests on a topic that has changed since the last look."""
        for topic in Topic:
            if revisions.get(topic) != self._revisions.get(topic):
                self._kept.pop(topic, None)
        self._revisions = revisions

    def revision(self, topic: Topic) -> int:
        """The number of a topic at the last look; 0 before its first change."""
        return self._revisions.get(topic, 0)

    def recall(self, topic: Topic, key: Hashable, make: Callable[[], Answer]) -> Answer:
        """The answer that is kept under a key, else a new one."""
        kept = self._kept.setdefault(topic, {})
        if key not in kept:
            if len(kept) >= MOST_KEPT:
                del kept[next(iter(kept))]
            kept[key] = make()
        answer: Answer = kept[key]
        return answer


class Look:
    """One moment of the store. Without a memory of earlier looks it remembers its own answers alone."""

    def __init__(self, transaction: Transaction, memory: Memory | None = None) -> None:
        self.transaction = transaction
        self._memory = memory or Memory()
        self.chosen: dict[tuple[tuple[Filter, ...], Dimension], Chosen] = {}
        """The series of each scope that was asked for in this look (`meterdeck.queries.split.choose`)."""
        self._memory.turn_to(transaction.revisions())

    @property
    def series(self) -> Mapping[int, Series]:
        """Every series that was ever seen, by its id in the store."""
        return self.kept(Topic.USAGE, "series", lambda: sums.series(self.transaction))

    @property
    def kinds(self) -> Mapping[int, Kind]:
        """What the price of each series' tokens depends on."""
        return self.kept(
            Topic.USAGE,
            "kinds",
            lambda: {
                of: (s.workspace_id, s.model, s.service_tier, s.context_window)
                for of, s in self.series.items()
            },
        )

    @property
    def lines(self) -> Mapping[int, CostLine]:
        """Every line that was ever billed, by its id in the store."""
        return self.kept(Topic.COSTS, "lines", lambda: costs.line_ids(self.transaction))

    @property
    def directory(self) -> Directory:
        """All names that were read."""
        return self.kept(Topic.DIRECTORY, "directory", lambda: directory.load(self.transaction))

    @property
    def names(self) -> Names:
        """Labels for ids."""
        return self.kept(Topic.DIRECTORY, "names", lambda: Names(self.directory))

    def sources(self, window: Window) -> HourSources:
        """Where each hour of a window has its figures from, and which were read."""
        key = ("sources", window)
        return self.kept(Topic.COVERAGE, key, lambda: hours.hour_sources(self.transaction, window))

    def bill(self, window: Window) -> Bill:
        """The bill of days, by line; one that was read for more days serves for fewer."""
        whole: Bill = self.kept(Topic.COSTS, "bill", lambda: read_bill(self.transaction, window))
        if whole.window == window:
            return whole
        if whole.window.start <= window.start and window.end <= whole.window.end:
            return self.kept(Topic.COSTS, ("bill", window), lambda: whole.within(window))
        return read_bill(self.transaction, window)

    def revision(self, topic: Topic) -> int:
        """A number that grows when a topic changes: part of the key of what rests on two topics."""
        return self._memory.revision(topic)

    def kept(self, topic: Topic, key: Hashable, make: Callable[[], Answer]) -> Answer:
        """What was made of a topic, for as long as it stays as it is."""
        return self._memory.recall(topic, key, make)
