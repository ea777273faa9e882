"""Budgets as text: a bar with words, when one will be gone, and the line that warns."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from meterdeck.domain.budgets import Budget, Period
from meterdeck.domain.scope import Filter
from meterdeck.present.dollars import lacks_part, text_of
from meterdeck.present.members import label
from meterdeck.present.names import clean, cut_middle
from meterdeck.present.numbers import ESTIMATED, amount, share, usd_short
from meterdeck.queries.outlook import Ahead, BudgetAhead, Outlook

CLOSE_PERCENT = 80
"""From here on a budget is close to being passed."""
_SHORT_OWNER = 12
"""Cells of a name where little else has room."""
_EMPTY, _FULL = "▁", "▇"
_HEIGHTS = "▁▂▃▄▅▆▇"
"""A cell of a bar by how full it is, in sixths; a full block would touch the line above."""


def bar(part: Decimal, whole: Decimal, cells: int) -> str:
    """``▇▇▇▆▁``: how much of a whole is used; a cell that is used in part is as high as it is used."""
    steps = len(_HEIGHTS) - 1
    filled = max(0, min(int(part * cells * steps // whole), cells * steps))
    full, rest = divmod(filled, steps)
    return (_FULL * full + (_HEIGHTS[rest] if rest else "")).ljust(cells, _EMPTY)


def used(so_far: Decimal, budget: Decimal, cells: int) -> str:
    """`` of $200k ▇▇▇▆▁ 76%``: what stands behind an amount that a budget is set for."""
    return f" of {amount(budget)} {bar(so_far, budget, cells)} {share(so_far, budget)}"


def of_scope(outlook: Outlook, filters: tuple[Filter, ...], period: Period) -> BudgetAhead | None:
    """The budget that a scope as a whole has for a period."""
    return next(
        (
            one
            for one in outlook.budgets
            if one.budget.period is period and frozenset(one.filters) == frozenset(filters)
        ),
        None,
    )


def end_words(ahead: Ahead) -> tuple[str, str] | None:
    """``~$9.4k–9.9k``, and in fewer words ``~$9.7k``: dollars at the end of a period; None where nothing tells."""
    end = ahead.end
    if end is None:
        return None
    middle = usd_short(end.middle, sign=ESTIMATED)
    more = lacks_part(ahead.dollars) if ahead.dollars else ""
    if end.low is None or end.high is None:
        return middle + more, middle + more
    low, high = usd_short(end.low, sign=ESTIMATED), usd_short(end.high)
    span = low if low.lstrip("~") == high else f"{low}–{high.removeprefix('$')}"
    return span + more, middle + more


def gone_words(found: BudgetAhead) -> str | None:
    """``gone ~28th``, ``gone 27th–29th``, ``gone 19:40–20:10Z``; None where it will last."""
    if found.used_up:
        return "all gone"
    period = found.budget.period
    early, late = found.gone_early, found.gone_late
    if found.gone is None:
        return None if early is None else f"gone {_when(early, period)} at the earliest"
    if early is None or late is None:
        return f"gone ~{_when(found.gone, period)}"
    first, last = _when(early, period), _when(late, period)
    return f"gone ~{first}" if first == last else f"gone {first.removesuffix('Z')}–{last}"


def warning(outlook: Outlook, here: tuple[Filter, ...], organization: str | None) -> tuple[str, ...]:
    """The line about budgets that are gone, will be, or are close to it: the most urgent, and how many more.

    In full first, then in ever fewer words for where one line must do; empty where there is nothing to warn of. A
    budget of the scope on screen has its bar there, and needs no line before more is foreseen than it holds.
    """
    close = sorted((one for one in outlook.budgets if _is_close(one, here)), key=_urgency)
    if not close:
        return (f"! {clean(outlook.problems[0])}",) if outlook.problems else ()
    more = f"  (+{len(close) - 1} more)" if len(close) > 1 else ""
    ways = _sentences(close[0], organization)
    return (*(f"! {words}{more}" for words in ways), f"! {ways[-1]}")


def _is_close(found: BudgetAhead, here: Iterable[Filter]) -> bool:
    if found.ahead.so_far is None:
        return False
    if found.will_be_passed:
        return True
    in_sight = frozenset(found.filters) == frozenset(here)
    return not in_sight and found.ahead.so_far * 100 >= found.budget.usd * CLOSE_PERCENT


def _urgency(found: BudgetAhead) -> tuple[bool, datetime, Decimal]:
    so_far = found.ahead.so_far or Decimal(0)
    return not found.used_up, found.gone or found.ahead.window.end, -(so_far * 1000 // found.budget.usd)


def _sentences(found: BudgetAhead, organization: str | None) -> list[str]:
    """``prod-chat: ~$2.1k of $2.5k today (84%), gone ~19:40Z``, and in fewer words: what is missed most goes last."""
    budget, so_far = found.budget, found.ahead.so_far or Decimal(0)
    owner, part = owner_words(found, organization), share(so_far, budget.usd)
    used_of_it = f"{text_of(found.ahead.dollars, usd_short)} of {amount(budget.usd)}"
    in_time = f"{used_of_it} {_period_words(budget, found.ahead)}"
    gone, short_owner = gone_words(found), cut_middle(owner, _SHORT_OWNER)
    if gone is None:
        return [f"{owner}: {in_time} ({part})", f"{owner}: {in_time}", f"{short_owner}: {part} used"]
    return [
        f"{owner}: {in_time} ({part}), {gone}",
        f"{owner}: {in_time}, {gone}",
        f"{owner}: {used_of_it}, {gone}",
        f"{owner}: {gone}",
        f"{short_owner}: {gone}",
    ]


def owner_words(found: BudgetAhead, organization: str | None) -> str:
    """Whose a budget is."""
    if found.owner is None or found.budget.dimension is None:
        return clean(organization or "") or "organisation"
    return label(found.budget.dimension, found.owner)


def _period_words(budget: Budget, ahead: Ahead) -> str:
    start = ahead.window.start
    return {Period.MONTH: f"in {start:%b}", Period.DAY: "today", Period.HOUR: f"from {start:%H:%M}Z"}[
        budget.period
    ]


def _when(moment: datetime, period: Period) -> str:
    """The UTC day of a month, or the UTC minute of a day."""
    if period is not Period.MONTH:
        return f"{moment:%H:%M}Z"
    tens, ones = divmod(moment.day, 10)
    return f"{moment.day}{'th' if tens == 1 else {1: 'st', 2: 'nd', 3: 'rd'}.get(ones, 'th')}"
