"""`meterdeck store verify`: a sample of what is settled, read again and held against the store."""

from __future__ import annotations

import argparse
import asyncio
import random
import secrets
import sys

from meterdeck.app.session import Session
from meterdeck.cli import connect
from meterdeck.cli.reading import session_to_read
from meterdeck.domain.buckets import BucketWidth, rfc3339
from meterdeck.domain.errors import MeterdeckError
from meterdeck.present.names import clean
from meterdeck.store import Store, circumstances
from meterdeck.store.coverage import Report
from meterdeck.sync.verifying import Difference, Sample, Verifying, choose
from meterdeck.sync.verifying_days import Days, verify_days

EQUAL, NOT_POSSIBLE, DIFFERENT = 0, 1, 3


def run(arguments: argparse.Namespace) -> int:
    """Print every difference; return 0 if there is none, 3 if there are some, 1 if it could not be told."""
    place = connect.place_of(arguments)
    session = session_to_read(place, demo=arguments.demo)
    store = Store(session.store)
    try:
        if store.read_only:
            raise circumstances.read_only()
        seed = secrets.randbelow(1 << 32) if arguments.seed is None else arguments.seed
        sample = choose(store, session.clock(), arguments.sample, random.Random(seed))
        if not sample.requests:
            raise MeterdeckError(
                "There is nothing to verify: no hour or day in the store has settled.",
                next="Read the history first, by a deck or by meterdeck backfill.",
            )
        _say(f"{_told(sample)} are read again, in {sample.requests} requests (--seed {seed}).")
        found = asyncio.run(_verify(session, store, sample, repair=arguments.repair))
        days = verify_days(store, repair=arguments.repair)
        found += _printed(days.differences)
    finally:
        store.close()
    again = f"meterdeck {'--demo ' * arguments.demo}store verify --sample {arguments.sample} --seed {seed} --repair"
    return _ended(found, f"{_told(sample)}{_told_of_days(days)}", again, repaired=arguments.repair)


async def _verify(session: Session, store: Store, sample: Sample, *, repair: bool) -> list[Difference]:
    """Ask for all of a sample, printing differences as they are found; raises a `MeterdeckError`."""
    engine = session.start_engine(store, lambda _: None)
    try:
        verifying = Verifying(engine.sources, sample.priority, repair=repair)
        found: list[Difference] = []
        for window in sample.usage:
            found += _printed(await verifying.hours(window))
        for window in sample.bills:
            found += _printed(await verifying.bills(window))
        return found
    finally:
        await engine.close()


def _ended(found: list[Difference], compared: str, again: str, *, repaired: bool) -> int:
    if not found:
        _say(f"Equal: {compared}.")
        return EQUAL
    if repaired:
        _say(
            f"{len(found)} figures differed; the store now holds what the API says, and days are added up anew."
        )
    else:
        _say(
            f"{len(found)} figures differ; the store was left as it is. The API may have corrected them since they "
            f"were last read. To store what it says now: {again}"
        )
    return DIFFERENT


def _told(sample: Sample) -> str:
    """``500 hours and the bill of 20 days``, what there is of both."""
    hours = sum(window.duration // BucketWidth.HOUR.delta for window in sample.usage)
    days = sum(window.duration.days for window in sample.bills)
    parts = [f"{hours} hours"] * bool(hours)
    parts += [f"the bill of {days} days"] * bool(days)
    return " and ".join(parts)


def _told_of_days(days: Days) -> str:
    """``, and the sums of 31 days``, and of how many nothing can be said."""
    told = f", and the sums of {days.compared} days" if days.compared else ""
    if days.thinned:
        told += f" ({days.thinned} more can't be compared: their hours are thinned)"
    return told


def _printed(found: list[Difference]) -> list[Difference]:
    for one in found:
        cell = " / ".join(clean(part) if part else "—" for part in one.cell)
        unit = " cents" if one.report is Report.COST else ""
        stored, reported = (
            "no row" if value is None else f"{value}{unit}" for value in (one.stored, one.reported)
        )
        is_sum = one.report is Report.USAGE and one.width is BucketWidth.DAY
        who, other = ("the day's sum", "its hours say") if is_sum else ("the store", "the API says")
        sys.stdout.write(
            f"{rfc3339(one.start)}  {one.report}  {cell}: {who} says {stored}, {other} {reported}\n"
        )
    sys.stdout.flush()
    return found


def _say(words: str) -> None:
    print(f"meterdeck: {words}", file=sys.stderr, flush=True)
