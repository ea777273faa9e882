"""Budgets: how many dollars an organisation, a workspace or a model may spend in a UTC month, day or hour."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum

from meterdeck.domain.buckets import BucketWidth, Window, month_start, next_month_start
from meterdeck.domain.dimensions import Dimension


class Period(Enum):
    """What a budget is for; the value is its name in reports. All are UTC: bills and months are (design)."""

    MONTH = "month"
    DAY = "day"
    HOUR = "hour"

    @property
    def setting(self) -> str:
        """The name of its amount in the configuration."""
        return {Period.MONTH: "monthly_usd", Period.DAY: "daily_usd", Period.HOUR: "hourly_usd"}[self]

    def window(self, now: datetime) -> Window:
        """The period that holds a moment, from its start to its end."""
        if self is Period.MONTH:
            return Window(month_start(now), next_month_start(now))
        width = BucketWidth.DAY if self is Period.DAY else BucketWidth.HOUR
        return Window(width.floor(now), width.after(now))


@dataclass(frozen=True, slots=True)
class Budget:
    """An amount in USD, greater than 0, for each period."""

    usd: Decimal
    period: Period
    dimension: Dimension | None = None
    """`WORKSPACE` or `MODEL`; None for the whole organisation."""
    member: str | None = None
    """Whose it is, as it was written: an id or a name, or ``default`` for the default workspace."""
