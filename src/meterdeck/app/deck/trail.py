"""The way that led to the scope on show: a stack of scopes, and where the cursor was in each."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace

from meterdeck.app.widgets.table import NO_ROW
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.scope import Scope


@dataclass(frozen=True, slots=True)
class Step:
    """A scope, and the row that the cursor was on when it was left for a narrower one."""

    scope: Scope
    cursor: Hashable = NO_ROW
    began: Scope | None = None
    """The scope that was gone into; None for the first one, which begins without filters, at whatever length."""
    narrowed_by: tuple[Dimension | None, ...] = ()
    """What was chosen since, the newest last; None stands for another time."""

    def turned(self, scope: Scope) -> Step:
        """Another scope in the place of this one; what differs is the newest."""
        kept = [by for by in self.narrowed_by if self._kept(scope, by) == self._kept(self.scope, by)]
        began = self.began or Scope()
        filtered = dict.fromkeys(f.dimension for f in (*scope.filters, *began.filters))
        new = [by for by in (*filtered, None) if by not in kept]
        return replace(
            self,
            scope=scope,
            narrowed_by=tuple(by for by in (*kept, *new) if self._kept(scope, by) != self._kept(began, by)),
        )

    def without_newest(self) -> Scope:
        """The scope with what was chosen last as it was before anything was; itself where nothing was chosen."""
        if not self.narrowed_by:
            return self.scope
        by, began = self.narrowed_by[-1], self.began or Scope(span=self.scope.span)
        if by is None:
            return replace(self.scope, at=began.at, span=began.span)
        return self.scope.filtered(by, began.members(by))

    def has_newer_than(self, before: Step) -> bool:
        """Whether what was chosen last was something else before."""
        newest = self.narrowed_by[-1:]
        return any(self._kept(self.scope, by) != self._kept(before.scope, by) for by in newest)

    def _kept(self, scope: Scope, by: Dimension | None) -> object:
        """The members that a scope keeps of a dimension, or its time."""
        if by is not None:
            return scope.members(by)
        return scope.at if self.began is None else (scope.at, scope.span)


Place = tuple[int, Step]
"""How deep it is, and what it was there."""


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
    def place(self) -> Place:
        """Where it has led to, to ask later whether it `goes_on_from` there."""
        return self.depth, self._steps[-1]

    def goes_on_from(self, place: Place) -> bool:
        """Whether what a step back would undo was chosen after the trail had led to a place."""
        depth, step = place
        return self.depth > depth or (self.depth == depth and self._steps[-1].has_newer_than(step))

    @property
    def can_swap(self) -> bool:
        """Whether there was another scope before."""
        return self._before is not None

    @property
    def is_narrowed(self) -> bool:
        """Whether anything was chosen since the scope on show was gone into."""
        return bool(self._steps[-1].narrowed_by)

    def push(self, scope: Scope, cursor: Hashable = NO_ROW) -> None:
        """Go in: ``cursor`` is the row that is left behind."""
        here = replace(self._steps[-1], cursor=cursor)
        self._go((*self._steps[:-1], here, Step(scope, began=scope)))

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
        """Show the scope without what was chosen in it last, a filter or a time."""
        self.replace(self._steps[-1].without_newest())

    def start_anew(self, scope: Scope) -> None:
        """Show a scope without a way back but `swap`."""
        self._go((Step(Scope()).turned(scope),))

    def remember(self, scope: Scope) -> None:
        """Take a scope for the one that was on show before: `swap` goes there; out of it leads the first scope."""
        self._before = (*self._steps[:1], Step(scope, began=scope))

    def swap(self) -> None:
        """Go to where it was before, with the way that led there; once more comes back."""
        if self._before is not None:
            self._go(self._before)

    def _go(self, steps: tuple[Step, ...]) -> None:
        self._before, self._steps = self._steps, steps
