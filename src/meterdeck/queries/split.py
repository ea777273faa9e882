"""Usage of a scope split into the members of a dimension, each series priced by itself and then added."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import add
from typing import NamedTuple, TypeVar

from meterdeck.domain.buckets import BucketWidth, Window, whole_and_parts
from meterdeck.domain.dimensions import SERIES_DIMENSIONS, Dimension
from meterdeck.domain.scope import Filter
from meterdeck.domain.tokens import NO_TOKENS, TokenCounts, TokenType
from meterdeck.queries.look import Chosen, Kind, Look
from meterdeck.queries.prices import Estimate, PriceBook, Vector, worth
from meterdeck.store import sums
from meterdeck.store.sums import Counters
from meterdeck.store.topics import Topic

Numbers = Sequence[int]
"""Five token counters, web searches, and the numbers of a `Worth`."""

Row = TypeVar("Row")

_PLACES = {dimension: place for place, dimension in enumerate(SERIES_DIMENSIONS)}
_MODEL, _TIER, _CONTEXT = (
    _PLACES[dimension] for dimension in (Dimension.MODEL, Dimension.SERVICE_TIER, Dimension.CONTEXT_WINDOW)
)


class Usage(NamedTuple):
    """Tokens, web searches (a count of requests) and what the tokens are worth."""

    tokens: TokenCounts = NO_TOKENS
    web_searches: int = 0
    estimate: Estimate = Estimate()

    @classmethod
    def of(cls, numbers: Numbers) -> Usage:
        """The usage that some numbers, or a sum of them, stand for."""
        return cls(TokenCounts(*numbers[:5]), numbers[5], Estimate.of(*numbers[6:]))


class _Priced:
    """Sums by series and what they are worth; priced anew when other prices are learned."""

    def __init__(self, sums: Mapping[int, Counters]) -> None:
        self._book: PriceBook | None = None
        self._rows: dict[int, Numbers] = dict(sums)

    @property
    def counters(self) -> Mapping[int, Numbers]:
        """The first six numbers of each series, for who asks no price; what follows them may be there or not."""
        return self._rows

    def rows(self, kinds: Mapping[int, Kind], book: PriceBook) -> Mapping[int, Numbers]:
        """The numbers of each series."""
        if book is not self._book:
            self._rows = {
                of: (*row[:6], *worth(row, book.vector(*kinds[of]))) for of, row in self._rows.items()
            }
            self._book = book
        return self._rows


def choose(look: Look, filters: tuple[Filter, ...], by: Dimension) -> Chosen:
    """The series that pass all filters, with their member of a dimension (None throughout for token types)."""
    key = (filters, by)
    if key not in look.chosen:
        chosen = list(look.series.items())
        for f in filters:
            place = _PLACES[f.dimension]
            chosen = [(of, members) for of, members in chosen if members[place] in f.members]
        at = _PLACES.get(by)
        look.chosen[key] = [(of, None if at is None else members[at]) for of, members in chosen]
    return look.chosen[key]


def split_window(
    look: Look, window: Window, chosen: Chosen, by: Dimension, book: PriceBook
) -> dict[str | None, Usage]:
    """Usage of a window, by member; one without usage does not come."""
    found = numbers_of_window(look, window, chosen, by, book)
    return {member: Usage.of(numbers) for member, numbers in found.items()}


def numbers_of_window(
    look: Look, window: Window, chosen: Chosen, by: Dimension, book: PriceBook
) -> dict[str | None, Numbers]:
    """The same as plain numbers, for those who go on adding."""
    return _split(look, _priced_window(look, window, book), chosen, by, book)


def tokens_of_window(look: Look, window: Window, chosen: Chosen, by: Dimension) -> dict[str | None, int]:
    """All tokens of a window, by member, without their price: of 7,800 series in a tenth of the time."""
    counters = _window(look, window).counters
    if by is Dimension.TOKEN_TYPE:
        used = [counters[of] for of, _ in chosen if of in counters]
        return {of.value: sum(row[place] for row in used) for place, of in enumerate(TokenType)}
    totals = {of: sum(row[:5]) for of, row in counters.items()}
    return {member: sum(of_member) for member, of_member in grouped(totals, chosen).items()}


def split_minutes(
    look: Look, window: Window, chosen: Chosen, by: Dimension, book: PriceBook
) -> dict[str | None, Usage]:
    """The same of the minutes of a window."""
    priced = look.kept(
        Topic.USAGE, ("minutes", window), lambda: _Priced(sums.minutes_by_series(look.transaction, window))
    )
    found = _split(look, priced.rows(look.kinds, book), chosen, by, book)
    return {member: Usage.of(numbers) for member, numbers in found.items()}


def split_bucket(
    look: Look, of_series: Mapping[int, Counters], chosen: Chosen, by: Dimension, book: PriceBook
) -> list[tuple[str | None, Usage]]:
    """Usage of one bucket, given by series, by member: in the order of ids, or of the token types."""
    found = _split(look, _Priced(of_series).rows(look.kinds, book), chosen, by, book)
    if by is Dimension.TOKEN_TYPE:
        members: list[str | None] = [of.value for of in TokenType if of in found]
    else:
        members = sorted(found, key=lambda member: member or "")
    return [(member, Usage.of(found[member])) for member in members]


def whole_of_window(look: Look, window: Window, chosen: Chosen, book: PriceBook) -> Usage | None:
    """Usage of all chosen series together; None where there is none."""
    rows = _priced_window(look, window, book)
    used = [rows[of] for of, _ in chosen if of in rows]
    return Usage.of(added_up(used)) if used else None


def _priced_window(look: Look, window: Window, book: PriceBook) -> Mapping[int, Numbers]:
    """The numbers of each series over a window: of its whole hours, and of minutes where it has parts of hours."""
    return _window(look, window).rows(look.kinds, book)


def _window(look: Look, window: Window) -> _Priced:
    return look.kept(Topic.USAGE, ("window", window), lambda: _Priced(counters_of_window(look, window)))


def counters_of_window(look: Look, window: Window) -> Mapping[int, Counters]:
    """The counters of each series over a window: of its whole hours, and of the minutes of hours that it cuts.

    Minutes that are not there are in no sum: `usage_window` tells of them.
    """
    hours, parts = whole_and_parts(window, BucketWidth.HOUR)
    found = sums.by_series(look.transaction, hours) if hours else {}
    for part in parts:
        for of, counters in sums.minutes_by_series(look.transaction, part).items():
            have = found.get(of)
            found[of] = counters if have is None else _together(have, counters)
    return found


def _together(one: Counters, other: Counters) -> Counters:
    a, b, c, d, e, f = map(add, one, other)
    return a, b, c, d, e, f


def added_up(rows: Iterable[Numbers]) -> Numbers:
    """Numbers (at least one row of them) added place by place."""
    return tuple(map(sum, zip(*rows, strict=True)))


def grouped(rows: Mapping[int, Row], chosen: Chosen) -> dict[str | None, list[Row]]:
    """The rows of the chosen series by member: adding a member's rows at once is far quicker than one by one."""
    found: dict[str | None, list[Row]] = {}
    for of, member in chosen:
        row = rows.get(of)
        if row is not None:
            if member in found:
                found[member].append(row)
            else:
                found[member] = [row]
    return found


def _split(
    look: Look, rows: Mapping[int, Numbers], chosen: Chosen, by: Dimension, book: PriceBook
) -> dict[str | None, Numbers]:
    if by is Dimension.TOKEN_TYPE:
        return _by_token_type(look, rows, chosen, book)
    return {member: added_up(of_member) for member, of_member in grouped(rows, chosen).items()}


def _by_token_type(
    look: Look, rows: Mapping[int, Numbers], chosen: Chosen, book: PriceBook
) -> dict[str | None, Numbers]:
    """Each counter of all series added, and what it is worth at each series' own price."""
    kinds = look.kinds
    priced = [(rows[of], book.vector(*kinds[of])) for of, _ in chosen if of in rows]
    found: dict[str | None, Numbers] = {}
    for place, token_type in enumerate(TokenType):
        count = sum(row[place] for row, _ in priced)
        if count:
            only = tuple(count if at == place else 0 for at in range(5))
            found[token_type.value] = (*only, 0, *_worth_of_one(priced, place))
    return found


def _worth_of_one(priced: Sequence[tuple[Numbers, Vector | None]], place: int) -> tuple[int, ...]:
    """The numbers of a `Worth` of one token counter."""
    units = known = unpriced = unbilled = listed = 0
    for row, vector in priced:
        count = row[place]
        if not count:
            continue
        if vector is None:
            unbilled += count
            continue
        price = vector.prices[place]
        if price is None:
            unpriced += count
            continue
        units += count * price
        known += count
        if vector.listed and vector.listed[place]:
            listed += count
    return units, known, unpriced, unbilled, listed


def by_token_type(counters: Sequence[int], vector: Vector | None) -> Iterator[tuple[TokenType, Numbers]]:
    """Each token counter by itself, where it is not 0; a search has no token type and is in none."""
    for place, (token_type, count) in enumerate(zip(TokenType, counters, strict=False)):
        if count:
            only = tuple(count if at == place else 0 for at in range(5))
            yield token_type, (*only, 0, *worth(only, vector))
