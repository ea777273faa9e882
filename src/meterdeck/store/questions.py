"""Questions that somebody waits for: any session asks, the one that collects reads the answer, once an hour at most."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from meterdeck.domain.buckets import Window, require_utc, rfc3339
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.questions import Question
from meterdeck.domain.scope import Filter, Since, Span
from meterdeck.store.database import Row, Transaction
from meterdeck.store.times import to_seconds
from meterdeck.store.topics import Topic
from meterdeck.store.wishes import WISH_LASTS

FRESH_FOR = timedelta(hours=1)
"""How long an answer, or a refusal, is believed without asking again."""
KEPT = timedelta(days=1)
"""How long an answer is kept to be looked at."""

_SAME = "dimension = ? AND filters = ? AND span = ?"


def ask(transaction: Transaction, question: Question, now: datetime) -> bool:
    """Ask for an answer, unless one is there that is fresh; returns whether the API will be asked."""
    if is_fresh(transaction, question, now):
        return False
    transaction.run(
        "UPDATE question SET asked_at = ? WHERE id = ?",
        (require_utc(now).timestamp(), number(transaction, question)),
    )
    transaction.revise(Topic.ANSWERS)
    return True


def wanted(transaction: Transaction, now: datetime) -> list[Question]:
    """The questions that somebody waits for, the newest first."""
    rows = transaction.all(
        "SELECT dimension, filters, span FROM question WHERE asked_at > ? AND asked_at < ?"
        " ORDER BY asked_at DESC, id DESC",
        _waited_for(now),
    )
    return [_question(row) for row in rows]


def is_wanted(transaction: Transaction, question: Question, now: datetime) -> bool:
    """Whether somebody waits for the answer."""
    row = transaction.one(
        f"SELECT 1 FROM question WHERE {_SAME} AND asked_at > ? AND asked_at < ?",
        (*_identity(question), *_waited_for(now)),
    )
    return row is not None


def newest(transaction: Transaction, now: datetime) -> float:
    """When the newest question was asked, in seconds since the epoch; 0 if none is. As with the wishes for minutes."""
    row = transaction.one("SELECT max(asked_at) FROM question WHERE asked_at < ?", _waited_for(now)[1:])
    return float(row[0] or 0.0) if row else 0.0


def met(transaction: Transaction, question: Question) -> None:
    """Note that nobody waits for the answer any more."""
    transaction.run(f"UPDATE question SET asked_at = NULL WHERE {_SAME}", _identity(question))
    transaction.revise(Topic.ANSWERS)


def is_fresh(transaction: Transaction, question: Question, now: datetime) -> bool:
    """Whether an answer, or a refusal, is there that need not be asked for again.

    One of a time to come is none: the clock was set back since.
    """
    row = transaction.one(
        f"SELECT 1 FROM question WHERE {_SAME} AND read_at > ? AND read_at <= ?",
        (*_identity(question), to_seconds(now - FRESH_FOR), to_seconds(now)),
    )
    return row is not None


def number(transaction: Transaction, question: Question) -> int:
    """The id of a question in the store, made where it has none."""
    transaction.run(
        "INSERT OR IGNORE INTO question (dimension, filters, span) VALUES (?, ?, ?)", _identity(question)
    )
    found = find(transaction, question)
    assert found is not None  # noqa: S101 - it was just made
    return found


def find(transaction: Transaction, question: Question) -> int | None:
    """The id of a question in the store; None where nobody ever asked it."""
    row = transaction.one(f"SELECT id FROM question WHERE {_SAME}", _identity(question))
    return None if row is None else int(row[0])


def thin(transaction: Transaction, now: datetime) -> None:
    """Forget answers that are older than `KEPT`, and questions that nobody waits for and that have none."""
    old = transaction.all(
        "SELECT id FROM question WHERE NOT coalesce(asked_at > ? AND asked_at < ?, FALSE)"
        " AND NOT coalesce(read_at > ? AND read_at < ?, FALSE)",
        (*_waited_for(now), to_seconds(now - KEPT), to_seconds(now + KEPT)),
    )
    for rows in ("answer WHERE question = ?", "answer_bucket WHERE question = ?", "question WHERE id = ?"):
        transaction.run_many(f"DELETE FROM {rows}", old)
    if old:
        transaction.revise(Topic.ANSWERS)


def _waited_for(now: datetime) -> tuple[float, float]:
    """Between which moments somebody must have asked who may still wait."""
    return (now - WISH_LASTS).timestamp(), (now + WISH_LASTS).timestamp()


def _identity(question: Question) -> tuple[str, str, str]:
    filters = [
        [kept.dimension.value, sorted(kept.members, key=lambda member: (member is not None, member))]
        for kept in question.filters
    ]
    return question.dimension.value, json.dumps(filters), _time(question)


def _time(question: Question) -> str:
    """``24h``, ``2026-11-20T14:05:00Z/`` up to now, ``2026-11-20T14:00:00Z/2026-11-20T15:00:00Z``: what ``span`` holds."""
    if question.time is None:
        return question.span.value
    until = rfc3339(question.time.end) if isinstance(question.time, Window) else ""
    return f"{rfc3339(question.time.start)}/{until}"


def _question(row: Row) -> Question:
    dimension, filters, span = row
    kept = [Filter(Dimension(name), frozenset(members)) for name, members in json.loads(filters)]
    start, is_own_time, until = span.partition("/")
    if not is_own_time:
        return Question(Dimension(dimension), tuple(kept), Span(span))
    begin = datetime.fromisoformat(start)
    time = Window(begin, datetime.fromisoformat(until)) if until else Since(begin)
    return Question(Dimension(dimension), tuple(kept), time=time)
