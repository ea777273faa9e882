"""Usage by what the series leave out, as it was answered last, in the shape of the Breakdown pane."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from meterdeck.domain.apportion import apportion
from meterdeck.domain.buckets import Window, joined
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.questions import Question
from meterdeck.domain.reports import PriceKey
from meterdeck.domain.scope import Scope
from meterdeck.domain.tokens import TokenType
from meterdeck.queries.bill import TOKENS_ONLY
from meterdeck.queries.breakdown import Breakdown, BreakdownPane, BreakdownRow, Part, share_of
from meterdeck.queries.ledger import Line, Numbers, added_up
from meterdeck.queries.look import Kind, Look
from meterdeck.queries.open_days import unit_of
from meterdeck.queries.prices import SEARCHES, Origin, PriceBook
from meterdeck.queries.spend import Spend, total_spend
from meterdeck.queries.split import Usage
from meterdeck.queries.typed_rows import typed_rows_of
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
    used, left_out = _used(look, question, answer, book)
    everything = sum(usage.tokens.total for usage in used.values())
    parts = [
        Part(
            look.names.member(question.dimension, member),
            usage.tokens,
            usage.web_searches,
            usage.spend,
            share_of(usage.tokens.total, everything),
        )
        for member, usage in used.items()
    ]
    parts.sort(key=lambda part: (-part.tokens.total, part.member.name, part.member.id or ""))
    starts = list(answer.asked.window.starts(answer.asked.width))
    rows = [BreakdownRow(part, _drawn(answer, part.member.id, starts)) for part in parts]
    return BreakdownPane(Breakdown(scope, hours, tuple(parts), left_out), tuple(rows))


def _used(
    look: Look, question: Question, answer: Answer, book: PriceBook
) -> tuple[Mapping[str | None, Usage], Spend]:
    """What each member took, and its part of what tokens of each kind cost in the answer's time.

    Then the money of searches, where a filter is set that only tokens can answer to.
    """
    by_cell: dict[tuple[Kind, int], list[AnswerTotal]] = {}
    for total in answer.totals:
        for place, count in enumerate(total.counters):
            if count:
                by_cell.setdefault((_kind(total), place), []).append(total)
    costs = _costs_of_kinds(look, answer.asked.window, book) if question.is_priced else {}
    only_tokens = any(f.dimension in TOKENS_ONLY for f in question.filters)
    spends: dict[str | None, list[Spend]] = {}
    left_out: list[Spend] = []
    for (kind, place), totals in by_cell.items():
        counts = [total.counters[place] for total in totals]
        found = costs.get((kind, place))
        if found is None or not _tells(question, book, kind, place, {total.member for total in totals}):
            parts = [Spend(unpriced_tokens=count) for count in counts]
        else:
            parts = found.shared_among(counts)
        if only_tokens and place == SEARCHES:
            left_out += parts
            continue
        for total, part in zip(totals, parts, strict=True):
            spends.setdefault(total.member, []).append(part)
    counters: dict[str | None, list[Numbers]] = {}
    for total in answer.totals:
        counters.setdefault(total.member, []).append(total.counters)
    used = {
        member: Usage.of(added_up(rows), total_spend(spends.get(member, ())))
        for member, rows in counters.items()
    }
    return used, total_spend(left_out)


class _Cost(NamedTuple):
    """What all tokens of one kind and type cost in a time, and how many they are."""

    spend: Spend
    tokens: int

    def shared_among(self, counts: Sequence[int]) -> list[Spend]:
        """Its part for each of some counts; what they do not count of it stays with none."""
        weights = [*counts, max(0, self.tokens - sum(counts))]
        amounts = self.spend.allocated, self.spend.estimated
        unit = unit_of(amounts)
        allocated, estimated = (
            [share * unit for share in apportion(amount // unit, weights)] for amount in amounts
        )
        return [self.spend.for_tokens(count, allocated[at], estimated[at]) for at, count in enumerate(counts)]


def _costs_of_kinds(look: Look, window: Window, book: PriceBook) -> dict[tuple[Kind, int], _Cost]:
    """What each kind of token cost over a window, as the series tell it."""
    kinds = look.kinds
    found: dict[tuple[Kind, int], list[list[Numbers]]] = {}
    for at, cells in enumerate(typed_rows_of(look, window, book)):
        for cell, numbers in cells:
            found.setdefault((kinds[cell.series], cell.place), [[], [], [], []])[at].append(numbers)
    costs = {}
    for of, parts in found.items():
        line = Line(*(added_up(some) if some else None for some in parts))
        costs[of] = _Cost(line.spend(billed=False), line.counters[of[1]])
    return costs


def _kind(total: AnswerTotal) -> Kind:
    return total.workspace_id, total.model, total.service_tier, total.context_window


def _tells(question: Question, book: PriceBook, kind: Kind, place: int, members: set[str | None]) -> bool:
    """Whether a cost is that of each member, and not an average over what the question tells apart."""
    if question.dimension not in CHANGES_PRICES or place == SEARCHES:
        return True
    workspace, model, tier, context = kind
    price = book.price(workspace, PriceKey(model, tuple(TokenType)[place], tier, context))
    if len(members) > 1 or (price is not None and price.mixed):
        return False
    return price is None or price.origin is not Origin.LIST or not members & _DEARER


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
