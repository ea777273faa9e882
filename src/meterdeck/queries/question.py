"""What a screen asks of the store: a scope, and how it is to be shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from meterdeck.domain.buckets import Window
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.measure import Measure
from meterdeck.domain.scope import Scope


@dataclass(frozen=True, slots=True)
class Question:
    """A scope, and how it is to be shown."""

    scope: Scope
    costs_by: Dimension | None = None
    """Splits the bill by a dimension of its own; None follows the scope as far as the bill can."""
    measure: Measure = Measure.TOKENS
    zone: tzinfo = UTC
    """Whose days usage is cut into; bills and months stay UTC."""
    minutes: bool = False
    """Whether there is room for the last hour of each member."""
    change: bool = False
    """Whether there is room for how much more each member took than in as long a time before."""

    def window(self, now: datetime) -> Window:
        """The scope's time."""
        return self.scope.window(now, self.zone)
