"""The bars of a chart over time: what they stand for, how many fit, and where they stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from itertools import groupby
from typing import Literal

from meterdeck.present.numbers import ESTIMATED, SHARED
from meterdeck.present.stacks import apportioned

State = Literal["closed", "settling", "running", "awaited"]

_WIDEST = 8
"""Columns of the widest bar: a few bars stay bars on a wide screen."""
_MOST, _CLEARLY = Fraction(3, 4), Fraction(1, 8)
"""Of the columns: what bars fill well enough, and what is worth that each is of more buckets."""
_COARSEST = 2
"""Times as many buckets as must be in a bar are the most that are, to fill the columns."""
_DAY_S = 86400


SIGNS = ("", SHARED, ESTIMATED)
"""The surest first: a bar of several is as sure as the least sure of them."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bucket: when it starts (in the zone to show), its value (None: not known), and whether it may change.

    ``parts`` are those of the top members and, last, of all others, bottom first; they add up to the value. None are
    given where it is not split.
    """

    start: datetime
    value: int | None
    state: State = "closed"
    parts: tuple[int, ...] = ()
    buckets: int = 1
    """How many buckets the bar is the mean of."""
    unread: int = 0
    """How many of several buckets were never read, and are not in their mean."""
    end: datetime | None = None
    """When it ends; None where that is told by its start and how many buckets it is of."""
    is_cut: bool = False
    """Whether it is of a part of its bucket."""
    sign: str = ""
    """What stands before its amounts, where they are dollars: how they are known."""

    @property
    def began(self) -> datetime:
        """When it starts, to compare by: by a clock that is put back one hour begins where the one before did."""
        return self.start.astimezone(UTC)


def merged(bars: Sequence[Bar], columns: int, *, even: bool = True) -> tuple[int, list[Bar]]:
    """As many bars as ``columns`` hold, and how many buckets each stands for.

    Bars that are ``even`` take whole columns: where the most that fit would leave much of the width empty, fewer of
    them fill it.

    Buckets that end are merged into their mean, grouped by the clock, so that a merged bar keeps its place as
    time goes on. The running bucket stays alone, and so do those that are cut: a part of an hour is not to be
    averaged with whole ones.
    """
    if len(bars) <= columns or columns < 4:
        return 1, list(bars[-columns:]) if columns > 0 else []
    first = list(bars[:1]) if bars[0].is_cut else []
    last = list(bars[-1:]) if bars[-1].state in ("running", "awaited") or bars[-1].is_cut else []
    ended = bars[len(first) : len(bars) - len(last)]
    # The oldest group may be short; one column is for the last bar.
    alone = 2 + len(first)
    per_bar = -(-len(ended) // (columns - alone))
    step = max(1, int((ended[1].began - ended[0].began).total_seconds()))
    if even:
        per_bar = _filling(per_bar, len(ended), step, columns, alone)
    phase = local_seconds(ended[0].start) // step % per_bar
    groups = groupby(enumerate(ended, phase), key=lambda numbered: numbered[0] // per_bar)
    return per_bar, [*first, *(_mean_bar([bar for _, bar in group]) for _, group in groups), *last]


def spans(count: int, columns: int, *, least: int = 2, even: bool = True) -> list[range]:
    """The columns of each bar, all equally wide; with a gap of one between bars that are then ``least`` columns wide.

    Columns too narrow for that to be seen (of dots) need not be ``even``: bars without a gap then fill them all.
    """
    if not count:
        return []
    pitch = min((columns + 1) // count, _WIDEST + 1)
    if pitch > least:
        return [range(index * pitch, (index + 1) * pitch - 1) for index in range(count)]
    if not even and count <= columns:
        return [range(index * columns // count, (index + 1) * columns // count) for index in range(count)]
    width = max(1, columns // count)
    return [range(index * width, (index + 1) * width) for index in range(count)]


def local_seconds(moment: datetime) -> int:
    """Seconds of the moment's own clock since the Monday that began year 1: multiples are round times there."""
    return (moment.toordinal() - 1) * 86400 + moment.hour * 3600 + moment.minute * 60 + moment.second


def _filling(fewest: int, count: int, step: int, columns: int, alone: int) -> int:
    """How many buckets a bar is of: ``fewest`` where those fill most columns, else what fills clearly more of them.

    Only what makes a day come out even, so that bars begin at round times. It is told by how many buckets there are,
    not by where the clock parts them, for that changes from one to the next.
    """

    def filled(per_bar: int) -> int:
        most = -(-count // per_bar) + alone
        return most * (columns // most)

    if filled(fewest) >= columns * _MOST:
        return fewest
    rounds = (more for more in range(fewest + 1, fewest * _COARSEST + 1) if _DAY_S % (step * more) == 0)
    clearly = filled(fewest) + columns * _CLEARLY
    return next((per_bar for per_bar in rounds if filled(per_bar) >= clearly), fewest)


def _mean_bar(group: Sequence[Bar]) -> Bar:
    known = [bar for bar in group if bar.value is not None]
    states = {bar.state for bar in group}
    state: State = "settling" if "settling" in states else "closed"
    if not known and "awaited" in states:
        state = "awaited"
    mean = sum(bar.value or 0 for bar in known) // len(known) if known else None
    sums: tuple[int, ...] = ()
    if mean is not None and len({len(bar.parts) for bar in known}) == 1:
        sums = tuple(map(sum, zip(*(bar.parts for bar in known), strict=True)))
    return Bar(
        group[0].start,
        mean,
        state,
        apportioned(mean or 0, sums),
        buckets=len(group),
        unread=sum(bar.value is None and bar.state != "awaited" for bar in group),
        end=group[-1].end,
        sign=max((bar.sign for bar in known), default="", key=SIGNS.index) if known else "",
    )
