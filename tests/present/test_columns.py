from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from meterdeck.present.columns import GAP_CELLS, Cell, Column, Row, fitted, lay_out

NAME = Column(key="name", title="workspace", width=14, min_width=8, max_width=24, grow=1, priority=9)
TOKENS = Column(key="tokens", title="tok/h", width=6, align="right", priority=8)
SHARE = Column(key="share", title="share", width=5, align="right", priority=2)
TREND = Column(key="trend", title="24 h", width=24, min_width=10, max_width=48, grow=2, priority=5)
COLUMNS = (NAME, TOKENS, SHARE, TREND)


def laid_out(width: int) -> dict[str, int]:
    return {COLUMNS[place.index].key: place.width for place in lay_out(COLUMNS, width)}


@given(st.integers(0, 250))
def test_columns_never_overlap_nor_pass_the_edge(width: int) -> None:
    places = lay_out(COLUMNS, width)
    assert all(place.width >= COLUMNS[place.index].least for place in places)
    for left, right in pairwise(places):
        assert right.x == left.x + left.width + GAP_CELLS
    if places:
        assert places[-1].x + places[-1].width <= width


def test_the_lowest_priority_is_dropped_first() -> None:
    assert list(laid_out(40)) == ["name", "tokens", "share", "trend"]
    assert list(laid_out(34)) == ["name", "tokens", "trend"]
    assert list(laid_out(20)) == ["name", "tokens"]
    assert list(laid_out(10)) == ["name"]
    assert list(laid_out(5)) == []


def test_the_highest_priority_gets_its_width_back_first() -> None:
    assert laid_out(40) == {"name": 13, "tokens": 6, "share": 5, "trend": 10}
    assert laid_out(45) == {"name": 14, "tokens": 6, "share": 5, "trend": 14}


def test_cells_left_over_go_to_growing_columns_up_to_their_limit() -> None:
    assert laid_out(61) == {"name": 16, "tokens": 6, "share": 5, "trend": 28}
    assert laid_out(200) == {"name": 24, "tokens": 6, "share": 5, "trend": 48}


def test_a_rigid_column_is_as_wide_as_its_widest_number_and_its_title() -> None:
    rows = [Row("a", (Cell("a name longer than its column"), Cell("1,234,567"), Cell("7%"), Cell("")))]
    name, tokens, share, _ = fitted(COLUMNS, rows)
    assert name == NAME
    assert (tokens.width, tokens.least) == (9, 9)
    assert share.width == 5
