"""The strip of key figures as text."""

from __future__ import annotations

from decimal import Decimal

from meterdeck.domain.budgets import Period
from meterdeck.present.budgets import end_words, gone_words, of_scope, used
from meterdeck.present.columns import Tone
from meterdeck.present.dollars import text_of
from meterdeck.present.numbers import NOTHING, UNPRICED, tokens, trend, usd_short, usd_whole
from meterdeck.present.parts import Part
from meterdeck.queries.deck import Deck
from meterdeck.queries.outlook import BudgetAhead

CELLS, FEW_CELLS = 8, 5
"""Of a budget's bar."""


def key_figures(deck: Deck) -> tuple[list[Part], list[Part]]:
    """How fast, what today costs and will, what the month has cost and will, how well the cache works.

    A budget stands behind the amount that it is set for.
    """
    left = [*_pace(deck), *_today(deck), *_month(deck)]
    ratio = deck.figures.cache_hit_ratio
    if ratio is not None:
        left.append(Part(f"cache {round(ratio * 100)}%", "", 2))
    return left, []


def _pace(deck: Deck) -> list[Part]:
    pace, before = deck.figures.pace, deck.figures.pace_before
    if pace is None:
        return [Part(f"{NOTHING} tok/min", "muted", 9)]
    count = f"{tokens(pace.tokens_per_hour // 60)} tok/min"
    since = trend(before.tokens_per_hour if before else None, pace.tokens_per_hour)
    more = Part(f"{count} {since}".rstrip(), "", 8, short=count if since else "", short_at=5)
    per_hour = pace.spend_per_hour.dollars
    if per_hour.amount is None:
        return [Part(UNPRICED, "estimate", 9), more]
    text = f"{text_of(per_hour, usd_short)}/h"
    return [_with_budget(deck, Period.HOUR, per_hour.amount, text, text, 9), more]


def _today(deck: Deck) -> list[Part]:
    today = None if deck.figures.today is None else deck.figures.today.dollars
    if today is None:
        return []
    if today.amount is None:
        return [Part(f"today {UNPRICED}", "estimate", 7)]
    text = f"today {text_of(today, usd_whole)}"
    end = end_words(deck.outlook.today)
    parts = [_with_budget(deck, Period.DAY, today.amount, text, text, 7)]
    if end is None:
        # While past hours are still being read nothing is missing yet.
        return parts if deck.outlook_is_late else [*parts, Part("eod: no history", "muted", 1)]
    return [*parts, _ahead_part("eod", end, 3)]


def _month(deck: Deck) -> list[Part]:
    month = None if deck.figures.month is None else deck.figures.month.dollars
    if month is None or month.amount is None:
        return []
    name = f"{deck.now:%b}"
    text, short = f"{name} {text_of(month, usd_whole)}", f"{name} {text_of(month, usd_short)}"
    parts = [_with_budget(deck, Period.MONTH, month.amount, text, short, 8)]
    budget = of_scope(deck.outlook, deck.scope.filters, Period.MONTH)
    gone = gone_words(budget) if budget else None
    if gone is not None:
        return [*parts, Part(gone, "warn", 6)]
    end = end_words(deck.outlook.month)
    return parts if end is None else [*parts, _ahead_part("eom", end, 4)]


def _ahead_part(name: str, end: tuple[str, str], priority: int) -> Part:
    long, short = (f"{name} {words}" for words in end)
    return Part(long, "estimate", priority, short=short if short != long else "", short_at=priority - 1)


def _with_budget(deck: Deck, period: Period, usd: Decimal, text: str, short: str, priority: int) -> Part:
    """An amount, with the budget of the scope behind it where it has one for the period."""
    found = of_scope(deck.outlook, deck.scope.filters, period)
    if found is None:
        return Part(text, "estimate", priority)
    # The month's budget keeps its bar on every screen; the others give theirs up for what stands beside them.
    budget = found.budget.usd
    if period is Period.MONTH:
        return Part(
            text + used(usd, budget, CELLS),
            _tone(found),
            priority,
            short=short + used(usd, budget, FEW_CELLS),
            short_at=5,
        )
    return Part(text + used(usd, budget, FEW_CELLS), _tone(found), priority, short=short, short_at=4)


def _tone(found: BudgetAhead) -> Tone:
    return "error" if found.used_up else "warn" if found.will_be_passed else "estimate"
