"""What something cost, in whole numbers, with how that is known: sums of it are exact, and become `Dollars` in the end."""

from __future__ import annotations

from collections.abc import Iterable
from operator import add
from typing import NamedTuple

from meterdeck.domain.dollars import ByState, Dollars, Evidence, Lack, State, lacking
from meterdeck.domain.money import BILL_DECIMALS, cents_to_usd, from_units

UNIT_DECIMALS = BILL_DECIMALS
"""Of a cent, in the units of a `Spend`."""


class Spend(NamedTuple):
    """Amounts by state, in units of 10⁻³⁰ cents, and how many tokens (or searches) they are for, or lack.

    Tokens of the Priority Tier are in no bill, ever (api-facts 3.2): they are neither priced nor missing.
    """

    billed: int = 0
    allocated: int = 0
    estimated: int = 0
    billed_parts: int = 0
    """How many parts of it are whole lines; a part may be of 0."""
    shared_tokens: int = 0
    """Tokens and searches of settled days that have a part of a line."""
    priced_tokens: int = 0
    """Tokens and searches of open days that have a price."""
    estimated_parts: int = 0
    """How many parts of it are what open days were billed so far for what has no price."""
    unpriced_tokens: int = 0
    unbilled_tokens: int = 0
    listed_tokens: int = 0
    """Those of ``priced_tokens`` that are priced by the list, not by the organisation's own bill."""
    early_tokens: int = 0
    """Those that are priced by a bill that is not settled yet."""
    listed_searches: int = 0
    unmatched_tokens: int = 0
    """Tokens of settled days that no line pays for."""
    unmatched_searches: int = 0
    mixed: int = 0
    """How many parts of it are averages over lines that differ by geo or speed."""
    unread: int = 0
    """How many parts of it lack hours or days that were not read."""
    other_currencies: int = 0
    """How many lines in other currencies belong to it and are not in it."""

    # Amounts are added here; tuples would be joined.
    def __add__(self, other: Spend) -> Spend:  # type: ignore[override]
        return Spend._make(map(add, self, other))

    @property
    def known(self) -> bool:
        """Whether there is a figure at all; where there is none it is not $0."""
        if self.billed_parts or self.shared_tokens or self.priced_tokens or self.estimated_parts:
            return True
        lacking = self.unpriced_tokens, self.unbilled_tokens, self.unmatched_tokens, self.unmatched_searches
        return not any((*lacking, self.unread, self.other_currencies))

    @property
    def is_nothing(self) -> bool:
        """Whether there is neither money in it nor anything to be known of it."""
        return not any(self._replace(unread=0))

    @property
    def units(self) -> int:
        """All of it."""
        return self.billed + self.allocated + self.estimated

    @property
    def state(self) -> State:
        """That of its weakest part; what has no part yet is an estimate."""
        if self.priced_tokens or self.estimated_parts or self.unpriced_tokens:
            return State.ESTIMATED
        if self.shared_tokens or self.unmatched_tokens or self.unmatched_searches:
            return State.ALLOCATED if self.shared_tokens or not self.billed_parts else State.BILLED
        return State.BILLED if self.billed_parts else State.ESTIMATED

    @property
    def evidence(self) -> Evidence | None:
        """The weakest that its prices rest on."""
        if self.state is not State.ESTIMATED:
            return None
        if self.listed_tokens or self.listed_searches:
            return Evidence.LIST
        only_billed_so_far = self.estimated_parts and not self.priced_tokens
        return Evidence.EARLY if self.early_tokens or only_billed_so_far else Evidence.LEARNED

    @property
    def lacks(self) -> tuple[Lack, ...]:
        """What is not in it."""
        counts = {
            Lack.OTHER_CURRENCY: self.other_currencies,
            Lack.UNMATCHED: self.unmatched_tokens or self.unmatched_searches,
            Lack.UNPRICED: self.unpriced_tokens,
            Lack.UNREAD: self.unread,
        }
        return lacking(lack for lack, count in counts.items() if count)

    @property
    def dollars(self) -> Dollars:
        """The amount that a person sees."""
        parts = ByState(*(cents_to_usd(from_units(units, UNIT_DECIMALS)) for units in _amounts(self)))
        amount = cents_to_usd(from_units(self.units, UNIT_DECIMALS)) if self.known else None
        return Dollars(amount, self.state, self.evidence, self.lacks, bool(self.mixed), parts)

    def for_tokens(self, count: int, allocated: int, estimated: int) -> Spend:
        """The part of it that is for so many of its tokens (or searches), all of one kind; amounts in units."""
        settled = count if self.shared_tokens or self.unmatched_tokens or self.unmatched_searches else 0
        return Spend(
            allocated=allocated,
            estimated=estimated,
            shared_tokens=settled if self.shared_tokens else 0,
            priced_tokens=count if self.priced_tokens else 0,
            unpriced_tokens=count if self.unpriced_tokens else 0,
            unbilled_tokens=count if self.unbilled_tokens else 0,
            listed_tokens=count if self.listed_tokens else 0,
            early_tokens=count if self.early_tokens else 0,
            listed_searches=count if self.listed_searches else 0,
            unmatched_tokens=count if self.unmatched_tokens else 0,
            unmatched_searches=count if self.unmatched_searches else 0,
            mixed=int(bool(self.mixed)),
            unread=int(bool(self.unread)),
        )

    def scaled(self, factor: int) -> Spend:
        """The same, as many times."""
        return Spend._make([value * factor for value in self])


def _amounts(spend: Spend) -> tuple[int, int, int]:
    return spend.billed, spend.allocated, spend.estimated


NOTHING_SPENT = Spend()
"""No use and no bill: an estimate of $0 until something is known."""
UNREAD = Spend(unread=1)
"""What is added where a part of the time was not read."""


def total_spend(some: Iterable[Spend]) -> Spend:
    """The exact sum."""
    together = list(some)
    if len(together) == 1:
        return together[0]
    return Spend._make(map(sum, zip(*together, strict=True))) if together else NOTHING_SPENT
