"""What must be known beside a report's figures, for a person: odd answers, and counters that are new."""

from __future__ import annotations

from datetime import datetime

from meterdeck.domain.buckets import Window
from meterdeck.present.counters import unknown_words
from meterdeck.present.documents import Document
from meterdeck.present.names import clean
from meterdeck.present.prices import change_words, restated_words
from meterdeck.queries.counters import unknown_counters
from meterdeck.queries.deck import TOLD_FOR
from meterdeck.queries.learning import learn
from meterdeck.queries.look import Look
from meterdeck.store import feeds, restatements

OF_DOLLARS = frozenset({"rates", "breakdown", "costs", "cost_lines", "minutes", "forecast"})
"""Reports whose dollars a change of prices, or of a settled day, concerns."""


def beside(look: Look, document: Document, now: datetime, *, in_totals: bool = True) -> list[str]:
    """Sentences for standard error, each once. ``in_totals``: as `unknown_words`."""
    said = [clean(sentence) for sentence in feeds.remarks(look.transaction, now)]
    window = _window_of(document)
    if window is not None:
        said.append(unknown_words(unknown_counters(look, window), in_totals=in_totals))
    if document["report"] in OF_DOLLARS:
        said += change_words(learn(look, now), now)
        said += restated_words(restatements.since(look.transaction, now - TOLD_FOR))
    return [sentence for sentence in said if sentence]


def _window_of(document: Document) -> Window | None:
    """The time that a document is of; None of one that tells none, or of none at all."""
    window = document.get("window")
    if not window:
        return None
    start, end = (datetime.fromisoformat(window[name]) for name in ("start", "end"))
    return Window(start, end) if start < end else None
