"""The Rates pane as text: its title line, its bars, its line of minutes."""

from __future__ import annotations

from meterdeck.present.bars import Bar, State
from meterdeck.present.estimates import estimate_cell
from meterdeck.present.members import labels
from meterdeck.present.numbers import tokens
from meterdeck.present.parts import Part
from meterdeck.present.sparkline import sparkline
from meterdeck.queries.pace import Pace
from meterdeck.queries.rates import HourBar, RatesPane
from meterdeck.queries.usage_window import BucketState

MINUTES_LABEL = "1 min "
"""What stands before the sparkline of minutes, as wide as the chart's scale."""
SETTLING_MINUTES = 10
"""The newest minutes may still fill (design, "settling")."""
_STATES: dict[BucketState, State] = {
    BucketState.RUNNING: "running",
    BucketState.SETTLING: "settling",
    BucketState.PARTIAL: "settling",
}


def title(pane: RatesPane, pace: Pace | None) -> tuple[list[Part], list[Part]]:
    """Left and right parts of the pane's title line; the scope's dollars an hour are an estimate."""
    left = [Part("Rates", "accent", 9), Part("tokens/h, 24 h", "muted", 7)]
    if pace is not None:
        cell = estimate_cell(pace.estimate_per_hour)
        left.append(Part(f"{cell.text}/h" if pace.estimate_per_hour.known else cell.text, cell.tone, 6))
    right = []
    running = pane.bars[-1] if pane.bars else None
    if running is not None and running.tokens is not None:
        # Nothing of an hour can have arrived in its first minutes: that is no zero.
        right.append(Part(f"so far {tokens(running.tokens or None)} ░", "", 5))
    if pane.peak is not None:
        right.append(Part(f"peak {tokens(pane.peak.tokens)} {pane.peak.start:%H:%M}", "muted", 4))
    if pane.web_searches:
        right.append(Part(f"{pane.web_searches:,} searches", "muted", 2))
    return left, right


def bars(pane: RatesPane) -> list[Bar]:
    """The chart's bars."""
    return [_bar(bar) for bar in pane.bars]


def legend(pane: RatesPane) -> list[str]:
    """The names of the bars' parts."""
    if not pane.members:
        return []
    names = labels(pane.scope.by, pane.members)
    others = f"{pane.others} others" if pane.others != 1 else "1 other"
    return [*(names[member] for member in pane.members), others]


def minutes(pane: RatesPane, width: int) -> tuple[list[Part], list[Part]]:
    """The line of tokens a minute over the last hour; its newest minutes still fill and are drawn apart."""
    known = [value for value in pane.minutes if value is not None]
    if not known:
        return [Part(f"{MINUTES_LABEL}no minute was read yet", "muted")], []
    said = f"max {tokens(max(known))}/min"
    cells = max(10, min(len(pane.minutes), width - len(MINUTES_LABEL) - len(said) - 2))
    line = sparkline(pane.minutes, cells)
    filling = -(-SETTLING_MINUTES * cells // len(pane.minutes))
    left = [
        Part(f"{MINUTES_LABEL}{line[:-filling]}", "accent", 9),
        Part(line[-filling:], "muted", 8),
        Part(" still filling", "muted", 1),
    ]
    return left, [Part(said, "muted", 4)]


def _bar(bar: HourBar) -> Bar:
    return Bar(bar.start, bar.tokens, _STATES.get(bar.state, "closed"), bar.parts)
