"""The way that led to a scope: in, out, and back to where it was before."""

from dataclasses import replace
from datetime import UTC, datetime

from meterdeck.app.deck.trail import Trail
from meterdeck.app.widgets.table import NO_ROW
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.scope import Scope, Since, Span

FIRST = Scope()
SECOND = FIRST.filtered(Dimension.WORKSPACE, {"wrkspc_a"})
THIRD = SECOND.filtered(Dimension.MODEL, {"claude-opus-5"})


def test_going_out_leads_back_step_by_step_to_the_rows_that_were_left() -> None:
    trail = Trail()
    trail.push(SECOND, "wrkspc_a")
    trail.push(THIRD, "claude-opus-5")
    assert (trail.scope, trail.depth) == (THIRD, 2)
    assert trail.pop() == "claude-opus-5"
    assert trail.pop() == "wrkspc_a"
    assert (trail.scope, trail.depth) == (FIRST, 0)
    assert trail.pop() is NO_ROW
    assert trail.scope == FIRST


def test_the_last_scope_is_one_key_away_there_and_back_with_the_way_that_led_to_it() -> None:
    trail = Trail()
    assert not trail.can_swap
    trail.push(SECOND, "wrkspc_a")
    trail.push(THIRD)
    trail.start_anew(Scope(span=Span.WEEK))
    trail.swap()
    assert (trail.scope, trail.depth) == (THIRD, 2)
    trail.swap()
    assert (trail.scope, trail.depth) == (Scope(span=Span.WEEK), 0)


def test_another_scope_in_the_place_of_one_keeps_the_way_back() -> None:
    trail = Trail()
    trail.push(SECOND, "wrkspc_a")
    trail.replace(THIRD)
    assert trail.depth == 1
    trail.pop()
    assert trail.scope == FIRST


def test_the_same_scope_again_is_no_step() -> None:
    trail = Trail()
    trail.push(SECOND)
    trail.replace(SECOND)
    trail.swap()
    assert trail.scope == FIRST


def test_the_newest_filter_is_taken_away_first_and_a_time_in_its_turn() -> None:
    trail = Trail(FIRST)
    timed = replace(SECOND, at=Since(datetime(2026, 11, 21, 14, tzinfo=UTC)))
    last = timed.filtered(Dimension.MODEL, {"claude-opus-5"})
    for scope in (SECOND, timed, last):
        trail.replace(scope)
    trail.push(THIRD)
    trail.pop()
    for scope in (timed, SECOND, FIRST, FIRST):
        trail.take_newest_away()
        assert trail.scope == scope


def test_a_filter_that_is_chosen_anew_is_the_newest() -> None:
    trail = Trail(THIRD)
    trail.replace(THIRD.filtered(Dimension.WORKSPACE, {"wrkspc_b"}))
    trail.take_newest_away()
    assert trail.scope == FIRST.filtered(Dimension.MODEL, {"claude-opus-5"})
