"""What the tokens of UTC days are worth at learned prices, by the members of a dimension that the bill knows too."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from operator import add

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.dimensions import SERIES_DIMENSIONS, Dimension
from meterdeck.domain.money import BILL_DECIMALS
from meterdeck.domain.scope import Scope
from meterdeck.domain.tokens import TokenType
from meterdeck.queries.bill import Bill
from meterdeck.queries.look import Chosen, Kind, Look
from meterdeck.queries.prices import PRICE_DECIMALS, PriceBook, Worth, worth
from meterdeck.queries.split import added_up, by_token_type, choose, numbers_of_window
from meterdeck.store import sums

DAY = BucketWidth.DAY.delta
TOKENS_COST_TYPE = "tokens"
UNITS_OF_AN_ESTIMATE = 10 ** (BILL_DECIMALS - PRICE_DECIMALS)
"""How many units of the bill a unit of a `Worth` is."""
FEW_DAYS = 5
"""Days up to this number are kept added up between looks; more are read for the scope alone."""

_Descriptions = dict[tuple[str | None, str | None, str | None, str | None], str | None]


def day_estimates(
    look: Look, scope: Scope, days: Collection[datetime], book: PriceBook, bill: Bill
) -> dict[tuple[datetime, str | None], Worth]:
    """The worth of each day's tokens by the scope's dimension; a day and member without tokens does not come."""
    found: dict[tuple[datetime, str | None], Worth] = {}
    if days:
        for day, member, worth in _parts(look, scope, days, book, bill):
            have = found.get((day, member))
            found[day, member] = worth if have is None else _added(have, worth)
    return found


def _parts(
    look: Look, scope: Scope, days: Collection[datetime], book: PriceBook, bill: Bill
) -> Iterator[tuple[datetime, str | None, Worth]]:
    filters = tuple(f for f in scope.filters if f.dimension in SERIES_DIMENSIONS)
    types = scope.members(Dimension.TOKEN_TYPE)
    chosen = choose(look, filters, scope.by)
    if len(days) <= FEW_DAYS and types is None and scope.by is not Dimension.DESCRIPTION:
        for day in days:
            rows = numbers_of_window(look, Window(day, day + DAY), chosen, scope.by, book)
            for member, numbers in rows.items():
                yield day, _member(scope.by, member), _worth_of(numbers)
        return
    descriptions = _descriptions(bill) if scope.by is Dimension.DESCRIPTION else {}
    by_type = types is not None or scope.by in {Dimension.TOKEN_TYPE, Dimension.DESCRIPTION}
    for day, member, kind, counters in _alike(look, days, chosen):
        vector = book.vector(*kind)
        if not by_type:
            yield day, _member(scope.by, member), worth(counters, vector)
            continue
        for token_type, numbers in by_token_type(counters, vector):
            if types is None or token_type.value in types:
                of_type = _member_of_type(scope.by, member, kind, token_type, descriptions)
                yield day, of_type, _worth_of(numbers)


def _alike(
    look: Look, days: Collection[datetime], chosen: Chosen
) -> Iterator[tuple[datetime, str | None, Kind, Sequence[int]]]:
    """Sums of each day, member, and kind of series that has prices of its own."""
    members, kinds = dict(chosen), look.kinds
    found: dict[tuple[datetime, str | None, Kind], list[Sequence[int]]] = {}
    window = Window(min(days), max(days) + DAY)
    for day, of, counters in sums.days_by_series(look.transaction, window, members):
        if day in days:
            found.setdefault((day, members[of], kinds[of]), []).append(counters)
    for (day, member, kind), rows in found.items():
        yield day, member, kind, added_up(rows)


def _member(by: Dimension, member: str | None) -> str | None:
    return TOKENS_COST_TYPE if by is Dimension.COST_TYPE else member


def _member_of_type(
    by: Dimension, member: str | None, kind: Kind, token_type: TokenType, descriptions: _Descriptions
) -> str | None:
    if by is Dimension.TOKEN_TYPE:
        return token_type.value
    if by is Dimension.DESCRIPTION:
        _, model, tier, context = kind
        return descriptions.get((model, token_type.value, tier, context))
    return _member(by, member)


def _descriptions(bill: Bill) -> _Descriptions:
    """How the bill words the cost of each kind of token: the newest day's words."""
    by_age = sorted(bill.amounts, key=lambda of: bill.amounts[of].mask)
    lines = (bill.lines[of] for of in by_age)
    return {
        (
            line.model,
            line.member(Dimension.TOKEN_TYPE),
            line.service_tier,
            line.context_window,
        ): line.description
        for line in lines
    }


def _worth_of(numbers: Sequence[int]) -> Worth:
    units, priced, unpriced, unbilled, listed = numbers[6:]
    return units, priced, unpriced, unbilled, listed


def _added(one: Worth, other: Worth) -> Worth:
    units, priced, unpriced, unbilled, listed = map(add, one, other)
    return units, priced, unpriced, unbilled, listed
