"""What is copied: a row, or the state of a scope, as one line of plain text. Exact, and what is estimated says so."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from datetime import UTC, datetime

from meterdeck.domain.budgets import Period
from meterdeck.domain.dollars import Dollars, State
from meterdeck.domain.measure import Measure
from meterdeck.present import budgets
from meterdeck.present.crumbs import breadcrumb, with_id
from meterdeck.present.dollars import text_of
from meterdeck.present.header import read_at
from meterdeck.present.members import labels
from meterdeck.present.names import clean
from meterdeck.present.numbers import ESTIMATED, NOTHING, age, change, share, usd
from meterdeck.present.on_demand import time_words
from meterdeck.present.rates import WRITTEN, can_be_compared, legend, sign_of_bar
from meterdeck.present.state import Held, missing_words
from meterdeck.present.times import scope_time
from meterdeck.queries.breakdown import BreakdownRow
from meterdeck.queries.cost_table import DayRow, MonthRow
from meterdeck.queries.deck import Deck
from meterdeck.queries.pace import Pace
from meterdeck.queries.rates import RateBar, RatesPane
from meterdeck.queries.spend import Spend
from meterdeck.queries.usage_window import BucketState

_UNSURE = {
    BucketState.RUNNING: "still running",
    BucketState.SETTLING: "may still fill",
    BucketState.PARTIAL: "read in part",
}


def breakdown_row(deck: Deck, key: Hashable | None) -> str | None:
    """``prod-chat (wrkspc_…): 61,204,332 tok/h +84% in 1 h, ~$231.04/h, …; 931,004,118 tokens, ~$3,511.20, …``; or None.

    How fast it is now, where that can be known, and then what it took of the time on show.
    """
    row = next((row for row in deck.breakdown.rows if row.part.member.key == key), None)
    if row is None:
        return None
    asked = deck.on_demand
    during = _during(deck) if asked is None or asked.is_exact else time_words(asked, deck.question.zone)
    total = sum(other.part.tokens.total for other in deck.breakdown.rows)
    # An answer that was read on demand tells nothing of now: there is no pace to wait for.
    now = list(_now(row)) if deck.scope.is_live and asked is None else []
    of_time = [*_amount(row), f"{share(row.part.tokens.total, total)} of tokens {during}"]
    if row.part.member.is_beside:
        now, of_time = list(_today(row)), [f"{_dollars(row.part.spend)} {during}"]
    told = "; ".join(", ".join(words) for words in (now, of_time) if words)
    return _line(f"{with_id(deck.scope.by, row.part.member)}: {told}", breadcrumb(deck), stamp(deck))


def bucket_row(deck: Deck, key: Hashable | None) -> str | None:
    """``hour 2026-11-21T13:00Z: 64,612,345 tokens, +38% on the hour before; prod-chat 42,301,112, …``; or None."""
    pane = deck.rates
    index = next((index for index, bar in enumerate(pane.bars) if bar.start == key), None)
    if index is None:
        return None
    bar, width = pane.bars[index], pane.width.name.lower()
    before = pane.bars[index - 1] if index and can_be_compared(pane.bars[index - 1], bar) else None
    told = list(_of_bucket(pane, bar, before.amount if before else None))
    parts = [
        f"{name} {_amount_of(pane, part, bar)}"
        for name, part in zip(legend(pane), bar.parts, strict=False)
        if part and bar.amount is not None
    ]
    name = f"{width} {_moment(bar.start)}"
    if bar.is_cut:
        name = f"part of {name}/{_moment(bar.window.end)}"
    return _line(
        f"{name}: {', '.join(told)}", *([", ".join(parts)] if parts else []), breadcrumb(deck), stamp(deck)
    )


def _of_bucket(pane: RatesPane, bar: RateBar, before: int | None) -> Iterator[str]:
    if bar.amount is None:
        yield "not reported yet" if bar.state is BucketState.AWAITED else "not read"
        return
    yield WRITTEN[pane.measure].exact(bar.amount, sign_of_bar(bar))
    if before is not None and bar.state not in _UNSURE:  # what still fills has neither risen nor fallen
        yield f"{change(before, bar.amount)} on the {pane.width.name.lower()} before"
    if bar.state in _UNSURE:
        yield _UNSURE[bar.state]


def _amount_of(pane: RatesPane, amount: int, bar: RateBar) -> str:
    """What a part took, behind a whole that names the unit."""
    return (
        f"{amount:,}"
        if pane.measure is Measure.TOKENS
        else WRITTEN[pane.measure].exact(amount, sign_of_bar(bar))
    )


def cost_row(deck: Deck, key: Hashable | None) -> str | None:
    """``2026-11-20 (UTC): $5,688.12 billed, +1% on the day before; opus-5 $3,250.40, …``; None without such a row."""
    for row in deck.costs.rows:
        if isinstance(row, DayRow) and row.day == key:
            return _cost_line(deck, row, f"{row.day:%Y-%m-%d} (UTC)", list(_of_day(row)))
        if isinstance(row, MonthRow) and ("month", row.month) == key:
            name = f"{row.month:%b %Y}{'' if row.whole else ', a part of it'} (UTC)"
            return _cost_line(deck, row, name, [_money(row.total)])
    return None


def incident(deck: Deck) -> str:
    """The scope in one line: where and since when, how fast, what it costs, who most, the budget, as of when."""
    figures, is_live = deck.figures, deck.scope.is_live
    told: list[str] = []
    if is_live:
        told += _speed(figures.pace, figures.pace_before)
    else:
        told.append(f"{deck.rates.whole.tokens.total:,} tokens")
    spent = _dollars(deck.rates.whole.spend)
    if spent:
        told.append(f"{spent} {_during(deck)}")
    if is_live and figures.today is not None and _dollars(figures.today):
        told.append(f"{_dollars(figures.today)} today")
    if missing := Held.of(deck).missing:
        told.append(f"read in part, {missing_words(missing)} missing")
    where = f"{breadcrumb(deck)}, {_time(deck)}: {', '.join(told) or 'no figures yet'}"
    return _line(where, *_most(deck), *_month(deck), stamp(deck))


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%MZ}"


def _during(deck: Deck) -> str:
    """``in 24 h``, ``since 14:05Z``, ``Fri 20 Nov``."""
    return f"in {_time(deck)}" if deck.scope.at is None else _time(deck)


def stamp(deck: Deck) -> str:
    """``2026-11-21T14:32Z, data 3 min old``."""
    moment = _moment(deck.now)
    newest = read_at(deck.status)
    return moment if newest is None else f"{moment}, data {age(deck.now - newest)} old"


def _line(*parts: str) -> str:
    """One line, whatever stands in names."""
    return clean("; ".join(parts))


def _time(deck: Deck) -> str:
    return scope_time(deck.scope, deck.now, deck.question.zone)


def _speed(pace: Pace | None, before: Pace | None) -> Iterator[str]:
    if pace is None:
        yield "pace not known yet"
        return
    trend = "" if before is None else f" {change(before.tokens_per_hour, pace.tokens_per_hour)} in 1 h"
    yield f"{pace.tokens_per_hour:,} tok/h{trend}"
    per_hour = _dollars(pace.spend_per_hour)
    if per_hour:
        yield f"{per_hour}/h"


def _now(row: BreakdownRow) -> Iterator[str]:
    """How fast a member goes, and what it has cost today."""
    yield from _speed(row.pace, row.pace_before)
    yield from _today(row)


def _today(row: BreakdownRow) -> Iterator[str]:
    if row.today is not None and (today := _dollars(row.today)):
        yield f"{today} today"


def _amount(row: BreakdownRow) -> Iterator[str]:
    """What a member took of the time on show."""
    tokens = row.part.tokens.total
    trend = "" if row.change is None else f" {change(*row.change)} on as long before"
    yield f"{tokens:,} tokens{trend}"
    if _dollars(row.part.spend):
        yield _dollars(row.part.spend)


def _most(deck: Deck) -> Iterator[str]:
    """Who explains it: the member whose pace rose most, if any did, and the one with most tokens."""
    by = deck.scope.by
    risen = [
        (row.pace.tokens_per_hour - row.pace_before.tokens_per_hour, row)
        for row in deck.breakdown.rows
        if row.pace is not None and row.pace_before is not None
    ]
    rise, row = max(risen, key=lambda found: found[0], default=(0, None))
    if row is not None and rise > 0:
        yield f"largest rise by {by.title}: {with_id(by, row.part.member)} +{rise:,} tok/h in 1 h"
    total = sum(row.part.tokens.total for row in deck.breakdown.rows)
    if total:
        top = max(deck.breakdown.rows, key=lambda row: row.part.tokens.total).part
        yield f"most tokens by {by.title}: {with_id(by, top.member)} {share(top.tokens.total, total)}"


def _month(deck: Deck) -> Iterator[str]:
    """The month so far, and of what budget."""
    month = None if deck.figures.month is None else deck.figures.month.dollars
    if month is None or month.amount is None:
        return
    so_far = f"{deck.now:%b} {text_of(month)}"
    found = budgets.of_scope(deck.outlook, deck.scope.filters, Period.MONTH)
    if found is None:
        yield so_far
        return
    budget = found.budget.usd
    gone = budgets.gone_words(found)
    yield f"{so_far} of {usd(budget)} ({share(month.amount, budget)}){f', {gone}' if gone else ''}"


def _cost_line(deck: Deck, row: DayRow | MonthRow, name: str, told: list[str]) -> str:
    by = deck.costs.costs.scope.by
    named = labels(by, deck.costs.columns)
    parts = [
        f"{named[member]} {_money(money)}"
        for member, money in zip(deck.costs.columns, row.members, strict=True)
        if money.amount
    ]
    if row.other.amount:
        parts.append(f"other {_money(row.other)}")
    return _line(
        f"{name}: {', '.join(told)}", *([", ".join(parts)] if parts else []), breadcrumb(deck), stamp(deck)
    )


def _of_day(row: DayRow) -> Iterator[str]:
    yield f"{_money(row.total)}{' billed' if row.total.state is State.BILLED and row.settled else ''}"
    if row.reported is not None:
        yield f"billed so far {usd(row.reported)}"
    if row.end is not None:
        yield f"{usd(row.end.middle, sign=ESTIMATED)} at its end"
    if row.day_before is not None and row.compared is not None:
        sign = ESTIMATED if row.total.estimated else ""
        yield f"{sign}{change(row.day_before, row.compared)} on the day before"


def _money(money: Dollars) -> str:
    text = text_of(money)
    return "not known" if text == NOTHING else text


def _dollars(spend: Spend) -> str:
    """``~$231.04``, with ``+`` where a part is lacking; ``unpriced``; empty where no bill will ever hold any."""
    text = text_of(spend.dollars)
    return "" if text == NOTHING else text
