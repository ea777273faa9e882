"""Usage of the simulated organisation: final numbers of every hour and minute, and what of them is visible when.

An hour's final numbers come first; its minutes split them by cumulative rounding, so sixty minutes add up to
the hour exactly. What is visible at a moment is a share of the final numbers that only grows (api-facts 5).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from meterdeck.domain.buckets import BucketWidth
from meterdeck.service.simulated.catalog import Stream
from meterdeck.service.simulated.draws import Draws
from meterdeck.service.simulated.incidents import NORMAL, Incident
from meterdeck.service.simulated.options import HISTORY_STARTS
from meterdeck.service.source import Counters, UsageFact

HOUR, MINUTE = 3600, 60
MINUTES = HOUR // MINUTE
DELAY_FROM, DELAY_TO = 120, 300
"""Seconds after its end when a minute's data first appears."""
FILLS_FOR = 600
"""Seconds from then on until it is whole."""
FIRST_SEEN = 600
WHOLE = 1000
"""Thousandths of the final numbers: what is seen at first, and all of it."""
SETTLED_AFTER = DELAY_TO + FILLS_FOR
RESTATED_AFTER = 9000
"""Seconds after its end when the one hour of each day that was short is set right."""
SHORT_BY = 80
"""Thousandths that hour lacks until then."""

_SEARCH_TOKENS = 10_000_000


class SimulatedUsage:
    """Numbers of all streams of one organisation."""

    def __init__(self, streams: Sequence[Stream], incidents: Sequence[Incident], draws: Draws) -> None:
        self.streams = streams
        self._draws = draws
        self._incidents = {stream.number: _affecting(stream, incidents) for stream in streams}
        self._history_starts = int(HISTORY_STARTS.timestamp())

    def visible(self, start: datetime, width: BucketWidth, as_of: datetime) -> Iterator[UsageFact]:
        """What a bucket holds at a moment, stream by stream; streams without usage do not come."""
        moment, now = int(start.timestamp()), int(as_of.timestamp())
        if moment < self._history_starts or moment > now:
            return
        if width is BucketWidth.MINUTE:
            yield from self._visible_minute(moment, now)
            return
        for hour in range(moment, moment + width.seconds, HOUR):
            yield from self._visible_hour(hour, now)

    def final(self, stream: Stream, hour: int) -> Counters:
        """A stream's final numbers of the hour that starts at a moment (seconds since the epoch)."""
        lots = self._draws.octets("hour", stream.number, hour)
        level = stream.workload.rhythm.level(hour)
        tokens = stream.peak * level * (88 + lots[0] * 24 // 255) // 1_000_000
        factors = self._factors(stream, hour)
        if factors is not None:
            tokens = tokens * sum(factors) // (NORMAL * MINUTES)
        uncached, read, write_5m, write_1h, output = stream.workload.mix.value
        output = output * (92 + lots[1] * 16 // 255) // 100
        read = read * (96 + lots[2] * 8 // 255) // 100
        searches = tokens * stream.workload.searches * (80 + lots[3] * 40 // 255) // (100 * _SEARCH_TOKENS)
        return Counters(
            tokens * uncached // 1000,
            tokens * read // 1000,
            tokens * write_5m // 1000,
            tokens * write_1h // 1000,
            tokens * output // 1000,
            searches,
        )

    def _factors(self, stream: Stream, hour: int) -> list[int] | None:
        """The incident factor of each minute of an hour, or None in a normal hour."""
        incidents = [incident for incident in self._incidents[stream.number] if incident.touches(hour, HOUR)]
        if not incidents:
            return None
        return [
            max(incident.factor_at(minute) for incident in incidents)
            for minute in range(hour, hour + HOUR, MINUTE)
        ]

    def _cumulative_weights(self, stream: Stream, hour: int) -> list[int]:
        """How an hour is spread over its minutes: 61 running sums, from 0."""
        factors = self._factors(stream, hour) or [NORMAL] * MINUTES
        jitter = self._draws.octets("minutes", stream.number, hour, MINUTES)
        sums = [0]
        for factor, lot in zip(factors, jitter, strict=True):
            sums.append(sums[-1] + factor * (850 + lot * 300 // 255))
        return sums

    def _visible_minute(self, moment: int, now: int) -> Iterator[UsageFact]:
        share = self._share(moment, now)
        if not share:
            return
        hour = moment - moment % HOUR
        place = (moment - hour) // MINUTE
        for stream in self.streams:
            final = self.final(stream, hour)
            if any(final):
                weights = self._cumulative_weights(stream, hour)
                counters = _seen(_part(final, weights, place), share)
                if any(counters):
                    yield UsageFact(stream.members, counters)

    def _visible_hour(self, hour: int, now: int) -> Iterator[UsageFact]:
        end = hour + HOUR
        if hour > now:
            return
        settled = now >= end + (RESTATED_AFTER if self._is_restated(hour) else SETTLED_AFTER)
        shares = [] if settled else [self._share(minute, now) for minute in range(hour, end, MINUTE)]
        for stream in self.streams:
            counters = self.final(stream, hour)
            if not any(counters):
                continue
            if not settled:
                weights = self._cumulative_weights(stream, hour)
                parts = [
                    _seen(_part(counters, weights, place), share)
                    for place, share in enumerate(shares)
                    if share
                ]
                counters = (
                    Counters._make(map(sum, zip(*parts, strict=True)))
                    if parts
                    else Counters(0, 0, 0, 0, 0, 0)
                )
            if any(counters):
                yield UsageFact(stream.members, counters)

    def _share(self, minute: int, now: int) -> int:
        """How much of a minute is visible, in thousandths: nothing, then ever more, then all but a correction."""
        spread = DELAY_TO - DELAY_FROM
        appears = minute + MINUTE + DELAY_FROM + self._draws.below(spread + 1, "delay", 0, minute)
        if now < appears:
            return 0
        share = FIRST_SEEN + (WHOLE - FIRST_SEEN) * min(now - appears, FILLS_FOR) // FILLS_FOR
        hour = minute - minute % HOUR
        if self._is_restated(hour) and now < hour + HOUR + RESTATED_AFTER:
            share = share * (WHOLE - SHORT_BY) // WHOLE
        return share

    def _is_restated(self, hour: int) -> bool:
        """Whether this is the one hour of its day that is corrected later."""
        day = hour - hour % (24 * HOUR)
        return (hour - day) // HOUR == self._draws.below(24, "restated", 0, day)


def _affecting(stream: Stream, incidents: Sequence[Incident]) -> tuple[Incident, ...]:
    load = stream.workload
    return tuple(
        incident
        for incident in incidents
        if incident.workspace == load.workspace
        and incident.key in {None, load.key}
        and incident.model in {None, load.model}
    )


def _part(final: Counters, weights: Sequence[int], place: int) -> Counters:
    """One minute's part of an hour: rounding down running sums loses nothing over the hour."""
    before, until, whole = weights[place], weights[place + 1], weights[-1]
    return Counters._make([count * until // whole - count * before // whole for count in final])


def _seen(counters: Counters, share: int) -> Counters:
    if share == WHOLE:
        return counters
    return Counters._make([count * share // WHOLE for count in counters])
