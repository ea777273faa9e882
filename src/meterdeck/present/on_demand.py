"""What is read on demand, in words: what asking costs, and how far the answer is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from fractions import Fraction

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.questions import Question
from meterdeck.domain.scope import Since, Span
from meterdeck.present.columns import Cell, Column, Row
from meterdeck.present.dollars import spend_cell, spend_value
from meterdeck.present.forms import Form
from meterdeck.present.measures import length_words
from meterdeck.present.members import labels
from meterdeck.present.names import clean
from meterdeck.present.numbers import NOTHING, share, tokens
from meterdeck.present.parts import Part
from meterdeck.present.sorting import Order
from meterdeck.present.sparkline import sparkline
from meterdeck.present.times import clock, day, window
from meterdeck.queries.on_demand import CHANGES_PRICES, OnDemand, State

_SPARK_CELLS = 24
ORDER = Order("tokens", descending=True)
"""Who took most comes first."""
NOT_PRICED = (
    "Nothing here is priced: with these filters one request can't tell all that a price depends on as well."
)


def announcement(question: Question, now: datetime, zone: tzinfo = UTC) -> str:
    """What asking takes of the budget, and which time it is of where that is not a usual one, said before it is asked."""
    requests = question.at(now).requests
    of_time = "" if question.time is None else f", {_time(question, question.at(now).window, zone)}"
    count = "One request" if requests == 1 else f"{requests} requests"
    return f"{count} of the budget: usage by {question.dimension.title}{of_time}."


def state_words(found: OnDemand, now: datetime) -> str:
    """How far the answer is, for a line beside its rows."""
    if found.state is State.MISSING:
        return "not read yet"
    if found.state is State.ASKED:
        return f"waiting: {clean(found.trouble)}" if found.trouble else "asked, waiting for the answer"
    if found.refusal is not None:
        return f"refused: {clean(found.refusal)}"
    return "" if found.read_at is None else f"read {_age(now - found.read_at)}"


def time_words(found: OnDemand, zone: tzinfo = UTC) -> str:
    """Which time the answer is of: ``in the last 24h``, ``since Fri 20 Nov 14:00Z (whole hours)``."""
    if found.question.time is None:
        return f"in the last {found.question.span.value}"
    of = found.pane.breakdown.hours.window
    words = _time(found.question, of, zone)
    if found.is_exact:
        return words
    is_of_days = BucketWidth.DAY.floor(of.start) == of.start and BucketWidth.DAY.floor(of.end) == of.end
    return f"{words} (whole {'UTC days' if is_of_days else 'hours'})"


def title(found: OnDemand, now: datetime, zone: tzinfo = UTC) -> tuple[list[Part], list[Part]]:
    """Left and right parts of the Breakdown pane's title line while it shows what was read on demand."""
    by = found.question.dimension
    left = [Part("Breakdown", "accent", 9), Part(f"by {by.title}", "muted", 8)]
    if found.read_at is not None and found.refusal is None:
        # Of a time that was widened, the words are all that tells so.
        priority = 2 if found.is_exact else 7
        left.append(Part(f"{len(found.pane.rows)} {time_words(found, zone)}", "muted", priority))
    words = state_words(found, now)
    if found.trouble or found.state is State.REFUSED:
        state = Part(words, "warn", 7, shrink_to=12)
    else:
        state = Part(words, "muted", 7)
    return left, [state]


def table(found: OnDemand, form: Form = Form.BLOCKS) -> tuple[list[Column], list[Row]]:
    """Columns and rows: of an answer is known what its whole window took, and nothing of now."""
    by, span = found.question.dimension, found.question.span
    drawn = "month" if span is Span.CALENDAR_MONTH else f"{span.value[:-1]} {span.value[-1]}"
    if found.question.time is not None:
        drawn = length_words(found.pane.breakdown.hours.window.duration)
    columns = [
        Column(key="name", title=by.title, width=14, min_width=10, max_width=32, grow=1, priority=10),
        Column(key="tokens", title="tokens", width=6, align="right", priority=9),
        Column(key="usd", title="$", width=9, align="right", priority=8),
        Column(key="share", title="share", width=5, align="right", priority=6),
        Column(key="cache", title="cache", width=5, align="right", priority=3),
        Column(key="searches", title="searches", width=8, align="right", priority=2),
        Column(key="spark", title=drawn, width=_SPARK_CELLS, priority=7),
    ]
    parts = found.pane.breakdown.parts
    names = labels(by, (part.member for part in parts))
    rows = [
        Row(
            part.member.key,
            (
                Cell(names[part.member]),
                Cell(tokens(part.tokens.total)),
                spend_cell(part.spend),
                Cell(share(part.tokens.total, found.total_tokens)),
                Cell(share(part.tokens.cache_read, part.tokens.input) if part.tokens.input else NOTHING),
                Cell(f"{part.web_searches:,}"),
                Cell(sparkline(row.buckets, _SPARK_CELLS, form=form), "accent"),
            ),
            (
                names[part.member].casefold(),
                part.tokens.total,
                spend_value(part.spend),
                part.tokens.total,
                Fraction(part.tokens.cache_read, part.tokens.input) if part.tokens.input else None,
                part.web_searches,
                part.tokens.total,
            ),
        )
        for row in found.pane.rows
        for part in (row.part,)
    ]
    return columns, rows


def words(found: OnDemand, now: datetime, zone: tzinfo = UTC) -> str:
    """What stands in the place of rows while there are none: what reading them takes, or how far it is."""
    if found.state is not State.MISSING:
        return state_words(found, now)
    return f"{announcement(found.question, now, zone)} Enter reads it."


def no_way_in(by: Dimension) -> str:
    """Why Enter on a row leads nowhere."""
    return f"A row by {by.title} can't be entered: the hours that are kept do not tell {by.title}. b splits by what they do."


def note(found: OnDemand) -> str:
    """What must be known of the dollars, in sentences; nothing where they are as elsewhere."""
    if not found.question.is_priced:
        return NOT_PRICED
    by = found.question.dimension
    if by in CHANGES_PRICES and any(part.spend.unpriced_tokens for part in found.pane.breakdown.parts):
        return f"Tokens are unpriced where no price is known, or only an average over several {by.title}s."
    return ""


def _time(question: Question, of: Window, zone: tzinfo) -> str:
    """A time of its own, as the API is asked about it or has answered."""
    if isinstance(question.time, Since):
        return f"since {day(of.start, zone)} {clock(of.start, zone)}"
    return window(of, zone)


def _age(age: timedelta) -> str:
    minutes = max(0, int(age.total_seconds()) // 60)
    return f"{minutes} min ago" if minutes < 120 else f"{minutes // 60} h ago"
