"""The way that led to a scope: in, out, and back to where it was before."""

from meterdeck.app.deck.trail import Trail
from meterdeck.app.widgets.table import NO_ROW
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.scope import Scope, Span

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
