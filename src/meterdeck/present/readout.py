"""What a chart's cursor stands on, in words: the time, the exact value, how sure it is, the largest parts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from meterdeck.present.bars import Bar
from meterdeck.present.canvas import LETTERS, place_of
from meterdeck.present.charts import Subject
from meterdeck.present.forms import PLAIN, Pen
from meterdeck.present.measures import mean_of
from meterdeck.present.names import clean, cut_middle
from meterdeck.present.numbers import share
from meterdeck.present.parts import Part
from meterdeck.present.ticks import MARK
from meterdeck.present.times import clocks
from meterdeck.store.marks import Mark

_SURENESS = {"settling": "settling: may still grow", "running": "running: so far"}
_DAY = timedelta(days=1)
_LONG, _SHORT = 24, 10
"""Cells of a member's name where there is room, and where there is none."""
_FIRST_MEMBER = 6
"""The priority of the largest member; smaller ones go first."""


def readout(bar: Bar, subject: Subject, pen: Pen = PLAIN) -> list[Part]:
    """The line's parts, the most important words with the highest priority."""
    day, time = _when(bar, subject.width)
    parts = [Part(day, "accent", 9)] + ([Part(time, "accent", 10)] if time else [])
    parts.append(Part(_value(bar, subject), "", 10))
    if bar.buckets > 1:
        parts.append(Part(_mean(bar, subject.width), "muted", 8))
    if sure := _SURENESS.get(bar.state):
        parts.append(Part(sure, "muted", 8, short=sure.split(":")[0], short_at=7))
    parts += [
        _flag(mark)
        for mark in subject.marks
        if bar.began <= mark.at.astimezone(UTC) < end_of(bar, subject.width).astimezone(UTC)
    ]
    return parts + _members(bar, subject, pen)


def end_of(bar: Bar, width: timedelta) -> datetime:
    """When a bar's last bucket ends, by the clock of its own zone."""
    if bar.end is not None:
        return bar.end
    return (bar.start.astimezone(UTC) + width * bar.buckets).astimezone(bar.start.tzinfo)


def _when(bar: Bar, width: timedelta) -> tuple[str, str]:
    """The day, and the time of day of a bar that is not made of whole days."""
    start, end = bar.start, end_of(bar, width)
    day = f"{start:%a} {start.day} {start:%b}"
    if width < _DAY or bar.is_cut:
        return day, clocks(start, end)
    if bar.buckets == 1:
        return day, ""
    last = end - _DAY
    return f"{day} – {last:%a} {last.day} {last:%b}", ""


def _value(bar: Bar, subject: Subject) -> str:
    if bar.value is not None:
        return subject.measure.exact(bar.value, bar.sign)
    return "not reported yet" if bar.state == "awaited" else "not read"


def _mean(bar: Bar, width: timedelta) -> str:
    unread = f", {bar.unread} not read" if bar.unread else ""
    return f"{mean_of(width, bar.buckets)}{unread}"


def _flag(mark: Mark) -> Part:
    """``▏T0 checkout 13:05``; in fewer words a shorter name, at last without the time."""
    name = clean(mark.name)
    return Part(
        f"{MARK}{name} {mark.at:%H:%M}",
        "estimate",
        7,
        short=f"{MARK}{cut_middle(name, _SHORT)} {mark.at:%H:%M}",
        short_at=_FIRST_MEMBER - 1,
        shortest=f"{MARK}{cut_middle(name, _SHORT)}",
        shortest_at=_FIRST_MEMBER,
    )


def _members(bar: Bar, subject: Subject, pen: Pen) -> list[Part]:
    """The parts, largest first, all others last."""
    if not bar.value or len(bar.parts) != len(subject.legend):
        return []
    others = len(bar.parts) - 1
    ranked = sorted(range(len(bar.parts)), key=lambda part: (part == others, -bar.parts[part]))
    return [
        _member(bar, part, subject, pen, _FIRST_MEMBER - place)
        for place, part in enumerate(part for part in ranked if bar.parts[part])
    ]


def _member(bar: Bar, part: int, subject: Subject, pen: Pen, priority: int) -> Part:
    """``prod-chat 61.2M 47%``; in fewer words a shorter name, and no share."""
    name, value = clean(subject.legend[part]), subject.measure.short(bar.parts[part], bar.sign)
    letter = f"{LETTERS[place_of(part, len(bar.parts))]} " if pen.lettered and pen.splits else ""
    return Part(
        f"{letter}{cut_middle(name, _LONG)} {value} {share(bar.parts[part], bar.value)}",
        "",
        priority,
        short=f"{letter}{cut_middle(name, _SHORT)} {value}",
        short_at=0,
    )
