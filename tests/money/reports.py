"""A store that a test fills, and the reports that the command line makes of it: offline, in this process, as JSON."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar
from unittest.mock import patch

from cli.commands import environment
from meterdeck import paths
from meterdeck.cli import connect, main
from meterdeck.domain.servers import OFFICIAL_URL
from meterdeck.store import Store, ownership

ORGANIZATION = "org_invented"
Key = TypeVar("Key")

Document = dict[str, Any]
Who = tuple[str | None, str]
"""Whom a row stands for: its id, and its kind, which tells what a null id means."""


@dataclass
class Reports:
    """A store, a clock, and the reports of the one as of the other."""

    store: Store
    folder: Path
    now: datetime

    def __call__(self, *arguments: str) -> Document:
        """A report as a document: ``reports("rates", "--by", "model")``; nobody is asked for anything."""
        words = ["--data-dir", str(self.folder), "report", *arguments, "--offline", "--format", "json"]
        said, errors = StringIO(), StringIO()
        with ExitStack() as here:
            here.enter_context(patch.dict(os.environ, environment(self.folder), clear=True))
            here.enter_context(patch.object(connect, "utc_now", lambda: self.now))
            here.enter_context(redirect_stdout(said))
            here.enter_context(redirect_stderr(errors))
            code = main(words)
        assert code in {0, 3}, errors.getvalue()
        document: Document = json.loads(said.getvalue())
        return document

    def rates(self, window: str, by: str, *more: str) -> Document:
        """Dollars and tokens by hour and member."""
        return self("rates", "--window", window, "--by", by, *more)

    def minutes(self, hour: datetime, by: str, *more: str) -> Document:
        """Dollars and tokens by minute of an hour and member."""
        return self("minutes", "--hour", f"{hour:%Y-%m-%dT%H:%MZ}", "--by", by, *more)

    def breakdown(self, window: str, by: str, *more: str) -> Document:
        """Dollars and tokens by member."""
        return self("breakdown", "--window", window, "--by", by, *more)

    def costs(self, window: str, by: str, *more: str) -> Document:
        """Dollars by day and member."""
        return self("costs", "--window", window, "--by", by, *more)

    def lines(self, day: datetime, *more: str) -> Document:
        """The lines of one day's bill."""
        return self("costs", "--lines", "--day", f"{day:%Y-%m-%d}", *more)


@contextmanager
def reports_as_of(now: datetime) -> Iterator[Reports]:
    """The reports of a new store that belongs to an invented organisation."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        store = Store(paths.live_store(folder, OFFICIAL_URL, ORGANIZATION))
        with store.write() as transaction:
            ownership.claim(transaction, ORGANIZATION, "Invented")
        try:
            yield Reports(store, folder, now)
        finally:
            store.close()


def who(row: Document) -> Who:
    """Whom a row stands for."""
    return row["id"], row["kind"]


def usd(text: str | None) -> Fraction:
    """Dollars of a report as a number to be added, exactly; unknown adds nothing."""
    return Fraction(text or 0)


def usd_of(rows: Iterable[Document]) -> Fraction:
    """The exact sum of some rows."""
    return sum((usd(row["usd"]) for row in rows), start=Fraction(0))


def usd_by(rows: Iterable[Document], key: Callable[[Document], Key]) -> dict[Key, Fraction]:
    """The exact sums of the rows that have the same key."""
    sums: dict[Key, Fraction] = {}
    for row in rows:
        sums[key(row)] = sums.get(key(row), Fraction(0)) + usd(row["usd"])
    return sums
