"""Which scope: in, out and across; filters; what it is broken down by."""

from __future__ import annotations

from dataclasses import replace

from textual import on

from meterdeck.app.deck.base import DeckBase
from meterdeck.app.messages import DeckLoaded
from meterdeck.app.screens.day import DayScreen
from meterdeck.app.screens.picker import Picker
from meterdeck.domain.dimensions import ON_DEMAND_DIMENSIONS, Dimension
from meterdeck.domain.errors import UsageError
from meterdeck.domain.questions import Question
from meterdeck.domain.scope import Scope
from meterdeck.present import on_demand
from meterdeck.present.breakdown import STEPS, no_way_in
from meterdeck.present.costs import STEPS as COST_STEPS
from meterdeck.present.empty import why_no_names
from meterdeck.present.on_demand import announcement
from meterdeck.queries.breakdown import BreakdownRow
from meterdeck.queries.on_demand import State


class Scoping(DeckBase):
    """Narrows, widens and turns the scope."""

    def go_in(self, scope: Scope) -> None:
        """Show a narrower scope, with a way back."""
        self.trail.push(scope, self.breakdown.table.cursor_key)
        self.breakdown.table.action_cursor_home()
        self.ask_anew()

    def replace_scope(self, scope: Scope) -> None:
        """Show another scope in the place of this one."""
        if scope != self.scope:
            self.trail.replace(scope)
            self.ask_anew()

    def action_narrow(self) -> None:
        """Narrow to what the cursor is on, a bucket of Rates or a row of Breakdown; open a day of Costs."""
        if not self.rows_are_there:  # a row of another scope means something else in this one
            return
        if self.costs.has_focus_within:
            self._open_day()
        elif self.rates.has_focus_within:
            self.narrow_time()
        elif self.scope.by in ON_DEMAND_DIMENSIONS:
            self.ask_the_api()
        else:
            self._narrow_to_row()

    def narrow_time(self) -> None:
        """Narrow to the bucket under the chart's cursor."""
        raise NotImplementedError

    @property
    def row_under_cursor(self) -> BreakdownRow | None:
        """The row of Breakdown that the cursor is on; None without one."""
        if self._deck is None or not self.breakdown.table.rows:
            return None
        key = self.breakdown.table.cursor_key
        return next((row for row in self._deck.breakdown.rows if row.part.member.key == key), None)

    def _narrow_to_row(self) -> None:
        row, by = self.row_under_cursor, self.scope.by
        if row is None:
            return
        member = row.part.member
        if (reason := no_way_in(by, member)) is not None:
            self.show_notice(reason)
            return
        narrowed = self.scope.filtered(by, {member.id})
        self.go_in(replace(narrowed, by=following(narrowed)))

    def action_widen(self) -> None:
        """Take the chart's cursor away; undo what was chosen last in this scope; go back to the scope before."""
        if self.rates.is_pointed_at:
            self.rates.chart.clear_cursor()
        elif self.trail.is_narrowed:
            self.rates.chart.clear_cursor()
            self.trail.take_newest_away()
            self.ask_anew()
        elif self.trail.depth:
            cursor = self.trail.pop()
            self.breakdown.table.expect(cursor)
            self.ask_anew()
        else:
            self.rates.chart.clear_cursor()

    def action_swap_scope(self) -> None:
        """Go to the scope that was on show before this one."""
        if self.trail.can_swap:
            self.trail.swap()
            self.ask_anew()

    def action_next_dimension(self) -> None:
        """Break down by the next dimension; Costs, when it has the keyboard, by its own one, in any scope."""
        self._turn()

    @property
    def askable(self) -> tuple[Dimension, ...]:
        """The dimensions that the API can be asked about for this scope, by one request."""
        return tuple(each for each in ON_DEMAND_DIMENSIONS if _question(replace(self.scope, by=each)))

    def ask_the_api(self) -> None:
        """Have the breakdown on show read, and say what that takes; of one that is fresh, why Enter does nothing more."""
        asked = self._deck.on_demand if self._deck is not None else None
        if asked is not None and asked.state is not State.ASKED and not asked.is_fresh:
            self.show_notice(f"… {announcement(asked.question, self._clock(), self._zone)}")
            self._feeds.want_answer(asked.question)
        elif self.breakdown.table.rows:
            self.show_notice(on_demand.no_way_in(self.scope.by))

    def break_down_by(self, dimension: Dimension) -> None:
        """Break the scope down by a dimension."""
        self.replace_scope(replace(self.scope, by=dimension))

    def split_costs_by(self, dimension: Dimension) -> None:
        """Split the bill by a dimension of its own."""
        self._costs_by = dimension
        self.ask_anew()

    def action_pick(self, field: str) -> None:
        """Choose members of a dimension."""
        dimension = Dimension(field)
        if self._deck is None:
            return

        def chosen(members: frozenset[str | None] | None) -> None:
            if members is not None:
                self.replace_scope(self.scope.filtered(dimension, members))

        marked = self.scope.members(dimension) or frozenset()
        picker = Picker(dimension, self._deck.choices[dimension], marked, why_no_names(self._deck))
        self.app.push_screen(picker, chosen)

    @on(DeckLoaded)
    def _names_came(self) -> None:
        """Who chooses is offered everybody who is known, once the deck has what was read."""
        self.call_later(self._offer_again)

    def _offer_again(self) -> None:
        picker = self.app.screen
        if isinstance(picker, Picker) and self._deck is not None:
            picker.offer(self._deck.choices[picker.dimension], why_no_names(self._deck))

    def _turn(self) -> None:
        if self.costs.has_focus_within:
            self._split_costs_anew()
        else:
            steps = [*STEPS, *self.askable]
            by = self.scope.by
            self.break_down_by(steps[(steps.index(by) + 1) % len(steps)] if by in steps else steps[0])

    def _split_costs_anew(self) -> None:
        """Split the bill by the dimension after the one on show."""
        if self._costs_by is None and self._deck is not None:
            self._costs_by = self._deck.costs.costs.scope.by
        if self._costs_by is not None:
            self.split_costs_by(COST_STEPS[(COST_STEPS.index(self._costs_by) + 1) % len(COST_STEPS)])

    def _open_day(self) -> None:
        """Show every line of the bill of the day under the cursor."""
        day = self.costs.day
        if day is not None:
            scope = self.scope
            self.app.push_screen(DayScreen(lambda: self._reader.day(scope, day, self._clock())))


def _question(scope: Scope) -> Question | None:
    """What a scope asks the API; None where no single request can tell it."""
    try:
        return Question.of(scope)
    except UsageError:
        return None


def following(scope: Scope) -> Dimension:
    """What to break a scope down by after its dimension: what tells most of what is not filtered yet."""
    filtered = {f.dimension for f in scope.filters}
    nearest = _AFTER.get(scope.by, (Dimension.WORKSPACE, Dimension.MODEL, Dimension.API_KEY))
    return next((dimension for dimension in nearest if dimension not in filtered), Dimension.TOKEN_TYPE)


_AFTER = {
    Dimension.WORKSPACE: (Dimension.MODEL, Dimension.API_KEY),
    Dimension.MODEL: (Dimension.API_KEY, Dimension.WORKSPACE),
    Dimension.API_KEY: (Dimension.MODEL,),  # a key is of one workspace
}
