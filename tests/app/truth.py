"""What the screen should say, added up from the simulated organisation itself and not from the store."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from app.decks import SATURDAY, SMALL
from meterdeck.domain.buckets import BucketWidth
from meterdeck.service.simulated.organization import SimulatedOrganization

ORGANIZATION = SimulatedOrganization(SMALL)
IDS = {row["name"]: row["id"] for row in ORGANIZATION.workspaces}
"""Workspace ids by name; the default one is not listed."""
Wanted = Mapping[str, set[str | None]]


def tokens_of_hour(hour: datetime, wanted: Wanted) -> int:
    """All tokens of one hour that belong to these members."""
    return sum(
        sum(fact.counters[:5])
        for fact in ORGANIZATION.usage(hour, BucketWidth.HOUR, SATURDAY)
        if all(getattr(fact.members, field) in values for field, values in wanted.items())
    )


def billed_on(day: datetime, wanted: Wanted) -> Decimal:
    """Dollars of one day's bill that belong to these members."""
    lines = ORGANIZATION.bill(day, SATURDAY)
    assert lines is not None
    cents = sum(
        (
            line.cents
            for line in lines
            if all(getattr(line, field) in values for field, values in wanted.items())
        ),
        start=Decimal(0),
    )
    return cents / 100
