"""What a settled day's bill is shared out to, by series: worked out once, kept, and only added up afterwards.

Lines that differ only in geo and description form one pool (workspace, model, tier, context window, token type). A pool
is shared by the tokens of its series, the searches of a workspace by searches, in whole units of 10⁻¹² cents (finer
where an amount is), by largest remainders, ties by the series' id. What nothing can be shared out by stays with its
line: money without tokens, and lines whose tokens were not read.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from meterdeck.domain.apportion import apportion
from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.money import EXACT, to_units
from meterdeck.domain.reports import CostLine, Series
from meterdeck.domain.tokens import TokenType
from meterdeck.store import costs, coverage, sums
from meterdeck.store.coverage import Report, starts_as_json
from meterdeck.store.database import Store, Transaction
from meterdeck.store.settled import is_settled
from meterdeck.store.times import from_seconds, to_seconds
from meterdeck.store.topics import Topic

DAY = BucketWidth.DAY
FEWEST_DECIMALS = 12
"""Of a cent, in what is shared out."""
DAYS_A_TURN = 4
"""How many days one transaction shares out: others want to write too."""
LONGEST_BACK = timedelta(days=800)
"""Further back there is no bill that anybody looks at; hours go after 400 days."""
SEARCHES = 5
"""The place of web searches among the six amounts of a series; before them come the token types."""
_LARGEST_INTEGER = 2**63 - 1
_PLACES = {token_type: place for place, token_type in enumerate(TokenType)}
_AMOUNTS = ("uncached_input", "cache_read", "cache_write_5m", "cache_write_1h", "output", "web_searches")

Counters = Sequence[int]
"""The five token counters, in the order of `TokenType`, and web searches."""


class Pool(NamedTuple):
    """Lines of one day that are shared out together: by the tokens of one type, or by searches."""

    workspace_id: str | None
    place: int
    """Of the counter that it is shared out by: a token type's, or `SEARCHES`."""
    model: str | None = None
    service_tier: str | None = None
    context_window: str | None = None

    def holds(self, series: Series) -> bool:
        """Whether a series has a part of it, if it has tokens (or searches) at all."""
        if self.place == SEARCHES:
            return series.workspace_id == self.workspace_id
        return (self.workspace_id, self.model, self.service_tier, self.context_window) == (
            series.workspace_id, series.model, series.service_tier, series.context_window,
        )  # fmt: skip


class Share(NamedTuple):
    """One series' part of a day: six amounts in units; None: not used, or no line pays for it."""

    amounts: tuple[int | None, ...]
    unmatched: int = 0
    """How many tokens no line pays for."""
    unmatched_searches: int = 0
    mixed: int = 0
    """A bit for each amount, from the first on, that is an average over several lines."""

    def plus(self, other: Share) -> Share:
        """Both added; an amount that one of them lacks adds nothing."""
        return Share(
            tuple(map(_plus, self.amounts, other.amounts)),
            self.unmatched + other.unmatched,
            self.unmatched_searches + other.unmatched_searches,
            self.mixed | other.mixed,
        )


@dataclass(frozen=True, slots=True)
class Allocation:
    """A day's bill shared out."""

    decimals: int
    """Of a cent, in its units."""
    shares: Mapping[int, Share]
    """By series; one that used nothing has none."""
    rest: frozenset[int]
    """The lines that nothing can be shared out by."""


class AllocatedSums(NamedTuple):
    """One series' parts of some days, added up. An amount is None where no day has one."""

    decimals: int
    series: int
    share: Share
    """Its amounts are None where no day has one."""


def pool_of(line: CostLine) -> Pool | None:
    """The pool of a line; None for one that nothing can be shared out by."""
    if line.cost_type == "web_search":
        return Pool(line.workspace_id, SEARCHES)
    token_type = TokenType.of_line(line.token_type) if line.is_tokens else None
    if token_type is None:
        return None
    return Pool(line.workspace_id, _PLACES[token_type], line.model, line.service_tier, line.context_window)


def share_out(
    bill: Mapping[int, int],
    lines: Mapping[int, CostLine],
    usage: Mapping[int, Counters],
    series: Mapping[int, Series],
    decimals: int,
) -> Allocation:
    """Share a day's bill (units by line) out among its series (counters by id). Pure; the amounts add up exactly."""
    pools: dict[Pool, list[int]] = {}
    rest: set[int] = set()
    for of in bill:
        pool = pool_of(lines[of])
        if pool is None:
            rest.add(of)
        else:
            pools.setdefault(pool, []).append(of)
    amounts: dict[int, list[int | None]] = {of: [None] * len(_AMOUNTS) for of in usage}
    mixed = dict.fromkeys(usage, 0)
    members = members_of(usage, series)
    for pool, of_pool in pools.items():
        found = members.get(pool)
        if found is None:
            rest.update(of_pool)
            continue
        shares = apportion(sum(bill[of] for of in of_pool), [usage[of][pool.place] for of in found])
        bit = 1 << pool.place if len(of_pool) > 1 else 0
        for of, share in zip(found, shares, strict=True):
            amounts[of][pool.place] = share
            mixed[of] |= bit
    shares_of = {
        of: Share(tuple(of_series), *_unmatched(of_series, usage[of]), mixed[of])
        for of, of_series in amounts.items()
    }
    return Allocation(decimals, shares_of, frozenset(rest))


def _unmatched(amounts: Sequence[int | None], counters: Counters) -> tuple[int, int]:
    """How many tokens and searches have no amount."""
    lacking = [count if amount is None else 0 for amount, count in zip(amounts, counters, strict=True)]
    return sum(lacking[:SEARCHES]), lacking[SEARCHES]


def members_of(usage: Mapping[int, Counters], series: Mapping[int, Series]) -> dict[Pool, list[int]]:
    """The series that have a part of each pool, in the order of their ids: those that used any of its tokens."""
    members: dict[Pool, list[int]] = {}
    for of in sorted(usage):
        workspace, model, _, tier, context = series[of]
        for place, count in enumerate(usage[of]):
            if count:
                pool = (
                    Pool(workspace, SEARCHES)
                    if place == SEARCHES
                    else Pool(workspace, place, model, tier, context)
                )
                members.setdefault(pool, []).append(of)
    return members


def decimals_of(cents: Iterable[Decimal]) -> int:
    """The decimals of a cent in which amounts are shared out: 12, or as many as the finest of them has."""
    finest = FEWEST_DECIMALS
    for amount in cents:
        exponent = amount.normalize(EXACT).as_tuple().exponent
        if isinstance(exponent, int):
            finest = max(finest, -exponent)
    return finest


def work_out(
    transaction: Transaction,
    day: datetime,
    lines: Mapping[int, CostLine] | None = None,
    series: Mapping[int, Series] | None = None,
) -> Allocation:
    """Share out the bill of a day that is settled and whole in usage; who has all lines and series gives them."""
    window = Window(day, day + DAY.delta)
    known = costs.line_ids(transaction) if lines is None else lines
    cents = {of: Decimal(text) for _, of, text in costs.amounts(transaction, window) if known[of].is_usd}
    decimals = decimals_of(cents.values())
    bill = {of: to_units(amount, decimals) for of, amount in cents.items()}
    all_series = sums.series(transaction) if series is None else series
    return share_out(bill, known, sums.by_series(transaction, window), all_series, decimals)


def keep_up(store: Store, now: datetime) -> int:
    """Share out every day that is settled by now and is not kept yet, newest first; returns how many were.

    A few days a transaction; what it is stopped at is done the next time. Raises `StoreError`.
    """
    done = 0
    if store.read_only:
        return done
    while True:
        with store.read() as transaction:
            days = _to_do(transaction, now)[:DAYS_A_TURN]
        if not days:
            return done
        with store.write() as transaction:
            lines, series = costs.line_ids(transaction), sums.series(transaction)
            still = set(_to_do(transaction, now))
            for day in days:
                if day in still:  # nobody was faster, and nothing was restated
                    _keep(transaction, day, work_out(transaction, day, lines, series))
        done += len(days)


def allocatable(transaction: Transaction, window: Window, now: datetime) -> list[datetime]:
    """The days that start inside a window and are settled in the bill and whole in usage, oldest first."""
    bills = coverage.covered(transaction, Report.COST, DAY, window)
    whole = coverage.covered(transaction, Report.USAGE, DAY, window)
    return [day for day, read in bills.items() if day in whole and is_settled(day, read, now)]


def kept_days(transaction: Transaction, window: Window) -> frozenset[datetime]:
    """The days that start inside a window and are kept shared out."""
    rows = transaction.all(
        "SELECT day FROM allocation WHERE day >= ? AND day < ?",
        (to_seconds(window.start), to_seconds(window.end)),
    )
    return frozenset(from_seconds(day) for (day,) in rows)


def load(transaction: Transaction, day: datetime) -> Allocation | None:
    """What a day's bill is shared out to; None where it is not kept."""
    head = transaction.one("SELECT decimals FROM allocation WHERE day = ?", (to_seconds(day),))
    if head is None:
        return None
    rows = transaction.all(
        f"SELECT series, unmatched, unmatched_searches, mixed, {_COLUMNS} FROM allocated WHERE day = ?",
        (to_seconds(day),),
    )
    rest = transaction.all("SELECT line FROM not_allocated WHERE day = ?", (to_seconds(day),))
    return Allocation(
        head[0],
        {
            of: Share(tuple(map(_whole, amounts)), unmatched, searches, mixed)
            for of, unmatched, searches, mixed, *amounts in rows
        },
        frozenset(line for (line,) in rest),
    )


def rest_of(transaction: Transaction, days: Collection[datetime]) -> list[tuple[datetime, int]]:
    """(day, line) of the lines of kept days that nothing can be shared out by."""
    rows = transaction.all(
        "SELECT day, line FROM not_allocated WHERE day IN (SELECT value FROM json_each(?))",
        (starts_as_json(days),),
    )
    return [(from_seconds(day), line) for day, line in rows]


def unmatched(transaction: Transaction, days: Collection[datetime]) -> list[tuple[datetime, int, int, int]]:
    """(day, series, tokens, searches) of what no line of kept days pays for; tokens of the Priority Tier among them."""
    rows = transaction.all(
        "SELECT u.day, series, unmatched, unmatched_searches FROM json_each(?) AS d CROSS JOIN allocated AS u"
        " ON u.day = d.value WHERE unmatched OR unmatched_searches",
        (starts_as_json(days),),
    )
    return [(from_seconds(day), of, tokens, searches) for day, of, tokens, searches in rows]


def totals(
    transaction: Transaction, days: Collection[datetime], of: Collection[int] | None = None
) -> Iterator[AllocatedSums]:
    """The parts of kept days added up by series, of all or of some; one for each number of decimals."""
    if _any_is_large(transaction, days):
        return _added_up(found for _, found in totals_by_day(transaction, days, of))
    source, parameters = _parts_of(days, of)
    sums_of_parts = ", ".join(f"sum({amount} / {_PART}), sum({amount} % {_PART})" for amount in _AMOUNTS)
    bits = " + ".join(f"max(mixed & {1 << place})" for place in range(len(_AMOUNTS)))
    rows = transaction.all(
        f"SELECT decimals, series, sum(unmatched), sum(unmatched_searches), {bits}, {sums_of_parts} FROM {source}"
        " GROUP BY decimals, series",
        parameters,
    )
    return (
        AllocatedSums(decimals, series, Share(tuple(map(_joined, parts[::2], parts[1::2])), *flags))
        for decimals, series, *rest in rows
        for flags, parts in [(rest[:3], rest[3:])]
    )


def totals_by_day(
    transaction: Transaction, days: Collection[datetime], of: Collection[int] | None = None
) -> Iterator[tuple[datetime, AllocatedSums]]:
    """The parts of each kept day by series, of all or of some."""
    source, parameters = _parts_of(days, of)
    rows = transaction.all(
        f"SELECT u.day, decimals, series, unmatched, unmatched_searches, mixed, {_COLUMNS} FROM {source}",
        parameters,
    )
    starts = {seconds: from_seconds(seconds) for seconds in {row[0] for row in rows}}
    return (
        (starts[day], AllocatedSums(decimals, series, Share(tuple(map(_whole, amounts)), *flags)))
        for day, decimals, series, *rest in rows
        for flags, amounts in [(rest[:3], rest[3:])]
    )


_COLUMNS = ", ".join(_AMOUNTS)
_PART = 10**9
"""Amounts are added up in two parts, above and below it: SQLite's integers can't hold the sums of some days."""


def _parts_of(days: Collection[datetime], of: Collection[int] | None) -> tuple[str, dict[str, object]]:
    source = (
        "json_each(:days) AS d CROSS JOIN allocation AS a ON a.day = d.value"
        " CROSS JOIN allocated AS u ON u.day = a.day"
    )
    parameters: dict[str, object] = {"days": starts_as_json(days)}
    if of is not None:
        parameters["series"] = json.dumps(list(of))
        source += " AND u.series IN (SELECT value FROM json_each(:series))"
    return source, parameters


def _any_is_large(transaction: Transaction, days: Collection[datetime]) -> bool:
    return (
        transaction.one(
            "SELECT 1 FROM allocation WHERE is_large AND day IN (SELECT value FROM json_each(?))",
            (starts_as_json(days),),
        )
        is not None
    )


def _added_up(found: Iterable[AllocatedSums]) -> Iterator[AllocatedSums]:
    shares: dict[tuple[int, int], Share] = {}
    for decimals, series, share in found:
        have = shares.get((decimals, series))
        shares[decimals, series] = share if have is None else have.plus(share)
    return (AllocatedSums(*of, share) for of, share in shares.items())


def _plus(one: int | None, other: int | None) -> int | None:
    return other if one is None else one if other is None else one + other


def _joined(above: int | None, below: int | None) -> int | None:
    return None if above is None or below is None else above * _PART + below


def _whole(amount: int | str | None) -> int | None:
    return None if amount is None else int(amount)


def _to_do(transaction: Transaction, now: datetime) -> list[datetime]:
    """The days that are settled and not kept, newest first."""
    window = Window(DAY.floor(now - LONGEST_BACK), DAY.floor(now))
    kept = kept_days(transaction, window)
    return [day for day in allocatable(transaction, window, now) if day not in kept][::-1]


def _keep(transaction: Transaction, day: datetime, found: Allocation) -> None:
    seconds = to_seconds(day)
    rows = [(seconds, of, *map(_fitting, share.amounts), *share[1:]) for of, share in found.shares.items()]
    is_large = any(isinstance(amount, str) for row in rows for amount in row)
    transaction.run(
        "INSERT INTO allocation (day, decimals, is_large) VALUES (?, ?, ?)",
        (seconds, found.decimals, is_large),
    )
    transaction.run_many(
        f"INSERT INTO allocated (day, series, {_COLUMNS}, unmatched, unmatched_searches, mixed)"
        f"  VALUES ({', '.join('?' * 11)})",
        rows,
    )
    transaction.run_many(
        "INSERT INTO not_allocated (day, line) VALUES (?, ?)", [(seconds, line) for line in found.rest]
    )
    transaction.revise(Topic.ALLOCATION)


def _fitting(amount: int | None) -> int | str | None:
    return str(amount) if amount is not None and abs(amount) > _LARGEST_INTEGER else amount
