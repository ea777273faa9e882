"""Reports as documents: the versioned JSON contract (docs/report-json.md), from which the other formats follow."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from meterdeck.domain.buckets import Window, rfc3339
from meterdeck.domain.dimensions import SERIES_DIMENSIONS
from meterdeck.domain.dollars import Dollars
from meterdeck.domain.measure import Measure
from meterdeck.domain.money import cents_to_usd, plain
from meterdeck.domain.scope import Scope
from meterdeck.domain.tokens import TokenCounts
from meterdeck.present.breakdown_fields import money_of_most
from meterdeck.present.dollars import text_of
from meterdeck.present.members import name_fields
from meterdeck.queries.breakdown import BreakdownPane, BreakdownRow
from meterdeck.queries.costs import Costs, usd_of
from meterdeck.queries.minutes import Minutes
from meterdeck.queries.names import Member
from meterdeck.queries.outlook import Range
from meterdeck.queries.rates import RateRow, Rates
from meterdeck.queries.spend import UNREAD, Spend, total_spend
from meterdeck.queries.split import Others
from meterdeck.queries.usage_window import BucketState

VERSION = 2

Document = dict[str, Any]
"""JSON-ready: text, whole numbers, booleans, null; the only float is ``token_share``. Money is decimal text."""


def rates_document(rates: Rates, *, fresh: bool) -> Document:
    """Tokens and dollars by bucket and member. ``fresh`` says whether everything that was due could be read."""
    return {
        **head("rates", rates.scope, rates.hours.window, rates.hours.gaps, rates.hours.as_of, fresh=fresh),
        "awaited": _windows(rates.awaited),
        "bucket": rates.width.value,
        "total_tokens": None if rates.hours.is_unread else rates.total_tokens,
        **total_fields(rates.total, rates.hours.gaps),
        "not_allocated": [
            {"day": f"{day:%Y-%m-%d}", **dollars_fields(spend.dollars)} for day, spend in rates.not_allocated
        ],
        **_left_out(rates.left_out),
        **_note([*_about(rates.total), *_rest_of_hours(rates)]),
        "rows": [_rate_row(row) for row in rates.rows],
    }


def minutes_document(minutes: Minutes, *, fresh: bool) -> Document:
    """Tokens and dollars by minute of one hour and member."""
    return {
        **head("minutes", minutes.scope, minutes.window, minutes.gaps, minutes.as_of, fresh=fresh),
        "awaited": _windows(minutes.awaited),
        "bucket": "1m",
        "total_tokens": minutes.total_tokens,
        **total_fields(minutes.total, minutes.gaps),
        "not_allocated": [],
        **_left_out(minutes.left_out),
        **_note(_about(minutes.total)),
        "rows": [_rate_row(row) for row in minutes.rows],
    }


def costs_document(
    costs: Costs, *, fresh: bool, end: Range | None = None, today: datetime | None = None
) -> Document:
    """Dollars by UTC day and member, and each day's sum; ``end`` is what the running day is foreseen to come to."""
    rows: list[Document] = []
    for day, member, spend in costs.each():
        line: Document = {
            "day": f"{day:%Y-%m-%d}",
            **member_fields(member),
            **spend_fields(spend),
            "settled": day in costs.settled,
        }
        reported = costs.reported_on(day, member)
        if reported is not None:
            line["reported_usd"] = _money(usd_of(reported))
        rows.append(line)
    document = {
        **head("costs", costs.scope, costs.window, costs.gaps, costs.as_of, fresh=fresh),
        "currency": "USD",
        **total_fields(costs.total, costs.gaps),
        "days": [_day(costs, day, spend, end, today) for day, spend in costs.by_day.items()],
        "rows": rows,
    }
    document |= _left_out(costs.left_out)
    if costs.other_currencies:
        document["other_currencies"] = {of: plain(amount) for of, amount in costs.other_currencies.items()}
    said = [] if costs.billed_by_scope else [_SHARED_OUT]
    said += [_UNSHARED.format(day=f"{day:%Y-%m-%d}") for day in sorted(costs.unshared)] if said else []
    said += _about(costs.total)
    if costs.unbilled_tokens:
        document["unbilled_tokens"] = costs.unbilled_tokens
        said.append(without_priority_tier(costs.unbilled_tokens))
    return document | _note(said)


_SHARED_OUT = "The bill does not know this split: settled days are shared out by tokens, open days are tokens at their price."
_UNSHARED = "The bill of {day} can't be shared out: an hour of its usage was never read."


def _day(costs: Costs, day: datetime, spend: Spend, end: Range | None, today: datetime | None) -> Document:
    """The sum of a day's rows."""
    found: Document = {
        "day": f"{day:%Y-%m-%d}",
        **spend_fields(spend),
        "usd_by_state": by_state_fields(spend.dollars),
        "settled": day in costs.settled,
        "running": day == today,
    }
    reported = costs.reported_on(day)
    if reported is not None:
        found["reported_usd"] = _money(usd_of(reported))
    if day == today:
        found |= end_fields(end)
    return found


def end_fields(end: Range | None) -> Document:
    """What a period is foreseen to come to; null where nothing tells."""
    return {
        "usd_end_low": _money(end.low) if end else None,
        "usd_end_middle": _money(end.middle) if end else None,
        "usd_end_high": _money(end.high) if end else None,
    }


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
    total = total_spend(row.part.spend for row in rows)
    said = [note] if note else []
    unbilled = sum(row.part.spend.unbilled_tokens for row in rows)
    if unbilled:
        said.append(without_priority_tier(unbilled))
    return {
        **head("breakdown", found.scope, hours.window, hours.gaps, hours.as_of, fresh=fresh),
        "total_tokens": None if hours.is_unread else sum(row.part.tokens.total for row in rows),
        **total_fields(total, hours.gaps),
        **_left_out(found.left_out),
        "rows": [_breakdown_row(pane, row) for row in rows],
        **_note([*said, *_about(total)]),
    }


def _breakdown_row(pane: BreakdownPane, row: BreakdownRow) -> Document:
    part, pace = row.part, row.pace
    return {
        **member_fields(part.member),
        "tokens": _tokens(part.tokens),
        "total_tokens": part.tokens.total,
        "web_searches": part.web_searches,
        **_others(part.others),
        **spend_fields(part.spend),
        **_spend_of("now_per_hour", pace.spend_per_hour if pace else None),
        **_spend_of("this_hour", row.this_hour),
        **_spend_of("today", row.today),
        "token_share": round(part.token_share, 6),
        "tokens_per_hour": pace.tokens_per_hour if pace else None,
        "tokens_per_hour_before": row.pace_before.tokens_per_hour if row.pace_before else None,
        "cache_read_percent": _percent(part.tokens.cache_read, part.tokens.input),
        **_compared(row),
        **_largest_bucket(pane, row),
    }


def _spend_of(time: str, spend: Spend | None) -> Document:
    """Dollars of another time than the window's, and how they are known; nulls where nothing is."""
    if spend is None:
        nothing: Document = {"usd": None, "state": None, "evidence": None, "lacks": []}
        return {f"{name}_{time}": value for name, value in nothing.items()}
    found = dollars_fields(spend.dollars)
    if spend.unpriced_tokens:
        found["unpriced_tokens"] = spend.unpriced_tokens
    return {f"{name}_{time}": value for name, value in found.items() if name != "estimated"}


def _compared(row: BreakdownRow) -> Document:
    """Where it is known: as much of the time as has passed, and as long a time before."""
    if row.change is None:
        return {}
    return {"compared_tokens": row.change.after, "compared_tokens_before": row.change.before}


def _largest_bucket(pane: BreakdownPane, row: BreakdownRow) -> Document:
    """The highest of the buckets that a deck draws, in what it measures."""
    known = [amount for amount in row.buckets if amount is not None]
    if not known:
        return {}
    if pane.measure is Measure.TOKENS:
        return {"largest_bucket_tokens": max(known)}
    return {
        "largest_bucket_usd": plain(cents_to_usd(Decimal(max(known)))),
        "largest_bucket_state": money_of_most(pane, row),
    }


def _percent(part: int, whole: int) -> str | None:
    """With two decimals, rounded down; None of nothing."""
    return plain(Decimal(part * 10_000 // whole).scaleb(-2)) if whole else None


def dollars_fields(found: Dollars) -> Document:
    """An amount and how it is known."""
    fields: Document = {
        "usd": _money(found.amount),
        "state": found.state.value,
        "evidence": found.evidence.value if found.evidence else None,
        "lacks": [lack.value for lack in found.lacks],
        "estimated": found.estimated,
    }
    if found.mixed:
        fields["mixed"] = True
    return fields


def spend_fields(spend: Spend) -> Document:
    """The same of a sum, and how many tokens have only a list price, an early one, none, no line, or are in no bill."""
    counts = {
        "listed_tokens": spend.listed_tokens,
        "early_tokens": spend.early_tokens,
        "unpriced_tokens": spend.unpriced_tokens,
        "unmatched_tokens": spend.unmatched_tokens,
        "unmatched_searches": spend.unmatched_searches,
        "unbilled_tokens": spend.unbilled_tokens,
    }
    return {**dollars_fields(spend.dollars), **{name: count for name, count in counts.items() if count}}


def total_fields(spend: Spend, gaps: Sequence[Window] = ()) -> Document:
    """A report's sum, how it is known, and how much of it is known how. What was not read it lacks."""
    found = (spend + UNREAD if gaps else spend).dollars
    fields = dollars_fields(found)
    usd = fields.pop("usd")
    return {"total_usd": usd, **fields, "usd_by_state": by_state_fields(found)}


def by_state_fields(found: Dollars) -> Document:
    """How much of an amount is known how: the three add up to it."""
    return {name: plain(amount) for name, amount in found.by_state._asdict().items()}


def _left_out(spend: Spend) -> Document:
    """Money to which the filters can't be applied, where there is any."""
    return {"excluded_usd": _money(spend.dollars.amount)} if spend.units else {}


def _note(said: Sequence[str]) -> Document:
    return {"note": " ".join(said)} if said else {}


def _about(spend: Spend) -> list[str]:
    """What else must be known of a sum, a sentence each."""
    said = []
    if spend.unmatched_tokens:
        said.append(
            f"{spend.unmatched_tokens:,} tokens of settled days are in no line of the bill: they have no dollars."
        )
    if spend.mixed:
        said.append("Some parts of the bill are averages over several geos or speeds (mixed).")
    return said


def _rest_of_hours(rates: Rates) -> list[str]:
    if not rates.not_allocated:
        return []
    rest = total_spend(spend for _, spend in rates.not_allocated).dollars
    return [f"{text_of(rest)} of whole days can't be shared out to hours: the total has it, and no row."]


def without_priority_tier(tokens: int) -> str:
    """What must be known of tokens whose cost no bill holds, in a sentence."""
    return f"{tokens:,} tokens of the Priority Tier are in no dollars here: no bill ever holds their cost."


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
        **_others(row.others),
        **spend_fields(row.spend),
    }


def _others(others: Others) -> Document:
    """Counters that this version does not know, by the API's names, where there are any."""
    return {"other_counters": dict(others)} if others else {}


def member_fields(member: Member) -> Document:
    """Who a row stands for."""
    return {**name_fields(member), "kind": member.kind.value}


def _tokens(tokens: TokenCounts) -> dict[str, int]:
    return {token_type.value: count for token_type, count in tokens.items()}


def _money(usd: Decimal | None) -> str | None:
    return None if usd is None else plain(usd)
