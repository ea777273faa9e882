"""Which models a query means by a short name: those of the store, as reports and the deck find them."""

from __future__ import annotations

from collections.abc import Iterable

from meterdeck.api import BucketWidth, Dimension, UsageQuery
from meterdeck.cli.query.paging import Connection
from meterdeck.domain.buckets import Window
from meterdeck.domain.models import UnknownModel, is_whole_id, models_called


async def ids_of(connection: Connection, typed: Iterable[str], window: Window) -> list[str]:
    """The ids of the models that were typed, in their order; what no known model is called goes to the API as it is.

    A whole id is never taken for a part of another. Raises `UsageError` for a name that could be one of several.
    """
    words = list(typed)
    if all(map(is_whole_id, words)):
        return words
    known = await _known(connection, window)
    ids = [model for word in words for model in _meant(word, known)]
    return list(dict.fromkeys(ids))


def _meant(word: str, known: Iterable[str]) -> list[str]:
    if is_whole_id(word):
        return [word]
    try:
        return sorted(models_called(word, known))
    except UnknownModel:
        return [word]


async def _known(connection: Connection, window: Window) -> set[str]:
    """The models that the store has seen; of the embedded organisation, which needs no budget, those of the time."""
    if connection.store is not None:
        from meterdeck.store import sums

        with connection.store.read() as transaction:
            return {model for model in sums.known_members(transaction, Dimension.MODEL) if model}
    day = BucketWidth.DAY
    end = day.ceil(window.end)
    days = Window(max(day.floor(window.start), end - day.page_limit * day.delta), end)
    query = UsageQuery(days, day, (Dimension.MODEL,), limit=day.page_limit)
    pages = connection.client.usage_pages(query, pacing=connection.pacing)
    return {
        model
        async for page in pages
        for bucket in page
        for row in bucket.rows
        for model in row.members
        if model
    }
