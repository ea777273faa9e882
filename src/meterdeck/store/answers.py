"""Answers to questions: usage of one window by a dimension that the series leave out.

They are the series' tokens told in another way, at another moment: never added to them, nor to one another.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from operator import add
from typing import NamedTuple

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.questions import PRICE_DIMENSIONS, Asked, Question, missing
from meterdeck.domain.reports import UsageBucket
from meterdeck.store import questions
from meterdeck.store.database import Transaction
from meterdeck.store.hours import COUNTERS
from meterdeck.store.sums import Counters
from meterdeck.store.times import from_seconds, to_seconds
from meterdeck.store.topics import Topic

_PRICED_BY = ", ".join(dimension.value for dimension in PRICE_DIMENSIONS)
_WIDTHS = {width.seconds: width for width in BucketWidth}


class AnswerTotal(NamedTuple):
    """A sum of the whole window: of one member, and of what its price depends on where the question tells it."""

    member: str | None
    workspace_id: str | None
    model: str | None
    service_tier: str | None
    context_window: str | None
    counters: Counters


@dataclass(frozen=True, slots=True)
class Answer:
    """What the API said to a question, or why it refused to."""

    read_at: datetime
    refusal: str | None
    asked: Asked
    missing: frozenset[datetime]
    """The starts of the buckets that did not come."""
    totals: tuple[AnswerTotal, ...]
    tokens: Mapping[str | None, Mapping[datetime, int]]
    """Of each member, tokens of all types by the start of the bucket, where there are any."""


def put(
    transaction: Transaction,
    question: Question,
    asked: Asked,
    buckets: Iterable[UsageBucket],
    read_at: datetime,
) -> None:
    """Put an answer in the place of the one before; nobody waits for it any more."""
    totals: dict[tuple[str, ...], tuple[int, ...]] = {}
    of_buckets: dict[tuple[int, str], int] = {}
    came = set()
    for bucket in buckets:
        if bucket.group_by != question.group_by:
            msg = f"the question groups by {question.group_by}, not by {bucket.group_by}"
            raise ValueError(msg)
        came.add(bucket.window.start)
        start = to_seconds(bucket.window.start)
        for members, tokens, searches, _ in bucket.rows:
            if not question.keeps(bucket.group_by, members):
                continue
            key = _key(question, members)
            counters = (*(count for _, count in tokens.items()), searches)
            have = totals.get(key)
            totals[key] = counters if have is None else tuple(map(add, have, counters))
            of_buckets[start, key[0]] = of_buckets.get((start, key[0]), 0) + tokens.total
    lacks = [to_seconds(moment) for moment in missing(asked, came)]
    of = _replaced(transaction, question, asked, read_at, lacks=lacks)
    transaction.run_many(
        f"INSERT INTO answer (question, member, {_PRICED_BY}, {COUNTERS})"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        ((of, *key, *counters) for key, counters in totals.items()),
    )
    transaction.run_many(
        "INSERT INTO answer_bucket (question, start, member, tokens) VALUES (?, ?, ?, ?)",
        ((of, start, member, tokens) for (start, member), tokens in of_buckets.items()),
    )


def refuse(
    transaction: Transaction, question: Question, asked: Asked, sentence: str, read_at: datetime
) -> None:
    """Note why the API does not answer; it is believed for as long as an answer is."""
    _replaced(transaction, question, asked, read_at, refusal=sentence)


def load(transaction: Transaction, question: Question) -> Answer | None:
    """The newest answer to a question; None where there is none."""
    of = questions.find(transaction, question)
    row = transaction.one(
        "SELECT read_at, refusal, width, start, until, missing FROM question"
        " WHERE id = ? AND read_at IS NOT NULL",
        (of,),
    )
    if row is None:
        return None
    read_at, refusal, width, start, until, lacks = row
    totals = transaction.all(f"SELECT member, {_PRICED_BY}, {COUNTERS} FROM answer WHERE question = ?", (of,))
    tokens: dict[str | None, dict[datetime, int]] = {}
    for moment, member, count in transaction.all(
        "SELECT start, member, tokens FROM answer_bucket WHERE question = ? ORDER BY start", (of,)
    ):
        tokens.setdefault(member or None, {})[from_seconds(moment)] = count
    return Answer(
        from_seconds(read_at),
        refusal,
        Asked(Window(from_seconds(start), from_seconds(until)), _WIDTHS[width]),
        frozenset(from_seconds(moment) for moment in json.loads(lacks)),
        tuple(AnswerTotal._make([*(member or None for member in total[:5]), total[5:]]) for total in totals),
        tokens,
    )


def _key(question: Question, members: tuple[str | None, ...]) -> tuple[str, ...]:
    """The member that is asked for, and what the price of a row depends on."""
    told = dict(zip(question.group_by, members, strict=True))
    if not question.is_priced:
        return (told[question.dimension] or "", "", "", "", "")
    told |= question.pinned
    return tuple([told[dimension] or "" for dimension in (question.dimension, *PRICE_DIMENSIONS)])


def _replaced(
    transaction: Transaction,
    question: Question,
    asked: Asked,
    read_at: datetime,
    *,
    refusal: str | None = None,
    lacks: Iterable[int] = (),
) -> int:
    """Forget the answer before, and note when and for what there is another; returns the question's id."""
    of = questions.number(transaction, question)
    for table in ("answer", "answer_bucket"):
        transaction.run(f"DELETE FROM {table} WHERE question = ?", (of,))
    transaction.run(
        "UPDATE question SET asked_at = NULL, read_at = ?, refusal = ?, width = ?, start = ?, until = ?, missing = ?"
        " WHERE id = ?",
        (
            to_seconds(read_at),
            refusal,
            asked.width.seconds,
            to_seconds(asked.window.start),
            to_seconds(asked.window.end),
            json.dumps(list(lacks)),
            of,
        ),
    )
    transaction.revise(Topic.ANSWERS)
    return of
