"""The outlook as a document: the JSON contract of `meterdeck report forecast` (docs/report-json.md)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, tzinfo
from decimal import Decimal

from meterdeck.domain.buckets import Window, rfc3339
from meterdeck.domain.money import plain
from meterdeck.domain.scope import Scope
from meterdeck.present.documents import Document, head
from meterdeck.present.members import name_fields
from meterdeck.queries.outlook import Ahead, BudgetAhead, Outlook


def forecast_document(
    outlook: Outlook,
    scope: Scope,
    organization: str | None,
    zone: tzinfo,
    gaps: Iterable[Window],
    as_of: datetime | None,
    *,
    fresh: bool,
) -> Document:
    """Today and the month of a scope, then every budget: dollars so far, and foreseen. All of them are estimates."""
    whole = {"of": "organization", "id": None, "name": organization}
    if scope.filters:
        whole = {"of": "filters", "id": None, "name": None}
    return {
        **head("forecast", scope, outlook.month.window, gaps, as_of, fresh=fresh),
        "by": None,
        "currency": "USD",
        "estimated": True,
        "timezone": str(zone),
        "problems": list(outlook.problems),
        "rows": [
            *({"figure": "spend", **whole, **_ahead(ahead)} for ahead in (outlook.today, outlook.month)),
            *(_budget(found, organization) for found in outlook.budgets),
        ],
    }


def _ahead(ahead: Ahead) -> Document:
    end = ahead.end
    return {
        "period": ahead.period.value,
        "start": rfc3339(ahead.window.start),
        "end": rfc3339(ahead.window.end),
        "usd": _money(ahead.so_far),
        "usd_low": _money(end.low) if end else None,
        "usd_middle": _money(end.middle) if end else None,
        "usd_high": _money(end.high) if end else None,
        "estimated": True,
        **({"lacks_part": True} if ahead.lacks else {}),
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


def _money(usd: Decimal | None) -> str | None:
    return None if usd is None else plain(usd)


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else rfc3339(moment)
