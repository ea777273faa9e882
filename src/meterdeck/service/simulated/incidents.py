"""Incidents by the calendar: a launch that ramps a workspace up, and keys that run away, another one each time."""

from __future__ import annotations

from dataclasses import dataclass

from meterdeck.service.simulated.catalog import HAIKU, OPUS, OPUS_NEW, SONNET

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
_EVERY, _FROM, _RAMP, _LASTS = 8 * _HOUR, 2 * _HOUR + 20 * _MINUTE, 4 * _MINUTE, 390 * _MINUTE
_TURNS = (
    ("mobile", "mobile-android", HAIKU, 20000),
    ("evals", "nightly-evals", OPUS, 9000),
    ("mobile", "mobile-ios", HAIKU, 24000),
    ("support-bot", "support-live", SONNET, 6000),
    ("data-plane", "pipeline", SONNET, 24000),
    ("prod-search", "prod-backend", OPUS_NEW, 6000),
    ("support-bot", "support-triage", HAIKU, 14000),
    ("prod-chat", "prod-router", HAIKU, 4000),
    ("prod-search", "search-rank", SONNET, 4000),
    ("data-plane", "pipeline", HAIKU, 24000),
    ("prod-chat", "prod-canary", OPUS_NEW, 5000),
)
"""Which key runs away next, on which model, and how far. Their number has no divisor in common with the turns of a
day or of a week, so that no key runs away at the same hour of two days that follow, and none looks like a rhythm.
"""
RUNAWAYS = tuple(
    Incident(
        "runaway", workspace, key, model, _EVERY * len(_TURNS), _FROM + _EVERY * turn, _RAMP, _LASTS, factor
    )
    for turn, (workspace, key, model, factor) in enumerate(_TURNS)
)
ALL = (LAUNCH, *RUNAWAYS)
