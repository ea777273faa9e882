"""How near learned prices and estimates come to what the simulated organisation truly pays."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import httpx

from meterdeck.api import AdminClient
from meterdeck.api.client import UNPACED
from meterdeck.domain.secret import Secret
from meterdeck.queries.back_test import BackTest, back_test
from meterdeck.queries.learning import book_of
from meterdeck.queries.look import Look
from meterdeck.queries.price_history import read_history
from meterdeck.service import demo_app
from meterdeck.service.simulated.options import Options, PriceStep
from meterdeck.store import Store
from meterdeck.sync.engine import SyncEngine
from meterdeck.sync.plan import DEMO_CADENCE, Feed
from meterdeck.sync.readers import Sources

NOW = datetime(2026, 11, 20, 14, 37, 20, tzinfo=UTC)
TODAY = NOW.replace(hour=0, minute=0, second=0)
DAY = timedelta(days=1)
CHANGE = PriceStep(TODAY - 4 * DAY, Decimal("1.1"))
CASES: dict[str, tuple[Options, timedelta]] = {
    "31 days, late tokens, mixed geos and speeds, a partial bill of today": (Options(), 31 * DAY),
    "two settled days of it": (Options(), 5 * DAY),
    "no bill of today at all": (Options(today="absent"), 31 * DAY),
    "every price +10 % on the newest settled day": (Options(price_steps=(CHANGE,)), 31 * DAY),
    "seed 2": (Options(seed=2), 31 * DAY),
}


def run(folder: Path) -> Iterator[tuple[str, str]]:
    """Fill a store in each case, and hold estimates of billed days against their bills."""
    for number, (name, (options, past)) in enumerate(CASES.items()):
        checked, changed = asyncio.run(_check(folder / f"{number}.db", options, TODAY - past))
        yield f"back-test: {name}", _said(checked, changed)


async def _check(path: Path, options: Options, since: datetime) -> tuple[BackTest, int]:
    def clock() -> datetime:
        return NOW

    store = Store(path)
    via = httpx.ASGITransport(app=demo_app(options, clock=clock))
    client = AdminClient("http://localhost", Secret("demo"), via=via)
    engine = SyncEngine(Sources(client, store, clock, lambda _: UNPACED, DEMO_CADENCE))
    feeds = (Feed.HOURS, Feed.LIVE, Feed.COSTS, Feed.MIX, Feed.DIRECTORY)
    for failure in (await engine.catch_up(feeds, since=since)).values():
        raise failure
    await engine.close()
    with store.read() as transaction:
        history = read_history(Look(transaction), NOW)
    store.close()
    book = book_of(history)
    return back_test(history, book, NOW), len({change.day for change in book.changes})


def _said(checked: BackTest, changed: int) -> str:
    days = [day for day in checked.days if not day.price_changed]
    worst = max((abs(day.gap.permyriad) for day in days), default=0)
    yesterday = next((day for day in checked.days if not day.settled), None)
    words = [f"largest gap of {len(days)} days {worst / 100:.2f} %"]
    if yesterday is not None:
        words.append(f"yesterday {yesterday.gap.permyriad / 100:+.2f} %")
    words += [
        f"the day of the change {day.gap.permyriad / 100:+.2f} %" for day in checked.days if day.price_changed
    ]
    words.append(f"{changed} price changes told")
    return ", ".join(words)
