"""The key figures in one line, for a status bar or a prompt, and the same as JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from meterdeck.domain.buckets import BucketWidth, rfc3339
from meterdeck.domain.budgets import Budget, Period
from meterdeck.domain.dollars import Dollars
from meterdeck.domain.money import plain
from meterdeck.present.documents import dollars_fields
from meterdeck.present.dollars import text_of
from meterdeck.present.numbers import (
    NOTHING,
    UNPRICED,
    age,
    amount,
    share,
    trend,
    usd_short,
    usd_whole,
)
from meterdeck.queries.freshness import LIVE_FEED, STALE_AFTER, has_no_network
from meterdeck.store.feeds import FeedState
from meterdeck.store.glance import Glance

NOTHING_KNOWN = "no figures yet"
VERSION = 2


class State(StrEnum):
    """How the figures stand, in a word."""

    CURRENT = "current"
    STALE = "stale"
    FAILED = "failed"
    OFFLINE = "offline"


@dataclass(frozen=True, slots=True)
class Standing:
    """How figures stand at a moment."""

    as_of: datetime | None
    """When the newest data in them was read; None without figures."""
    state: State
    failing: Sequence[str]
    """The feeds whose last try failed."""


def standing(glance: Glance | None, feeds: Mapping[str, FeedState], now: datetime) -> Standing:
    """How old the figures are, and what keeps newer ones from coming."""
    live = feeds.get(LIVE_FEED)
    read_at = live.read_at if live else None
    as_of = None if glance is None else min(glance.at, read_at or glance.at)
    failing = sorted(name for name, state in feeds.items() if state.failing)
    if has_no_network(feeds):
        state = State.OFFLINE
    elif failing:
        state = State.FAILED
    elif as_of is None or now - as_of > STALE_AFTER:
        state = State.STALE
    else:
        state = State.CURRENT
    return Standing(as_of, state, failing)


def glance_line(glance: Glance | None, how: Standing, budgets: Sequence[Budget], now: datetime) -> str:
    """``~$412/h ▲38% today ~$5,912 Nov ~$151k of $200k 76% · 3 min``; what is amiss stands before the age."""
    amiss = {
        State.CURRENT: "",
        State.STALE: "stale",
        State.OFFLINE: "offline",
        State.FAILED: f"{', '.join(how.failing)} failed",
    }[how.state]
    if glance is None or how.as_of is None:
        return " · ".join([NOTHING_KNOWN, *([] if how.state in {State.CURRENT, State.STALE} else [amiss])])
    limits = {budget.period: budget.usd for budget in budgets if budget.dimension is None}
    same_day = BucketWidth.DAY.floor(glance.at) == BucketWidth.DAY.floor(now)
    day = "today" if same_day else f"{glance.at:%b} {glance.at.day}"
    words = [
        _hour(glance, limits.get(Period.HOUR)),
        _since(day, glance.today, usd_whole, limits.get(Period.DAY)),
        _since(f"{glance.at:%b}", glance.month, usd_short, limits.get(Period.MONTH)),
    ]
    return f"{' '.join(word for word in words if word)} · {f'{amiss} {age(now - how.as_of)}'.lstrip()}"


def glance_document(
    glance: Glance | None, how: Standing, budgets: Sequence[Budget], now: datetime
) -> dict[str, Any]:
    """The same with every digit."""
    limits = {budget.period: budget.usd for budget in budgets if budget.dimension is None}
    found = glance or Glance(now)
    amounts = {Period.HOUR: found.hour, Period.DAY: found.today, Period.MONTH: found.month}
    return {
        "version": VERSION,
        "as_of": None if how.as_of is None else rfc3339(how.as_of),
        "age_seconds": None if how.as_of is None else max(0, int((now - how.as_of).total_seconds())),
        "state": how.state.value,
        "failing": list(how.failing),
        "currency": "USD",
        "tokens_per_hour": found.tokens_per_hour,
        "tokens_per_hour_before": found.tokens_per_hour_before,
        **{period.value: _figure(amounts[period], limits.get(period)) for period in Period},
    }


def _hour(glance: Glance, limit: Decimal | None) -> str:
    if glance.hour is None:
        return f"{NOTHING}/h"
    faster = trend(glance.tokens_per_hour_before, glance.tokens_per_hour or 0)
    if glance.hour.amount is None:
        return f"{UNPRICED} {faster}".rstrip()
    return f"{text_of(glance.hour, usd_short)}/h{_of(glance.hour.amount, limit)} {faster}".rstrip()


def _since(name: str, found: Dollars | None, form: Callable[..., str], limit: Decimal | None) -> str:
    if found is None:
        return ""
    if found.amount is None:
        return f"{name} {UNPRICED}"
    return f"{name} {text_of(found, form)}{_of(found.amount, limit)}"


def _of(usd: Decimal, limit: Decimal | None) -> str:
    return "" if limit is None else f" of {amount(limit)} {share(usd, limit)}"


def _figure(found: Dollars | None, limit: Decimal | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {**dollars_fields(found), "budget_usd": None if limit is None else plain(limit)}
