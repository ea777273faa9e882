"""Sums of usage split into the members of a dimension, each priced by itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.tokens import TokenCounts, TokenType
from meterdeck.queries.prices import PRICED_BY, Estimate, PriceBook
from meterdeck.store.usage import UsageTotal


class PricedPart(NamedTuple):
    """Usage of one member, and what it is worth."""

    member: str | None
    tokens: TokenCounts
    web_searches: int
    estimate: Estimate


def priced_group(by: Dimension) -> tuple[Dimension, ...]:
    """What to group usage by so that `priced_parts` can split it by a dimension, token types among them."""
    return PRICED_BY if by is Dimension.TOKEN_TYPE else (*PRICED_BY, by)


def priced_parts(total: UsageTotal, by: Dimension, book: PriceBook) -> Iterator[PricedPart]:
    """The parts of a sum that was grouped by `priced_group`; a search has no token type and is in no such part."""
    model, tier, context = total.members[:3]
    if by is not Dimension.TOKEN_TYPE:
        estimate = book.estimate(total.tokens, model, tier, context)
        yield PricedPart(total.members[3], total.tokens, total.web_searches, estimate)
        return
    for token_type in TokenType:
        tokens = total.tokens.only(token_type)
        if tokens.total:
            yield PricedPart(token_type.value, tokens, 0, book.estimate(tokens, model, tier, context))
