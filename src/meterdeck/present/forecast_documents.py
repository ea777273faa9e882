"""The outlook as a document: the JSON contract of `meterdeck report forecast` (docs/report-json.md)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, tzinfo
from decimal import Decimal

from meterdeck.domain.buckets import Window, rfc3339
from meterdeck.domain.money import plain
from meterdeck.domain.scope import Scope
from meterdeck.present.documents import Document, dollars_fields, end_fields, head
from meterdeck.present.members import name_fields
from meterdeck.queries.outlook import Ahead, BudgetAhead, Outlook


def forecast_document(  # noqa: PLR0913 - each is one thing that the report tells
    outlook: Outlook,
    scope: Scope,
    organization: str | None,
    zone: tzinfo,
    gaps: Iterable[Window],
    as_of: datetime | None,
    *,
    fresh: bool,
    confirmed: datetime | None = None,
) -> Document:
    """Today and the month of a scope, then every budget: dollars so far, and foreseen.

    ``confirmed`` is the newest day whose whole bill bears out the prices of open days.
    """
    whole = {"of": "organization", "id": None, "name": organization}
    if scope.filters:
        whole = {"of": "filters", "id": None, "name": None}
    return {
        **head("forecast", scope, outlook.month.window, gaps, as_of, fresh=fresh),
        "by": None,
        "currency": "USD",
        "prices_confirmed": None if confirmed is None else f"{confirmed:%Y-%m-%d}",
        "timezone": str(zone),
        "problems": list(outlook.problems),
        "rows": [
            *({"figure": "spend", **whole, **_ahead(ahead)} for ahead in (outlook.today, outlook.month)),
            *(_budget(found, organization) for found in outlook.budgets),
        ],
    }


_NOTHING: Document = {"usd": None, "state": "estimated", "evidence": None, "lacks": [], "estimated": True}
"""Of a period of which nothing is known."""


def _ahead(ahead: Ahead) -> Document:
    return {
        "period": ahead.period.value,
        "start": rfc3339(ahead.window.start),
        "end": rfc3339(ahead.window.end),
        **(dollars_fields(ahead.dollars) if ahead.dollars else _NOTHING),
        **end_fields(ahead.end),
    }


def _budget(found: BudgetAhead, organization: str | None) -> Document:
    so_far, budget = found.ahead.so_far, found.budget
    owner = {"of": "organization", "id": None, "name": organization}
    if found.owner is not None and budget.dimension is not None:
        owner = {"of": budget.dimension.word, **name_fields(found.owner)}
    return {
        "figure": "budget",
        **owner,
        **_ahead(found.ahead),
        "budget_usd": plain(budget.usd),
        "used_percent": None if so_far is None else _percent(so_far, budget.usd),
        "gone": found.used_up,
        "gone_at_low": _moment(found.gone_early),
        "gone_at_middle": _moment(found.gone),
        "gone_at_high": _moment(found.gone_late),
    }


def _percent(part: Decimal, whole: Decimal) -> str:
    """With two decimals, rounded down: a budget is used by 100 only when it is gone."""
    return plain(Decimal(int(part * 10_000 // whole)).scaleb(-2))


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else rfc3339(moment)
