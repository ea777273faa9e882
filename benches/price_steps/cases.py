"""A case: which prices stepped, what the bill says of today, and how it was read; and how far off every figure is."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from io import StringIO
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

from benches.price_steps.collected import Collecting, TodaysBill, billed_of_today, fill_bill, fill_usage
from benches.price_steps.figures import Document, Figures, Kind
from benches.price_steps.organisation import DAY, HOUR, OWNER, TODAY, Credit, Organisation, Step
from benches.price_steps.truth import Truth
from meterdeck import paths
from meterdeck.cli import connect, main
from meterdeck.domain.buckets import BucketWidth

COMPLETE, INCOMPLETE = 0, 3
_NOT_OURS = ("ANTHROPIC", "METERDECK", "XDG")
"""Variables by which a key or a file of this user's could come in."""


@dataclass(frozen=True)
class Case:
    """What happened to the organisation, and what a collector read of it."""

    steps: tuple[Step, ...] = ()
    todays_bill: TodaysBill = TodaysBill.PARTIAL
    collecting: Collecting = Collecting.ALL_THE_TIME
    credited: tuple[Credit, ...] = ()
    of_list: Decimal = Decimal("0.88")
    of_evals: Decimal = Decimal("0.95")
    seed: int = 1
    clock: timedelta = 12 * HOUR
    """How late it is today."""

    @property
    def now(self) -> datetime:
        """When the reports are asked."""
        return TODAY + self.clock

    @property
    def organisation(self) -> Organisation:
        """Whose prices step so."""
        return Organisation(self.seed, self.steps, self.credited, self.of_list, self.of_evals)

    @property
    def can_be_known(self) -> bool:
        """Whether anything that was read can tell of every step: a running bill raises prices and lowers none."""
        return all(self._is_told(step) for step in self.steps)

    def _is_told(self, step: Step) -> bool:
        day = TODAY - step.days_ago * DAY
        if day == TODAY:
            return step.factor > 1 and self.todays_bill is TodaysBill.PARTIAL
        return day < self._open_since or step.factor > 1 or self.collecting is Collecting.ALL_THE_TIME

    @property
    def _open_since(self) -> datetime:
        """The first day that is not settled: a first fill has read each day once."""
        ended = self.now - (3 * DAY if self.collecting is Collecting.NEW else DAY)
        return BucketWidth.DAY.floor(ended)

    def kind_of(self, day: datetime) -> Kind:
        """What a day is to the newest step."""
        if day == TODAY:
            return Kind.TODAY
        if day >= self._open_since:
            return Kind.OPEN
        stepped = TODAY - min((step.days_ago for step in self.steps), default=0) * DAY
        return Kind.BEFORE if day < stepped else Kind.SINCE


class Worst(NamedTuple):
    """The largest error of a kind of figure, as a part of the truth, and the figure that has it."""

    error: Fraction
    what: str


Errors = Mapping[Kind, Worst]
"""The largest error of each kind of figure that there is."""


class Bench:
    """Measures cases; usage is the same in all of them and is put into a store only once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._number = 0

    def measure(self, case: Case) -> Errors:
        """Fill a store, ask it for every report, and hold each figure against the truth."""
        self._number += 1
        folder = self._folder / f"case-{self._number}"
        store = paths.live_store(folder, "https://api.anthropic.com", OWNER.id)
        store.parent.mkdir(parents=True)
        shutil.copy(self._usage_of(case), store)
        organisation = case.organisation
        fill_bill(store, organisation, case.now, case.todays_bill, case.collecting)
        billed = case.todays_bill is TodaysBill.PARTIAL
        lines = organisation.lines(TODAY, billed_of_today(case.now)) if billed else ()
        truth = Truth(organisation, case.now, lines)
        found: dict[Kind, Worst] = {}
        with _command_line(folder, case.now) as report:
            for figure in Figures(report, truth, case.kind_of).all():
                error = figure.error
                if figure.kind not in found or abs(error) > abs(found[figure.kind].error):
                    found[figure.kind] = Worst(error, figure.what)
        shutil.rmtree(folder)
        return found

    def _usage_of(self, case: Case) -> Path:
        path = self._folder / f"usage-{case.seed}-{case.clock // timedelta(minutes=1)}.db"
        if not path.exists():
            fill_usage(path, case.seed, case.now)
        return path


class _Report:
    """``meterdeck … --offline --format json`` in this process."""

    def __init__(self, folder: Path) -> None:
        self._before = ["--config", str(folder / "config.toml"), "--data-dir", str(folder)]

    def __call__(self, *words: str) -> Document:
        out, err = StringIO(), StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = main([*self._before, *words, "--offline", "--format", "json"])
        if code not in {COMPLETE, INCOMPLETE}:
            msg = f"meterdeck {' '.join(words)} ended with {code}: {err.getvalue()}"
            raise RuntimeError(msg)
        document: Document = json.loads(out.getvalue())
        return document


@contextmanager
def _command_line(folder: Path, now: datetime) -> Iterator[_Report]:
    """The command line with a clock, a configuration and an environment of its own."""
    config = folder / "config.toml"
    config.touch(mode=0o600)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_NOT_OURS)}
    with (
        patch.dict(os.environ, {**kept, "HOME": str(folder)}, clear=True),
        patch.object(connect, "utc_now", lambda: now),
    ):
        yield _Report(folder)
