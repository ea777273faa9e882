"""Every dollar that the reports show of the organisation, beside what it truly is.

Reads both versions of the contract (docs/report-json.md). In the first, estimates are of tokens alone; from the second
on they hold searches too, and what is not for tokens stands in rows of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any, NamedTuple

from benches.price_steps.organisation import DAY, HOUR, SERIES, TODAY, Pool
from benches.price_steps.truth import NOT_ALLOCATED, Member, Truth, Worth, Worths
from meterdeck.domain.buckets import BucketWidth, Window, month_start, next_month_start
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.money import BILL_DECIMALS
from meterdeck.domain.reports import CostLine, PriceKey
from meterdeck.domain.tokens import TokenType
from meterdeck.queries.pace import pace_window

Document = dict[str, Any]
Report = Callable[..., Document]
"""Runs ``meterdeck`` with some words and gives the JSON that it prints."""
_UNITS_A_DOLLAR = BILL_DECIMALS + 2
_OF_A_MILLION = BILL_DECIMALS + 2 - 6


class Kind(StrEnum):
    """What is compared; the value heads a column."""

    BEFORE = "settled days before"
    SINCE = "settled days since"
    OPEN = "yesterday"
    TODAY = "today"
    WINDOWS = "31d, 7d, 24h"
    END_OF_DAY = "end of day"
    MONTH = "month"
    PRICES = "prices"
    BACK_TEST = "back-test"
    BELOW = "below its bill"


class Figure(NamedTuple):
    """An amount as shown and as it truly is, in units of 10⁻³⁰ cents; of several truths any will do."""

    kind: Kind
    what: str
    shown: int | None
    true: tuple[int, ...]

    @property
    def error(self) -> Fraction:
        """How far off it is, as a part of the truth. What is not shown, and should be, is all of it off."""
        errors = [_error(self.shown, true) for true in self.true]
        return min(errors, key=abs)


def _error(shown: int | None, true: int) -> Fraction:
    difference = (shown or 0) - true
    return Fraction(difference, abs(true) or abs(difference) or 1)


class Figures:
    """The figures of one store at one moment."""

    def __init__(self, report: Report, truth: Truth, kind_of_day: Callable[[datetime], Kind]) -> None:
        self._report = report
        self._truth = truth
        self._kind_of_day = kind_of_day

    def all(self) -> Iterator[Figure]:
        """Of every report."""
        for by in (Dimension.WORKSPACE, Dimension.MODEL, Dimension.API_KEY, Dimension.TOKEN_TYPE):
            yield from self._costs(by)
        for by in (Dimension.WORKSPACE, Dimension.API_KEY):
            for span in ("31d", "7d", "24h"):
                yield from self._breakdown(by, span)
        yield from self._rates(Dimension.WORKSPACE, "31d")
        yield from self._rates(Dimension.API_KEY, "7d")
        yield from self._minutes(Dimension.WORKSPACE)
        yield from self._forecast()
        yield from self._prices()
        yield from self._back_test()

    def _costs(self, by: Dimension) -> Iterator[Figure]:
        document = self._report("report", "costs", "--window", "31d", "--by", by.word)
        old = document["version"] == 1
        rows = {(row["day"], _member(row)): row for row in document["rows"]}
        for day in _window(document["window"]).starts(BucketWidth.DAY):
            named, kind = f"{day:%Y-%m-%d}", self._kind_of_day(day)
            for member, worth in self._truth.of_day(by, day).items():
                row = rows.pop((named, member), {"estimated": True})
                true = worth.tokens if old and row["estimated"] else worth.whole
                yield Figure(kind, f"costs by {by.word}: {named} {member}", _usd(row), (true,))
        for (named, member), row in rows.items():
            yield Figure(self._kind_of_day(_day(named)), f"costs: {named} {member}", _usd(row), (0,))
        if not old:
            yield from self._day_sums(document, f"costs by {by.word}")
        today = [row for row in document["rows"] if row["day"] == f"{TODAY:%Y-%m-%d}"]
        yield from self._not_below(f"costs by {by.word}", by, {_member(row): _usd(row) for row in today})

    def _day_sums(self, document: Document, report: str) -> Iterator[Figure]:
        """Each day's own sum, and how today is said to end."""
        sums = {row["day"]: row for row in document["days"]}
        for day in _window(document["window"]).starts(BucketWidth.DAY):
            named = f"{day:%Y-%m-%d}"
            whole = _whole(self._truth.of_day(Dimension.WORKSPACE, day)).whole
            yield Figure(self._kind_of_day(day), f"{report}: {named}", _usd(sums.get(named, {})), (whole,))
        end = _usd(sums.get(f"{TODAY:%Y-%m-%d}", {}), "_end_middle")
        true = self._truth.final(Window(TODAY, TODAY + DAY))
        yield Figure(Kind.END_OF_DAY, f"{report}: today at its end", end, (true,))

    def _not_below(self, report: str, by: Dimension, shown: dict[Member, int | None]) -> Iterator[Figure]:
        """Today against its bill: the whole, and each member that the bill knows, where it is shown."""
        whole = sum(units or 0 for units in shown.values())
        yield self._against_bill(f"{report}: today", whole, lambda _: True)
        if by is not Dimension.API_KEY:
            for member, units in shown.items():
                if units is not None:
                    yield self._against_bill(
                        f"{report}: {member} today",
                        units,
                        lambda line, member=member: _member_of(line, by) == member,  # type: ignore[misc]
                    )

    def _against_bill(self, what: str, shown: int, kept: Callable[[CostLine], bool]) -> Figure:
        billed = self._truth.billed_of_today(kept)
        return Figure(Kind.BELOW, what, min(shown, billed), (billed,))

    def _breakdown(self, by: Dimension, span: str) -> Iterator[Figure]:
        document = self._report("report", "breakdown", "--window", span, "--by", by.word)
        old = document["version"] == 1
        what, now = f"breakdown of {span} by {by.word}", self._truth.now
        running = BucketWidth.HOUR.floor(now)
        rows = {_member(row): row for row in document["rows"]}
        times: dict[str, tuple[Kind, Window]] = {
            "": (Kind.WINDOWS, _window(document["window"])),
            "_today": (Kind.TODAY, Window(TODAY, TODAY + DAY)),
            "_this_hour": (Kind.TODAY, Window(running, running + HOUR)),
        }
        for ending, (kind, window) in times.items():
            for member, worth in self._truth.of_window(by, window).items():
                row = rows.get(member, {})
                # Whether a row of a part of a day holds what nothing shares out to hours is not asked here.
                true = (worth.tokens,) if old else (worth.used, worth.whole)
                if ending != "_this_hour" or _usd(row, ending) is not None:
                    yield Figure(kind, f"{what}: {member}{ending}", _usd(row, ending), true)
        pace = pace_window(now)
        for member, worth in self._truth.of_window(by, pace).items():
            shown = _usd(rows.get(member, {}), "_now_per_hour")
            if shown is not None:
                part = HOUR // pace.duration
                yield Figure(Kind.TODAY, f"{what}: {member} now", shown, (_of_use(worth, old=old) * part,))
        today = {member: _usd(row, "_today") for member, row in rows.items()}
        if not old:  # before, it was of tokens alone, and said so
            yield from self._not_below(what, by, today)

    def _rates(self, by: Dimension, span: str) -> Iterator[Figure]:
        document = self._report("report", "rates", "--window", span, "--by", by.word)
        yield from self._buckets(document, by, BucketWidth.HOUR)

    def _minutes(self, by: Dimension) -> Iterator[Figure]:
        hour = BucketWidth.HOUR.floor(self._truth.now) - HOUR
        document = self._report("report", "minutes", "--hour", f"{hour:%Y-%m-%dT%H:%MZ}", "--by", by.word)
        yield from self._buckets(document, by, BucketWidth.MINUTE)

    def _buckets(self, document: Document, by: Dimension, width: BucketWidth) -> Iterator[Figure]:
        old = document["version"] == 1
        rows = {(row["start"], _member(row)): row for row in document["rows"]}
        window = _window(document["window"])
        end = min(window.end, self._truth.known_until)
        for start in Window(window.start, end).starts(width):
            bucket, kind = Window(start, start + width.delta), self._kind_of_day(BucketWidth.DAY.floor(start))
            for member, worth in self._truth.of_window(by, bucket).items():
                true = _of_use(worth, old=old)
                if true:
                    what = f"{document['report']} by {by.word}: {start:%m-%d %H:%M} {member}"
                    row = rows.get((f"{start:%Y-%m-%dT%H:%M:%SZ}", member), {})
                    yield Figure(kind, what, _usd(row), (true,))
        for of_day in document.get("not_allocated", ()):
            day = _day(of_day["day"])
            what = f"{document['report']} by {by.word}: {of_day['day']} {NOT_ALLOCATED}"
            yield Figure(self._kind_of_day(day), what, _usd(of_day), (self._truth.code_of(day),))

    def _forecast(self) -> Iterator[Figure]:
        document = self._report("report", "forecast")
        old = document["version"] == 1
        today, month = document["rows"][:2]
        of_today = _whole(self._truth.of_day(Dimension.WORKSPACE, TODAY))
        so_far = of_today.tokens if old else of_today.whole
        yield Figure(Kind.TODAY, "forecast: today so far", _usd(today), (so_far,))
        if not old:
            yield self._against_bill("forecast: today so far", _usd(today) or 0, lambda _: True)
        first = month_start(self._truth.now)
        past = self._truth.final(Window(first, TODAY)) if first < TODAY else 0
        yield Figure(Kind.MONTH, "forecast: month so far", _usd(month), (past + so_far,))
        for row, kind, window in (
            (today, Kind.END_OF_DAY, Window(TODAY, TODAY + DAY)),
            (month, Kind.MONTH, Window(first, next_month_start(first))),
        ):
            ending = "_middle" if old else "_end_middle"
            yield Figure(kind, f"forecast: {kind}", _usd(row, ending), (self._truth.final(window),))

    def _prices(self) -> Iterator[Figure]:
        """Prices of today, where they are one price: not where some workspaces of a row pay otherwise than others."""
        document = self._report("prices")
        pools = {Pool.of(series, token_type) for series in SERIES for token_type in TokenType}
        for row in document["rows"]:
            key = PriceKey(
                row["model"], _token_type(row["token_type"]), row["service_tier"], row["context_window"]
            )
            true = {
                self._truth.price_of_today(pool)
                for pool in pools
                if pool.key == key
                and row["workspace"] in (None, {**(row["workspace"] or {}), "id": pool.workspace_id})
            }
            if len(true) == 1:
                shown = row["usd_per_million"]
                what = f"prices: {row['model']} {row['token_type']}"
                yield Figure(Kind.PRICES, what, shown and _scaled(shown, _OF_A_MILLION), tuple(true))

    def _back_test(self) -> Iterator[Figure]:
        """How far estimates were off where no price change is told, by the report's own word; and that of the bill."""
        for row in self._report("prices", "--backtest")["rows"]:
            day = _day(row["day"])
            tokens = _whole(self._truth.of_day(Dimension.WORKSPACE, day)).tokens
            billed = _scaled(row["billed_usd"], _UNITS_A_DOLLAR)
            if not self._truth.has_credits(day):
                yield Figure(self._kind_of_day(day), f"back-test: billed on {row['day']}", billed, (tokens,))
            if not row["price_changed"]:
                estimated = _scaled(row["estimated_usd"], _UNITS_A_DOLLAR)
                yield Figure(Kind.BACK_TEST, f"back-test: {row['day']}", estimated, (billed,))


def _usd(row: Document, ending: str = "") -> int | None:
    """An amount of a row, by the names of either version."""
    for name in (f"usd{ending}", f"usd_estimated{ending}"):
        if name in row:
            return None if row[name] is None else _scaled(row[name], _UNITS_A_DOLLAR)
    return None


def _scaled(text: str, decimals: int) -> int:
    units: int = round(Fraction(Decimal(text)) * 10**decimals)
    return units


def _of_use(worth: Worth, *, old: bool) -> int:
    return worth.tokens if old else worth.used


def _whole(worths: Worths) -> Worth:
    whole = Worth()
    for worth in worths.values():
        whole = whole.plus(worth)
    return whole


def _member(row: Document) -> Member:
    of: str | None = row["id"]
    if of is None:
        return str(row["kind"])
    return _token_type(of).value if of in _TOKEN_TYPES else of


_TOKEN_TYPES = {name: one for one in TokenType for name in (one.value, one.in_bill)}


def _token_type(name: str) -> TokenType:
    """By the name of either version."""
    return _TOKEN_TYPES[name]


def _member_of(line: CostLine, by: Dimension) -> Member:
    of = line.member(by)
    if of is None:
        return "default" if by is Dimension.WORKSPACE else "not_token"
    return _token_type(of).value if by is Dimension.TOKEN_TYPE else of


def _window(found: Document) -> Window:
    return Window(*(datetime.fromisoformat(found[name]) for name in ("start", "end")))


def _day(named: str) -> datetime:
    return datetime.fromisoformat(named).replace(tzinfo=UTC)
