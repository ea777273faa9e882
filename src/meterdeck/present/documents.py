"""Reports as documents: the versioned JSON contract (docs/report-json.md), from which the other formats follow."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from meterdeck.domain.buckets import Window, rfc3339
from meterdeck.domain.dimensions import SERIES_DIMENSIONS
from meterdeck.domain.measure import Measure
from meterdeck.domain.money import cents_to_usd, plain
from meterdeck.domain.scope import Scope
from meterdeck.domain.tokens import TokenCounts
from meterdeck.present.members import name_fields
from meterdeck.queries.breakdown import BreakdownPane, BreakdownRow
from meterdeck.queries.costs import Costs
from meterdeck.queries.minutes import Minutes
from meterdeck.queries.names import Member
from meterdeck.queries.prices import Estimate
from meterdeck.queries.rates import RateRow, Rates
from meterdeck.queries.usage_window import BucketState

VERSION = 1

Document = dict[str, Any]
"""JSON-ready: text, whole numbers, booleans, null; the only float is ``token_share``. Money is decimal text."""


def rates_document(rates: Rates, *, fresh: bool) -> Document:
    """Tokens by bucket and member. ``fresh`` says whether everything that was due could be read."""
    return {
        **head("rates", rates.scope, rates.hours.window, rates.hours.gaps, rates.hours.as_of, fresh=fresh),
        "awaited": _windows(rates.awaited),
        "bucket": rates.width.value,
        "total_tokens": rates.total_tokens,
        "rows": [_rate_row(row) for row in rates.rows],
    }


def minutes_document(minutes: Minutes, *, fresh: bool) -> Document:
    """Tokens by minute of one hour and member."""
    return {
        **head("minutes", minutes.scope, minutes.window, minutes.gaps, minutes.as_of, fresh=fresh),
        "awaited": _windows(minutes.awaited),
        "bucket": "1m",
        "total_tokens": minutes.total_tokens,
        "rows": [_rate_row(row) for row in minutes.rows],
    }


def costs_document(costs: Costs, *, fresh: bool) -> Document:
    """Dollars by UTC day and member."""
    rows: list[Document] = []
    for row in costs.rows:
        line: Document = {
            "day": row.day.strftime("%Y-%m-%d"),
            **member_fields(row.member),
            "usd": _money(row.usd),
            "estimated": row.estimated,
        }
        if not (row.estimated or row.settled):
            line["settled"] = False
        if row.reported_usd is not None:
            line["reported_usd"] = plain(row.reported_usd)
        if row.unpriced_tokens:
            line["unpriced_tokens"] = row.unpriced_tokens
        if row.listed_tokens:
            line["listed_tokens"] = row.listed_tokens
        rows.append(line)
    document = {
        **head("costs", costs.scope, costs.window, costs.gaps, costs.as_of, fresh=fresh),
        "currency": "USD",
        "total_usd": plain(costs.total_usd),
        "rows": rows,
    }
    if costs.leaves_out_other_costs and costs.billed_by_scope:
        document["excluded_usd"] = plain(costs.excluded_usd)
    said = []
    if not costs.billed_by_scope:
        said.append(
            "The bill does not know this split: every row is an estimate from tokens and learned prices."
        )
    if costs.unbilled_tokens:
        document["unbilled_tokens"] = costs.unbilled_tokens
        said.append(without_priority_tier(costs.unbilled_tokens))
    if said:
        document["note"] = " ".join(said)
    return document


def breakdown_document(
    pane: BreakdownPane, *, fresh: bool, note: str = "", rows: Sequence[BreakdownRow] | None = None
) -> Document:
    """Tokens and estimated dollars by member: of the window, now by the hour, this hour, and of the UTC day so far.

    ``note`` is what else must be known of the dollars; ``rows`` are those to tell of, if not all, and sums are theirs.
    """
    found = pane.breakdown
    hours = found.hours
    if rows is None:
        of_member = {row.part.member: row for row in pane.rows}
        rows = [of_member[part.member] for part in found.parts]
    document = {
        **head("breakdown", found.scope, hours.window, hours.gaps, hours.as_of, fresh=fresh),
        "total_tokens": sum(row.part.tokens.total for row in rows),
        "rows": [_breakdown_row(row, pane.measure) for row in rows],
    }
    unbilled = sum(row.part.estimate.unbilled_tokens for row in rows)
    said = [note] if note else []
    if unbilled:
        said.append(without_priority_tier(unbilled))
    if said:
        document["note"] = " ".join(said)
    return document


def _breakdown_row(row: BreakdownRow, measure: Measure) -> Document:
    part, pace = row.part, row.pace
    return {
        **member_fields(part.member),
        "tokens": _tokens(part.tokens),
        "total_tokens": part.tokens.total,
        "web_searches": part.web_searches,
        **_estimate(part.estimate),
        **_estimate_of("now_per_hour", pace.estimate_per_hour if pace else None),
        **_estimate_of("this_hour", row.this_hour),
        **_estimate_of("today", row.today),
        "token_share": round(part.token_share, 6),
        "tokens_per_hour": pace.tokens_per_hour if pace else None,
        "tokens_per_hour_before": row.pace_before.tokens_per_hour if row.pace_before else None,
        "cache_read_percent": _percent(part.tokens.cache_read, part.tokens.input),
        **_compared(row),
        **_largest_bucket(row, measure),
    }


def _estimate_of(time: str, estimate: Estimate | None) -> Document:
    """Dollars of another time than the window's, and how many of its tokens have no price."""
    found: Document = {f"usd_estimated_{time}": estimated_usd(estimate) if estimate else None}
    if estimate is not None and estimate.unpriced_tokens:
        found[f"unpriced_tokens_{time}"] = estimate.unpriced_tokens
    return found


def _compared(row: BreakdownRow) -> Document:
    """Where it is known: as much of the time as has passed, and as long a time before."""
    if row.change is None:
        return {}
    return {"compared_tokens": row.change.after, "compared_tokens_before": row.change.before}


def _largest_bucket(row: BreakdownRow, measure: Measure) -> Document:
    """The highest of the buckets that a deck draws, in what it measures."""
    known = [amount for amount in row.buckets if amount is not None]
    if not known:
        return {}
    if measure is Measure.TOKENS:
        return {"largest_bucket_tokens": max(known)}
    return {"largest_bucket_usd_estimated": plain(cents_to_usd(Decimal(max(known))))}


def _percent(part: int, whole: int) -> str | None:
    """With two decimals, rounded down; None of nothing."""
    return plain(Decimal(part * 10_000 // whole).scaleb(-2)) if whole else None


def _estimate(estimate: Estimate) -> Document:
    """What tokens are worth, and how many of them have only a list price, none, or are in no bill."""
    found: Document = {"usd_estimated": estimated_usd(estimate), "estimated": True}
    if estimate.listed_tokens:
        found["listed_tokens"] = estimate.listed_tokens
    if estimate.unpriced_tokens:
        found["unpriced_tokens"] = estimate.unpriced_tokens
    if estimate.unbilled_tokens:
        found["unbilled_tokens"] = estimate.unbilled_tokens
    return found


def without_priority_tier(tokens: int) -> str:
    """What must be known of tokens whose cost no bill holds, in a sentence."""
    return f"{tokens:,} tokens of the Priority Tier are in no dollars here: no bill ever holds their cost."


def estimated_usd(estimate: Estimate) -> str | None:
    """Dollars as text, or None where no token has a price: unpriced is not $0."""
    return plain(cents_to_usd(estimate.cents)) if estimate.known else None


def head(
    report: str, scope: Scope, window: Window, gaps: Iterable[Window], as_of: Any, *, fresh: bool
) -> Document:
    """What every report starts with."""
    missing = _windows(gaps)
    return {
        "version": VERSION,
        "report": report,
        "as_of": rfc3339(as_of) if as_of else None,
        "complete": fresh and not missing,
        "gaps": missing,
        "window": _window(window),
        "by": scope.by.word,
        "filters": {
            dimension.word: sorted(members, key=lambda member: member or "")
            for dimension in SERIES_DIMENSIONS
            if (members := scope.members(dimension)) is not None
        },
    }


def _windows(windows: Iterable[Window]) -> list[Document]:
    return [_window(window) for window in windows]


def _window(window: Window) -> Document:
    return {"start": rfc3339(window.start), "end": rfc3339(window.end)}


def _rate_row(row: RateRow) -> Document:
    return {
        "start": rfc3339(row.start),
        **member_fields(row.member),
        "running": row.state is BucketState.RUNNING,
        "settling": row.state is BucketState.SETTLING,
        "tokens": _tokens(row.tokens),
        "total_tokens": row.tokens.total,
        "web_searches": row.web_searches,
        **_estimate(row.estimate),
    }


def member_fields(member: Member) -> Document:
    """Who a row stands for."""
    return {**name_fields(member), "kind": member.kind.value}


def _tokens(tokens: TokenCounts) -> dict[str, int]:
    return {token_type.counter: count for token_type, count in tokens.items()}


def _money(usd: Decimal | None) -> str | None:
    return None if usd is None else plain(usd)
