"""Usage by what the series leave out, as it was answered last, in the shape of the Breakdown pane."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from meterdeck.domain.buckets import Window, joined
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.questions import Question
from meterdeck.domain.reports import PriceKey
from meterdeck.domain.scope import Scope
from meterdeck.domain.tokens import TokenType
from meterdeck.queries.breakdown import Breakdown, BreakdownPane, BreakdownRow, Part, share_of
from meterdeck.queries.look import Kind, Look
from meterdeck.queries.prices import Origin, PriceBook, Vector, worth
from meterdeck.queries.split import Numbers, Usage, added_up
from meterdeck.queries.usage_window import EXPECTED_WITHIN, UsageWindow
from meterdeck.store import answers, feeds, questions
from meterdeck.store.answers import Answer, AnswerTotal
from meterdeck.store.hours import HourSources
from meterdeck.store.topics import Topic

CHANGES_PRICES = frozenset({Dimension.INFERENCE_GEO, Dimension.SPEED})
"""What prices depend on and the book does not know: it holds averages over these."""
FEED = "on_demand"
_DEARER = frozenset({"us", "fast"})
"""What costs more than the list says (api-facts 3.4)."""
_UNPRICED = Vector((None, None, None, None, None))
_NO_SOURCES = HourSources((), (), frozenset(), {}, None)


class State(StrEnum):
    """How far a question is."""

    MISSING = "missing"
    """Nobody asked within the last day."""
    ASKED = "asked"
    """Somebody waits for the answer; an older one is shown meanwhile, if there is one."""
    THERE = "there"
    REFUSED = "refused"
    """The API does not answer it."""


@dataclass(frozen=True, slots=True)
class OnDemand:
    """A question and what is known of its answer."""

    question: Question
    state: State
    pane: BreakdownPane
    """Its window is the answer's, which may have been read a while ago; without rows where there is no answer."""
    read_at: datetime | None
    """When the API answered, or refused to."""
    is_fresh: bool
    """Whether to ask again would ask nobody."""
    refusal: str | None = None
    """Why the API does not answer, in a sentence."""
    trouble: str | None = None
    """Why the answer that somebody waits for could not be read at the last try, in a sentence."""
    is_exact: bool = True
    """Whether the answer is of the very time that was asked of, and not of all hours or days that it touches."""

    @property
    def total_tokens(self) -> int:
        """All tokens of all members."""
        return sum(part.tokens.total for part in self.pane.breakdown.parts)


def on_demand(look: Look, scope: Scope, now: datetime, book: PriceBook) -> OnDemand:
    """What is known of a scope by a dimension that the series leave out; raises `UsageError` where it is no question."""
    question = Question.of(scope)
    answer = look.kept(Topic.ANSWERS, question, lambda: answers.load(look.transaction, question))
    is_wanted = questions.is_wanted(look.transaction, question, now)
    trouble = feeds.load(look.transaction).get(FEED) if is_wanted else None
    return OnDemand(
        question,
        State.ASKED if is_wanted else _state(answer),
        _pane(look, scope, question, answer, now, book),
        answer.read_at if answer else None,
        questions.is_fresh(look.transaction, question, now),
        answer.refusal if answer else None,
        trouble.sentence if trouble else None,
        answer is None or question.is_told_by(answer.asked),
    )


def _state(answer: Answer | None) -> State:
    if answer is None:
        return State.MISSING
    return State.THERE if answer.refusal is None else State.REFUSED


def _pane(
    look: Look, scope: Scope, question: Question, answer: Answer | None, now: datetime, book: PriceBook
) -> BreakdownPane:
    if answer is None or answer.refusal is not None:
        window = question.at(now).window
        hours = UsageWindow(window, _NO_SOURCES, (window,), None)
        return BreakdownPane(Breakdown(scope, hours, ()), ())
    hours = UsageWindow(answer.asked.window, _NO_SOURCES, _gaps(answer), answer.read_at)
    used = _used(question, answer.totals, book)
    everything = sum(usage.tokens.total for usage in used.values())
    parts = [
        Part(
            look.names.member(question.dimension, member),
            *usage,
            token_share=share_of(usage.tokens.total, everything),
        )
        for member, usage in used.items()
    ]
    parts.sort(key=lambda part: (-part.tokens.total, part.member.name, part.member.id or ""))
    starts = list(answer.asked.window.starts(answer.asked.width))
    rows = [BreakdownRow(part, _drawn(answer, part.member.id, starts)) for part in parts]
    return BreakdownPane(Breakdown(scope, hours, tuple(parts)), tuple(rows))


def _used(question: Question, totals: Sequence[AnswerTotal], book: PriceBook) -> Mapping[str | None, Usage]:
    """What each member took: each of its sums priced by itself, then added."""
    found: dict[str | None, list[Numbers]] = {}
    by_kind = Counter(_kind(total) for total in totals if any(total.counters[:5]))
    for total in totals:
        priced = worth(total.counters, _vector(question, total, book, is_split=by_kind[_kind(total)] > 1))
        found.setdefault(total.member, []).append((*total.counters, *priced))
    return {member: Usage.of(added_up(numbers)) for member, numbers in found.items()}


def _kind(total: AnswerTotal) -> Kind:
    return total.workspace_id, total.model, total.service_tier, total.context_window


def _vector(question: Question, total: AnswerTotal, book: PriceBook, *, is_split: bool) -> Vector | None:
    """The prices of a sum's tokens; None of one that is an average over what the question tells apart.

    ``is_split`` says that the answer itself has the same tokens under several members.
    """
    if not question.is_priced:
        return _UNPRICED
    vector = book.vector(*_kind(total))
    if vector is None or question.dimension not in CHANGES_PRICES:
        return vector
    if is_split:
        return _UNPRICED
    is_told = [_is_of_its_own(book, total, token_type) for token_type in TokenType]
    uncached, read, write_5m, write_1h, output = (
        price if told else None for price, told in zip(vector.prices, is_told, strict=True)
    )
    listed = tuple(by_list and told for by_list, told in zip(vector.listed, is_told, strict=False))
    return Vector((uncached, read, write_5m, write_1h, output), listed)


def _is_of_its_own(book: PriceBook, total: AnswerTotal, token_type: TokenType) -> bool:
    """Whether a price is that of one geo and speed, and not an average over several."""
    key = PriceKey(total.model, token_type, total.service_tier, total.context_window)
    price = book.price(total.workspace_id, key)
    return price is None or not (price.mixed or (price.origin is Origin.LIST and total.member in _DEARER))


def _drawn(answer: Answer, member: str | None, starts: Sequence[datetime]) -> tuple[int | None, ...]:
    """Tokens of each bucket; None where it did not come."""
    tokens = answer.tokens.get(member, {})
    return tuple(None if start in answer.missing else tokens.get(start, 0) for start in starts)


def _gaps(answer: Answer) -> tuple[Window, ...]:
    """What did not come and should have, for it had begun a while before it was asked for."""
    return joined(_late(answer))


def _late(answer: Answer) -> Iterator[Window]:
    expected_until = answer.read_at - EXPECTED_WITHIN
    for start in sorted(answer.missing):
        end = min(start + answer.asked.width.delta, expected_until)
        if end > start:
            yield Window(start, end)
