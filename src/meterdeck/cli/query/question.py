"""A question as the arguments ask it, and how its answer becomes rows."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Generic, TypeVar

from meterdeck.api import (
    AdminClient,
    BucketWidth,
    CostBucket,
    CostLine,
    CostQuery,
    Dimension,
    Pacing,
    Pages,
    TokenType,
    UsageBucket,
    UsageQuery,
    between,
    cents_to_usd,
)
from meterdeck.api.queries import written
from meterdeck.domain.buckets import Window, rfc3339
from meterdeck.domain.errors import UsageError
from meterdeck.domain.money import plain

GROUPED_MINUTES = 240
"""Minutes a page where rows are split: a day of them at once can be larger than we read (64 MiB)."""

Cell = str | int | None | Mapping[str, int]
Bucket = TypeVar("Bucket", bound=UsageBucket | CostBucket)

_COUNTERS = (*(token_type.value for token_type in TokenType), "web_search_requests", "other_counters")
_MONEY = ("cents", "usd", "currency")


@dataclass(frozen=True, slots=True)
class Question(Generic[Bucket]):
    """What to ask, and how an answer becomes rows."""

    columns: tuple[str, ...]
    window: Window
    limit: int
    """How many buckets a page may hold."""
    pages: Callable[[AdminClient, Pacing, Window, int], Pages[Bucket]]
    """The pages of a window, so many buckets each: all of it, or what is left of it."""
    rows: Callable[[Bucket], Iterable[tuple[Cell, ...]]]
    without_today: Callable[[], Question[Bucket] | None] | None = None
    """What to ask instead where the API refuses a range that includes today, and the user did not insist.

    It may be nothing: then today was all that was asked for.
    """
    snapped: str = ""
    """What is asked for in the place of the times that were given, in a sentence; empty where it is just those."""


def usage_question(arguments: argparse.Namespace, now: datetime) -> Question[UsageBucket]:
    """Tokens; until the end of the running bucket where no end is given."""
    width = BucketWidth(arguments.width)
    window, snapped = _whole_buckets(arguments, width, arguments.end or width.after(now))
    group_by = _dimensions(arguments.group_by)
    filters = {
        dimension: tuple(values)
        for dimension in Dimension
        if (values := getattr(arguments, dimension.value, None))
    }
    limit = arguments.limit
    if limit is None:
        limit = min(width.page_limit, GROUPED_MINUTES) if group_by else width.page_limit
    query = UsageQuery(window, width, group_by, filters, limit, tuple(arguments.beta))
    fields = tuple(dimension.value for dimension in group_by)
    return Question(
        ("start", "end", *fields, *_COUNTERS),
        window,
        limit,
        lambda client, pacing, window, limit: client.usage_pages(
            replace(query, window=window, limit=limit), pacing=pacing
        ),
        _usage_rows,
        snapped=snapped,
    )


def _whole_buckets(arguments: argparse.Namespace, width: BucketWidth, end: datetime) -> tuple[Window, str]:
    """The window of whole buckets, and what was moved for it; raises `UsageError` where nobody allowed that.

    How the API itself would move a time is documented for starts alone, so none is sent that lies inside a bucket.
    """
    window = between(arguments.start, end)
    start, end = width.floor(window.start), width.ceil(window.end)
    if (start, end) == (window.start, window.end):
        return window, ""
    whole = f"{rfc3339(start)} to {rfc3339(end)}"
    if not arguments.snap:
        inside = window.start if start != window.start else window.end
        raise UsageError(
            f"{written(inside)} is not the start of a {width.value} bucket.",
            next=f"With --snap the whole buckets are asked for: {whole}.",
        )
    return between(start, end), f"Asked for whole buckets: {whole}."


def _usage_rows(bucket: UsageBucket) -> Iterator[tuple[Cell, ...]]:
    start, end = rfc3339(bucket.window.start), rfc3339(bucket.window.end)
    for row in bucket.rows:
        counts = [count for _, count in row.tokens.items()]
        yield (start, end, *row.members, *counts, row.web_searches, dict(row.others))


def cost_question(arguments: argparse.Namespace, now: datetime) -> Question[CostBucket]:
    """The bill; today is in it where no end is given."""
    today, tomorrow = BucketWidth.DAY.floor(now), BucketWidth.DAY.after(now)
    question = _cost_until(arguments, arguments.end or tomorrow)
    if arguments.end is not None:
        return question
    return replace(
        question,
        without_today=lambda: _cost_until(arguments, today) if arguments.start < today else None,
    )


def _cost_until(arguments: argparse.Namespace, end: datetime) -> Question[CostBucket]:
    group_by = _dimensions(arguments.group_by)
    limit = BucketWidth.DAY.page_limit if arguments.limit is None else arguments.limit
    window, snapped = _whole_buckets(arguments, BucketWidth.DAY, end)
    query = CostQuery(window, group_by, limit, tuple(arguments.beta))
    # The currency is always told, and stands with the amount.
    fields = tuple(name for name in CostLine._fields if name not in _MONEY and _filled_by(name) in group_by)

    def rows(bucket: CostBucket) -> Iterator[tuple[Cell, ...]]:
        start, end = rfc3339(bucket.window.start), rfc3339(bucket.window.end)
        for line, cents in bucket.rows:
            members = [line.member(Dimension(name)) for name in fields]
            # Plain notation, zeros at the end kept: the text that came, unless that had an exponent.
            yield (
                start,
                end,
                *members,
                f"{cents:f}",
                plain(cents_to_usd(cents)) if line.is_usd else None,
                line.currency,
            )

    return Question(
        ("start", "end", *fields, *_MONEY),
        window,
        limit,
        lambda client, pacing, window, limit: client.cost_pages(
            replace(query, window=window, limit=limit), pacing=pacing
        ),
        rows,
        snapped=snapped,
    )


def _filled_by(field: str) -> Dimension:
    """The grouping that fills a field of a line: all but the workspace are the description's (api-facts 3.2)."""
    return Dimension.WORKSPACE if field == Dimension.WORKSPACE.value else Dimension.DESCRIPTION


def _dimensions(words: Iterable[str]) -> tuple[Dimension, ...]:
    by_word = {dimension.word: dimension for dimension in Dimension}
    return tuple(by_word[word] for word in words)
