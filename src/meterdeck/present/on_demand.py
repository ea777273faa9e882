"""What is read on demand, in words: what asking costs, and how far the answer is."""

from __future__ import annotations

from datetime import datetime, timedelta

from meterdeck.domain.questions import Question
from meterdeck.present.names import clean
from meterdeck.present.parts import Part
from meterdeck.queries.on_demand import CHANGES_PRICES, OnDemand, State

NOT_PRICED = (
    "Nothing here is priced: with these filters one request can't tell all that a price depends on as well."
)


def announcement(question: Question, now: datetime) -> str:
    """What asking takes of the budget, said before it is asked."""
    requests = question.at(now).requests
    count = "One request" if requests == 1 else f"{requests} requests"
    return f"{count} of the budget: usage by {question.dimension.title}."


def state_words(found: OnDemand, now: datetime) -> str:
    """How far the answer is, for a line beside its rows."""
    if found.state is State.MISSING:
        return "not read yet"
    if found.state is State.ASKED:
        return f"waiting: {clean(found.trouble)}" if found.trouble else "asked, waiting for the answer"
    if found.refusal is not None:
        return f"refused: {clean(found.refusal)}"
    return "" if found.read_at is None else f"read {_age(now - found.read_at)}"


def title(found: OnDemand, now: datetime) -> tuple[list[Part], list[Part]]:
    """Left and right parts of the Breakdown pane's title line while it shows what was read on demand."""
    by = found.question.dimension
    left = [
        Part("Breakdown", "accent", 9),
        Part(f"by {by.title}", "muted", 8),
        Part(f"{len(found.pane.rows)} in the last {found.question.span.value}", "muted", 2),
    ]
    is_well = found.state in {State.ASKED, State.THERE} and not found.trouble
    right = [
        Part(state_words(found, now), "muted" if is_well else "warn", 7, shrink_to=12),
        Part("sorted by tokens ▼", "muted", 3),
    ]
    return left, right


def note(found: OnDemand) -> str:
    """What must be known of the dollars, in sentences; nothing where they are as elsewhere."""
    if not found.question.is_priced:
        return NOT_PRICED
    by = found.question.dimension
    if by in CHANGES_PRICES and any(part.estimate.unpriced_tokens for part in found.pane.breakdown.parts):
        return f"Tokens are unpriced where no price is known, or only an average over several {by.title}s."
    return ""


def _age(age: timedelta) -> str:
    minutes = max(0, int(age.total_seconds()) // 60)
    return f"{minutes} min ago" if minutes < 120 else f"{minutes // 60} h ago"
