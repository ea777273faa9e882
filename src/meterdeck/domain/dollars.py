"""Dollars and how they are known: the one value that carries every amount (design, "What is stored")."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from meterdeck.domain.money import EXACT

ZERO = Decimal(0)


class State(StrEnum):
    """How an amount is known; the weakest first."""

    ESTIMATED = "estimated"
    """Neither of the others: tokens at a price, or the bill of a day that is still open."""
    ALLOCATED = "allocated"
    """A part of settled bill lines, shared out by tokens or searches."""
    BILLED = "billed"
    """A sum of whole bill lines: whole UTC days, cut only by fields of the line."""


class Evidence(StrEnum):
    """What the prices of an estimate rest on; the weakest first."""

    LIST = "list"
    """The published price list."""
    EARLY = "early"
    """A bill that is not settled yet."""
    LEARNED = "learned"
    """Settled bills."""


class Lack(StrEnum):
    """What an amount lacks, in the order in which it is written."""

    OTHER_CURRENCY = "other_currency"
    """Lines in another currency than USD."""
    UNMATCHED = "unmatched"
    """Tokens or searches of a settled day that no line of its bill pays for."""
    UNPRICED = "unpriced"
    """Tokens or searches that nothing prices."""
    UNREAD = "unread"
    """Hours or days that were not read."""


class ByState(NamedTuple):
    """How much of a sum is known how, in USD; the three add up to it."""

    billed: Decimal = ZERO
    allocated: Decimal = ZERO
    estimated: Decimal = ZERO

    def plus(self, other: ByState) -> ByState:
        """Both added, exactly."""
        return ByState(*(EXACT.add(one, more) for one, more in zip(self, other, strict=True)))


_STATES = tuple(State)
_EVIDENCE = tuple(Evidence)


@dataclass(frozen=True, slots=True)
class Dollars:
    """An amount in USD, exact. It is None where nothing is known, which is not $0."""

    amount: Decimal | None
    state: State = State.BILLED
    evidence: Evidence | None = None
    """None unless it is estimated."""
    lacks: tuple[Lack, ...] = ()
    """What is not in it, sorted; empty where it is whole."""
    mixed: bool = False
    """Whether it is shared out of lines that differ by geo or speed: an average over their prices."""
    parts: ByState | None = None
    """Of a sum of amounts of several states; `by_state` tells it of any."""

    @property
    def estimated(self) -> bool:
        """Whether it is an estimate."""
        return self.state is State.ESTIMATED

    @property
    def by_state(self) -> ByState:
        """How much of it is known how."""
        if self.parts is not None:
            return self.parts
        return ByState(**{self.state.value: self.amount or ZERO})

    def __add__(self, other: Dollars) -> Dollars:
        """The sum: with the weakest state and evidence of its parts, and lacking what any of them lacks."""
        known = [amount for amount in (self.amount, other.amount) if amount is not None]
        return Dollars(
            EXACT.add(*known) if len(known) > 1 else known[0] if known else None,
            min(self.state, other.state, key=_STATES.index),
            weakest(self.evidence, other.evidence),
            lacking({*self.lacks, *other.lacks}),
            self.mixed or other.mixed,
            self.by_state.plus(other.by_state),
        )


def weakest(one: Evidence | None, other: Evidence | None) -> Evidence | None:
    """The weaker of two; None says nothing."""
    if one is None or other is None:
        return one or other
    return min(one, other, key=_EVIDENCE.index)


def lacking(lacks: Iterable[Lack]) -> tuple[Lack, ...]:
    """Some lacks in the order in which they are written, each once."""
    return tuple(sorted(set(lacks)))
