"""Bars of parts, as the tests of charts draw them."""

from datetime import UTC, datetime, timedelta

from meterdeck.present.bars import Bar, State
from meterdeck.present.charts import Subject

NOW = datetime(2026, 11, 21, 14, tzinfo=UTC)
HOUR = timedelta(hours=1)
NAMES = ("prod-chat", "batch-etl", "4 others")


def day_of(*parts: tuple[int, ...] | None, states: tuple[State, ...] = ()) -> tuple[Bar, ...]:
    """An hour for each tuple of parts (None: not read), the last one NOW's; the newest are in some states."""
    count = len(parts)
    closed: State = "closed"
    of_each = [*[closed] * (count - len(states)), *states]
    return tuple(
        Bar(NOW - (count - 1 - index) * HOUR, None if of is None else sum(of), state, of or ())
        for index, (of, state) in enumerate(zip(parts, of_each, strict=True))
    )


DAY = Subject(
    day_of(
        (40, 30, 10),
        None,
        (16, 0, 4),
        (0, 0, 0),
        (30, 50, 20),
        (60, 20, 9),
        (20, 20, 10),
        states=("settling", "running"),
    ),
    legend=NAMES,
)
