"""The Rates pane as text: its title line, its bars and who they are made of, its line of minutes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, tzinfo

from meterdeck.domain.buckets import BucketWidth
from meterdeck.domain.dollars import State
from meterdeck.domain.measure import Measure
from meterdeck.present.bars import SIGNS, Bar
from meterdeck.present.bars import State as BarState
from meterdeck.present.dollars import SIGNS as SIGN_OF
from meterdeck.present.dollars import left_out_part, spend_cell
from meterdeck.present.forms import Form
from meterdeck.present.measures import DOLLARS, TOKENS, signed
from meterdeck.present.measures import Measure as Written
from meterdeck.present.members import labels
from meterdeck.present.numbers import tokens
from meterdeck.present.parts import Part
from meterdeck.present.sparkline import cells_for, sparkline
from meterdeck.present.times import scope_time
from meterdeck.queries.names import Member
from meterdeck.queries.pace import Pace
from meterdeck.queries.rates import RateBar, RatesPane
from meterdeck.queries.usage_window import BucketState

MINUTES_LABEL = "1 min "
"""What stands before the sparkline of minutes; filled up to the chart's scale."""
SETTLING_MINUTES = 10
"""The newest minutes may still fill (design, "settling")."""
_APART = 3
"""Cells between the line of minutes and what is said of it, and after that."""
_ROOM_FOR_LAST = 20
"""Cells of the line of minutes that its last value leaves it; a shorter one has its maximum alone."""
WRITTEN = {Measure.TOKENS: TOKENS, Measure.USD: DOLLARS}
"""How the amounts of bars are written."""
_PER = {BucketWidth.MINUTE: "min", BucketWidth.HOUR: "h", BucketWidth.DAY: "day"}
_STATES: dict[BucketState, BarState] = {
    BucketState.RUNNING: "running",
    BucketState.SETTLING: "settling",
    BucketState.PARTIAL: "settling",
    BucketState.AWAITED: "awaited",
}

_RUNS = (BucketState.RUNNING, BucketState.AWAITED)
"""What the last bucket of a time up to now is; the one that runs may have told nothing yet."""


def title(
    pane: RatesPane, pace: Pace | None, now: datetime, zone: tzinfo = UTC
) -> tuple[list[Part], list[Part]]:
    """Left and right parts of the pane's title line; the scope's dollars an hour are an estimate.

    What other lines of the screen tell too goes first: that rate, and what the chart is split by.
    """
    written = written_on(pane)
    per = _PER[pane.width]
    time = scope_time(pane.scope, now, zone)
    measured = f"{written.noun}/{per}" if pane.measure is Measure.USD else f"tokens/{per}"
    left = [
        Part("Rates", "accent", 9),
        Part(
            f"{measured}, {time}",
            "muted",
            7,
            short=f"tok/{per}, {time}" if pane.measure is Measure.TOKENS else "",
            short_at=3,
        ),
    ]
    if pane.layers:
        left.append(Part(f"by {pane.scope.by.title}", "muted", 0))
    if pace is not None and pane.scope.is_live:
        cell = spend_cell(pace.spend_per_hour)
        left.append(Part(f"{cell.text}/h" if pace.spend_per_hour.known else cell.text, cell.tone, 1))
    if pane.whole.tokens.total:
        cost = spend_cell(pane.whole.spend)
        left.append(Part(f"Σ {tokens(pane.whole.tokens.total)} {cost.text}", cost.tone, 6))
    right = []
    running = pane.bars[-1] if pane.bars and pane.bars[-1].state in _RUNS else None
    if running is not None and pane.width is not BucketWidth.MINUTE:
        so_far = f"{written.short(running.amount, sign_of_bar(running))} ░"
        right.append(Part(f"so far {so_far}", "", 5, short=so_far, short_at=3))
    if pane.peak is not None:
        peak = written.short(pane.peak.amount, sign_of_bar(pane.peak))
        when = _moment(pane, pane.peak, zone)
        right.append(Part(f"peak {peak} {when}", "muted", 4, short=f"peak {peak}", short_at=3))
    if left_out := left_out_part(pane.left_out):
        right.append(left_out)
    if pane.whole.web_searches:
        right.append(Part(f"{pane.whole.web_searches:,} searches", "muted", 2))
    return left, right


def bars(pane: RatesPane, zone: tzinfo = UTC) -> list[Bar]:
    """The chart's bars."""
    return [_bar(bar, zone) for bar in pane.bars]


def amount(value: int | None, measure: Measure, money: State | None) -> str:
    """``131M`` tokens, ``~$412``: what a bar stands for, and how its dollars are known."""
    return WRITTEN[measure].short(value, sign_of(money))


def written_on(pane: RatesPane) -> Written:
    """How the scale of all bars is written: it is as sure as the least sure of them."""
    return signed(WRITTEN[pane.measure], max(map(sign_of_bar, pane.bars), default="", key=SIGNS.index))


def sign_of(money: State | None) -> str:
    """What stands before an amount that is known so: nothing before tokens."""
    return "" if money is None else SIGN_OF[money]


def sign_of_bar(bar: RateBar) -> str:
    """What stands before the amounts of a bar: nothing before tokens."""
    return sign_of(bar.money)


def can_be_compared(before: RateBar, bar: RateBar) -> bool:
    """Whether two bars are both of whole buckets: a part of an hour is less than an hour by itself."""
    return not (before.is_cut or bar.is_cut)


def legend(pane: RatesPane, known: Iterable[Member] = ()) -> tuple[str, ...]:
    """The names of those whom the bars are made of, bottom first, told apart from all that are ``known``."""
    if not pane.layers:
        return ()
    names = labels(pane.scope.by, pane.layers, known)
    others = "1 other" if pane.others == 1 else f"{pane.others} others"
    return (*(names[member] for member in pane.layers), others)


def minutes(
    pane: RatesPane, width: int, left: int, form: Form = Form.BLOCKS
) -> tuple[list[Part], list[Part]]:
    """The line of the last hour by minute, from where the chart's bars begin; its newest minutes still fill.

    Its last value is that of the newest minute that has filled: what is not all there would read as a fall.
    """
    known = [value for value in pane.minutes if value is not None]
    # Under a chart of a time that is past nothing else would tell that these are not minutes of it.
    label = MINUTES_LABEL.ljust(left) if pane.scope.is_live else f"now, {MINUTES_LABEL}"
    if not known:
        return [Part(f"{label}no minute was read yet", "muted")], []
    written = WRITTEN[pane.measure]
    said = f"max {written.short(max(known))}/min"
    with_last = f"last {written.short(pane.newest)}  {said}"
    if width - len(label) - len(with_last) - _APART >= _ROOM_FOR_LAST:
        said = with_last
    cells = max(10, min(len(pane.minutes), width - len(label) - len(said) - _APART))
    cells = cells_for(len(pane.minutes), cells, form)
    line = sparkline(pane.minutes, cells, form=form)
    filling = -(-SETTLING_MINUTES * cells // len(pane.minutes))
    parts = [
        Part(f"{label}{line[:-filling]}", "accent", 9),
        Part(line[-filling:], "muted", 8),
        Part(" still filling", "muted", 1),
    ]
    return parts, [Part(said, "muted", 4)]


def _moment(pane: RatesPane, bar: RateBar, zone: tzinfo) -> str:
    """``Mon 16``, ``14:00``; where the same time comes on several days ``Mon 16 14:00``."""
    start = bar.start.astimezone(zone)
    day, time = f"{start:%a} {start.day}", f"{start:%H:%M}"
    if pane.width is BucketWidth.DAY:
        return day
    return f"{day} {time}" if pane.bars[-1].start - pane.bars[0].start >= BucketWidth.DAY.delta else time


def _bar(bar: RateBar, zone: tzinfo) -> Bar:
    start = bar.start.astimezone(zone)
    end = bar.window.end.astimezone(zone)
    return Bar(
        start,
        bar.amount,
        _STATES.get(bar.state, "closed"),
        bar.parts,
        end=end,
        is_cut=bar.is_cut,
        sign=sign_of_bar(bar),
    )
