"""The Rates pane as text: its title line, its bars and who they are made of, its line of minutes."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from decimal import Decimal

from meterdeck.domain.buckets import BucketWidth
from meterdeck.domain.measure import Measure
from meterdeck.domain.money import cents_to_usd
from meterdeck.present.bars import Bar, State
from meterdeck.present.estimates import estimate_cell
from meterdeck.present.members import labels
from meterdeck.present.numbers import tokens, usd_short
from meterdeck.present.parts import Part
from meterdeck.present.sparkline import sparkline
from meterdeck.present.times import scope_time
from meterdeck.queries.pace import Pace
from meterdeck.queries.rates import RateBar, RatesPane
from meterdeck.queries.usage_window import BucketState

MINUTES_LABEL = "1 min "
"""What stands before the sparkline of minutes, as wide as the chart's scale."""
SETTLING_MINUTES = 10
"""The newest minutes may still fill (design, "settling")."""
_PER = {BucketWidth.MINUTE: "min", BucketWidth.HOUR: "h", BucketWidth.DAY: "day"}
_STATES: dict[BucketState, State] = {
    BucketState.RUNNING: "running",
    BucketState.SETTLING: "settling",
    BucketState.PARTIAL: "settling",
}


def title(
    pane: RatesPane, pace: Pace | None, now: datetime, zone: tzinfo = UTC
) -> tuple[list[Part], list[Part]]:
    """Left and right parts of the pane's title line; the scope's dollars an hour are an estimate."""
    per = _PER[pane.width]
    measured = f"~$/{per}" if pane.measure is Measure.USD else f"tokens/{per}"
    left = [
        Part("Rates", "accent", 9),
        Part(f"{measured}, {scope_time(pane.scope, now, zone)}", "muted", 7),
    ]
    if pane.layers:
        left.append(Part(f"by {pane.scope.by.title}", "muted", 3))
    if pace is not None and pane.scope.is_live:
        cell = estimate_cell(pace.estimate_per_hour)
        left.append(Part(f"{cell.text}/h" if pace.estimate_per_hour.known else cell.text, cell.tone, 6))
    right = []
    running = pane.bars[-1] if pane.bars and pane.bars[-1].state is BucketState.RUNNING else None
    if running is not None and running.amount is not None:
        # Nothing of an hour can have arrived in its first minutes: that is no zero.
        right.append(Part(f"so far {amount(running.amount or None, pane.measure)} ░", "", 5))
    if pane.peak is not None:
        peak = amount(pane.peak.amount, pane.measure)
        right.append(Part(f"peak {peak} {_moment(pane.peak.start.astimezone(zone), pane.width)}", "muted", 4))
    if pane.whole.web_searches:
        right.append(Part(f"{pane.whole.web_searches:,} searches", "muted", 2))
    return left, right


def bars(pane: RatesPane, zone: tzinfo = UTC) -> list[Bar]:
    """The chart's bars."""
    return [_bar(bar, zone) for bar in pane.bars]


def legend(pane: RatesPane) -> tuple[str, ...]:
    """The names of those whom the bars are made of, bottom first."""
    named = labels(pane.scope.by, [member for member in pane.layers if member is not None])
    return tuple("others" if member is None else named[member] for member in pane.layers)


def amount(value: int | None, measure: Measure) -> str:
    """``131M`` tokens, ``~$412``: what a bar stands for."""
    if measure is Measure.TOKENS or value is None:
        return tokens(value)
    return usd_short(cents_to_usd(Decimal(value)), estimated=True)


def minutes(pane: RatesPane, width: int) -> tuple[list[Part], list[Part]]:
    """The line of the last hour by minute; its newest minutes still fill and are drawn apart."""
    known = [value for value in pane.minutes if value is not None]
    if not known:
        return [Part(f"{MINUTES_LABEL}no minute was read yet", "muted")], []
    said = f"max {amount(max(known), pane.measure)}/min"
    cells = max(10, min(len(pane.minutes), width - len(MINUTES_LABEL) - len(said) - 2))
    line = sparkline(pane.minutes, cells)
    filling = -(-SETTLING_MINUTES * cells // len(pane.minutes))
    left = [
        Part(f"{MINUTES_LABEL}{line[:-filling]}", "accent", 9),
        Part(line[-filling:], "muted", 8),
        Part(" still filling", "muted", 1),
    ]
    return left, [Part(said, "muted", 4)]


def _moment(start: datetime, width: BucketWidth) -> str:
    return f"{start:%a} {start.day}" if width is BucketWidth.DAY else f"{start:%H:%M}"


def _bar(bar: RateBar, zone: tzinfo) -> Bar:
    start = bar.start.astimezone(zone)
    return Bar(start, bar.amount, _STATES.get(bar.state, "closed"), bar.parts)
