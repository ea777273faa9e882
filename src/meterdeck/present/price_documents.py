"""Prices and the back-test as documents: the JSON contract of `meterdeck prices` (docs/report-json.md)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from meterdeck.domain.buckets import rfc3339
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.money import EXACT, cents_to_usd, plain
from meterdeck.present.documents import VERSION, Document
from meterdeck.present.members import name_fields
from meterdeck.queries.back_test import BackTest, CheckedDay, Gap
from meterdeck.queries.look import Look
from meterdeck.queries.price_table import PriceRow
from meterdeck.queries.prices import SEARCH, PriceBook, PriceChange

_USD_A_MILLION = Decimal(10_000)
"""Dollars for a million tokens, of a price of one cent for a token."""


def prices_document(
    look: Look, rows: list[PriceRow], book: PriceBook, as_of: datetime | None, *, fresh: bool
) -> Document:
    """Every price in use, with its origin, the days it rests on and their spread."""
    return {
        **_head("prices", as_of, fresh=fresh),
        "unit": "USD per million tokens",
        "settled_days": [f"{day:%Y-%m-%d}" for day in sorted(book.settled_days)],
        "list": {"date": book.listed.date, "source": book.listed.source} if book.listed else None,
        "confirmed": f"{book.confirmed:%Y-%m-%d}" if book.confirmed else None,
        "web_search": _search(book),
        "changes": [_change(change) for change in book.changes],
        "rows": [_row(look, row) for row in rows],
    }


def back_test_document(look: Look, checked: BackTest, as_of: datetime | None, *, fresh: bool) -> Document:
    """Each checked day: estimated without its own bill, against the bill of its tokens."""
    whole = checked.whole
    return {
        **_head("backtest", as_of, fresh=fresh),
        "currency": "USD",
        "estimated": True,
        "settled": None if whole is None else {"days": len(checked.settled), **_gap(whole)},
        "rows": [_checked(look, day) for day in checked.days],
    }


def usd_a_million(cents: Decimal | None) -> str | None:
    """A price as people compare it, with every digit it has."""
    return None if cents is None else plain(EXACT.multiply(cents, _USD_A_MILLION))


def _head(report: str, as_of: datetime | None, *, fresh: bool) -> Document:
    return {
        "version": VERSION,
        "report": report,
        "as_of": rfc3339(as_of) if as_of else None,
        "complete": fresh,
        "gaps": [],
    }


def _search(book: PriceBook) -> Document | None:
    """What web searches cost, a thousand of them."""
    price = book.price(None, SEARCH)
    if price is None:
        return None
    return {
        "usd_per_thousand": plain(cents_to_usd(price.cents * 1000)),
        "origin": price.origin.value,
        "days": price.days,
        "early": price.early,
    }


def _row(look: Look, row: PriceRow) -> Document:
    key, price = row.key, row.price
    workspace = None if row.everywhere else look.names.member(Dimension.WORKSPACE, row.workspace_id)
    return {
        "workspace": None if workspace is None else name_fields(workspace),
        "model": key.model,
        "service_tier": key.service_tier,
        "context_window": key.context_window,
        "token_type": key.token_type.value if key.token_type else "web_search",
        "origin": price.origin.value if price else "unbilled" if row.unbilled else "unpriced",
        "usd_per_million": usd_a_million(price.cents) if price else None,
        "low": usd_a_million(price.low) if price else None,
        "high": usd_a_million(price.high) if price else None,
        "mixed": bool(price and price.mixed),
        "early": bool(price and price.early),
        "days": price.days if price else 0,
        "since": f"{price.first:%Y-%m-%d}" if price and price.first else None,
    }


def _change(change: PriceChange) -> Document:
    return {
        "day": f"{change.day:%Y-%m-%d}",
        "model": change.key.model,
        "service_tier": change.key.service_tier,
        "context_window": change.key.context_window,
        "token_type": change.key.token_type.value if change.key.token_type else "web_search",
        "before": usd_a_million(change.before),
        "after": usd_a_million(change.after),
        "early": change.early,
    }


def _checked(look: Look, checked: CheckedDay) -> Document:
    worst: Document | None = None
    if checked.worst is not None:
        dimension, member_id, gap = checked.worst
        member = look.names.member(dimension, member_id, in_bill=True)
        worst = {"by": dimension.word, **name_fields(member), **_gap(gap)}
    return {
        "day": f"{checked.day:%Y-%m-%d}",
        "settled": checked.settled,
        **_gap(checked.gap),
        "unpriced_tokens": checked.unpriced_tokens,
        "price_changed": checked.price_changed,
        "largest_gap": worst,
    }


def _gap(gap: Gap) -> Document:
    sign = "-" if gap.permyriad < 0 else ""
    return {
        "estimated_usd": plain(gap.estimated),
        "billed_usd": plain(gap.billed),
        "gap_usd": plain(gap.usd),
        "gap_percent": f"{sign}{abs(gap.permyriad) // 100}.{abs(gap.permyriad) % 100:02}",
    }
