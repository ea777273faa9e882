"""Incidents by the calendar: a launch that ramps a workspace up, and a key that runs away."""

from __future__ import annotations

from dataclasses import dataclass

NORMAL = 1000
"""Factors are in thousandths."""

_HOUR = 3600
_MINUTE = 60


@dataclass(frozen=True, slots=True)
class Incident:
    """Usage multiplied for a while, again and again: all times in seconds, factors in thousandths.

    It begins every ``every`` seconds from midnight UTC plus ``offset``, climbs for ``ramp`` to ``factor``, and
    falls as fast at the end of ``lasts``.
    """

    name: str
    workspace: str
    key: str | None
    """The key that is affected; None is every key of the workspace."""
    model: str | None
    every: int
    offset: int
    ramp: int
    lasts: int
    factor: int

    def factor_at(self, moment: int) -> int:
        """The factor at a moment, in seconds since the epoch."""
        elapsed = (moment - self.offset) % self.every
        if elapsed >= self.lasts:
            return NORMAL
        climbed = min(elapsed, self.lasts - elapsed, self.ramp)
        return NORMAL + (self.factor - NORMAL) * climbed // self.ramp

    def touches(self, start: int, seconds: int) -> bool:
        """Whether any of a span of time may be affected."""
        elapsed = (start - self.offset) % self.every
        return elapsed < self.lasts or elapsed + seconds > self.every


LAUNCH = Incident(
    "launch", "prod-chat", None, None, 6 * _HOUR, _HOUR + 5 * _MINUTE, 20 * _MINUTE, 140 * _MINUTE, 1900
)
RUNAWAY = Incident(
    "runaway",
    "evals",
    "nightly-evals",
    "claude-opus-5",
    8 * _HOUR,
    2 * _HOUR + 20 * _MINUTE,
    4 * _MINUTE,
    70 * _MINUTE,
    14000,
)
ALL = (LAUNCH, RUNAWAY)
