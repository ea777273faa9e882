"""The buckets of Rates as rows: when, how much, of whom; the newest first."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, tzinfo

from meterdeck.domain.buckets import BucketWidth
from meterdeck.domain.measure import Measure
from meterdeck.present.columns import Cell, Column, Row, Tone
from meterdeck.present.numbers import NOTHING, change, share
from meterdeck.present.rates import amount, can_be_compared, legend, written_on
from meterdeck.present.times import clock, day
from meterdeck.queries.names import Member
from meterdeck.queries.rates import RateBar, RatesPane
from meterdeck.queries.usage_window import BucketState

_WORDS: dict[BucketState, tuple[str, Tone]] = {
    BucketState.RUNNING: ("running", "accent"),
    BucketState.SETTLING: ("settling", "muted"),
    BucketState.PARTIAL: ("in part", "muted"),
    BucketState.GAP: ("not read", "muted"),
    BucketState.AWAITED: ("awaited", "muted"),
}
_NOT_ALL_THERE = (BucketState.RUNNING, BucketState.SETTLING, BucketState.PARTIAL)
"""Against what still fills, or lacks a part, there is neither rise nor fall."""


def table(
    pane: RatesPane, zone: tzinfo = UTC, known: Iterable[Member] = ()
) -> tuple[list[Column], list[Row]]:
    """Columns and rows: each bucket's amount, its change, its part of all, and what the largest members took."""
    names = legend(pane, known)
    if not pane.others:
        names = names[:-1]
    columns = [
        Column(key="time", title=pane.width.name.lower(), width=6, priority=99),
        Column(
            key="amount",
            title="tokens" if pane.measure is Measure.TOKENS else written_on(pane).noun,
            width=6,
            align="right",
            priority=98,
        ),
        Column(key="change", title="Δ", width=5, align="right", priority=96),
        Column(key="share", title="share", width=5, align="right", priority=95),
        Column(key="state", title="", width=8, priority=97),
        *(
            Column(key=f"layer {i}", title=name, width=6, align="right", priority=90 - i)
            for i, name in enumerate(names)
        ),
    ]
    total = sum(bar.amount or 0 for bar in pane.bars)
    before = [None, *(None if bar.state in _NOT_ALL_THERE else bar for bar in pane.bars[:-1])]
    rows = [
        Row(bar.start, _cells(pane, bar, was, total, zone, len(names)))
        for bar, was in zip(pane.bars, before, strict=True)
    ]
    return columns, rows[::-1]


def _cells(
    pane: RatesPane, bar: RateBar, before: RateBar | None, total: int, zone: tzinfo, layers: int
) -> tuple[Cell, ...]:
    word, tone = _WORDS.get(bar.state, ("", ""))
    parts = bar.parts[:layers] if bar.amount is not None else (None,) * layers
    is_whole = bar.state not in _NOT_ALL_THERE
    risen = change(before.amount, bar.amount) if before and can_be_compared(before, bar) else NOTHING
    return (
        Cell(_time(bar.start, pane.width, zone)),
        Cell(amount(bar.amount, pane.measure, bar.money)),
        Cell(risen if is_whole else NOTHING, "" if is_whole else "muted"),
        Cell(share(bar.amount, total)),
        Cell(word, tone),
        *(Cell(amount(part, pane.measure, bar.money), "muted") for part in parts),
    )


def _time(start: datetime, width: BucketWidth, zone: tzinfo) -> str:
    return day(start, zone) if width is BucketWidth.DAY else f"{day(start, zone)} {clock(start, zone)}"
