"""The way that led to the scope on show: a stack of scopes, and where the cursor was in each."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace

from meterdeck.app.widgets.table import NO_ROW
from meterdeck.domain.buckets import Window
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.scope import Scope, Since


@dataclass(frozen=True, slots=True)
class Step:
    """A scope, and the row that the cursor was on when it was left for a narrower one."""

    scope: Scope
    cursor: Hashable = NO_ROW
    narrowed_by: tuple[Dimension | None, ...] = ()
    """What it is filtered by, the newest last; None stands for a time of its own."""

    def turned(self, scope: Scope) -> Step:
        """Another scope in the place of this one; what differs is the newest."""
        kept = [by for by in self.narrowed_by if _kept(scope, by) == _kept(self.scope, by)]
        new = [by for by in (*(f.dimension for f in scope.filters), None) if by not in kept]
        return Step(scope, narrowed_by=(*kept, *(by for by in new if _kept(scope, by) is not None)))


class Trail:
    """Goes in, out, and back to where it was before; never empty."""

    def __init__(self, first: Scope | None = None) -> None:
        self._steps: tuple[Step, ...] = (Step(Scope()).turned(first or Scope()),)
        self._before: tuple[Step, ...] | None = None

    @property
    def scope(self) -> Scope:
        """The scope on show."""
        return self._steps[-1].scope

    @property
    def depth(self) -> int:
        """How many steps lead back to the first scope."""
        return len(self._steps) - 1

    @property
    def can_swap(self) -> bool:
        """Whether there was another scope before."""
        return self._before is not None

    def push(self, scope: Scope, cursor: Hashable = NO_ROW) -> None:
        """Go in: ``cursor`` is the row that is left behind."""
        here = replace(self._steps[-1], cursor=cursor)
        self._go((*self._steps[:-1], here, Step(scope)))

    def pop(self) -> Hashable:
        """Go out, and say which row the cursor was on there; in the first scope nothing happens."""
        if not self.depth:
            return NO_ROW
        self._go(self._steps[:-1])
        return self._steps[-1].cursor

    def replace(self, scope: Scope) -> None:
        """Show another scope in the place of this one."""
        if scope != self.scope:
            self._go((*self._steps[:-1], self._steps[-1].turned(scope)))

    def take_newest_away(self) -> None:
        """Show the scope without what it was filtered by last, or without its own time where that is newer."""
        narrowed_by = self._steps[-1].narrowed_by
        if narrowed_by:
            by = narrowed_by[-1]
            self.replace(replace(self.scope, at=None) if by is None else self.scope.filtered(by, None))

    def start_anew(self, scope: Scope) -> None:
        """Show a scope without a way back but `swap`."""
        self._go((Step(Scope()).turned(scope),))

    def remember(self, scope: Scope) -> None:
        """Take a scope for the one that was on show before: `swap` goes there; out of it leads the first scope."""
        self._before = (*self._steps[:1], Step(scope))

    def swap(self) -> None:
        """Go to where it was before, with the way that led there; once more comes back."""
        if self._before is not None:
            self._go(self._before)

    def _go(self, steps: tuple[Step, ...]) -> None:
        self._before, self._steps = self._steps, steps


def _kept(scope: Scope, by: Dimension | None) -> frozenset[str | None] | Since | Window | None:
    """The members that a scope keeps of a dimension, or its own time."""
    return scope.at if by is None else scope.members(by)
