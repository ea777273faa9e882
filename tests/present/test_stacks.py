from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from meterdeck.present.stacks import Slice, apportioned, sliced

WEIGHTS = st.lists(st.integers(0, 10**12), min_size=1, max_size=6)


@given(st.integers(0, 10**9), WEIGHTS)
def test_what_is_apportioned_adds_up_and_is_near_to_its_share(whole: int, weights: list[int]) -> None:
    given_out = apportioned(whole, weights)
    total = sum(weights)
    assert sum(given_out) == (whole if total else 0)
    for part, weight in zip(given_out, weights, strict=True):
        assert part >= 0
        assert abs(part * total - whole * weight) <= total
    assert all(part == 0 for part, weight in zip(given_out, weights, strict=True) if not weight)


@given(st.lists(st.integers(0, 40), max_size=6), st.sampled_from([4, 8]), st.sampled_from([1, 2]))
def test_cells_keep_the_height_of_the_stack_and_the_order_of_its_parts(
    heights: list[int], per_cell: int, most: int
) -> None:
    cells = sliced(heights, per_cell, most=most)
    filled = [sum(part.height for part in cell) for cell in cells]
    assert sum(filled) == sum(heights)
    assert all(height == per_cell for height in filled[:-1])
    shown = [part.part for cell in cells for part in cell]
    assert shown == sorted(shown)
    assert all(len(cell) <= most for cell in cells)


@given(st.lists(st.integers(0, 40), min_size=1, max_size=6))
def test_a_boundary_is_drawn_less_than_a_cell_from_where_it_is(heights: list[int]) -> None:
    drawn = [0] * len(heights)
    for cell in sliced(heights, 8):
        for of in cell:
            drawn[of.part] += of.height
    for true, seen in zip(accumulate(heights), accumulate(drawn), strict=True):
        assert abs(true - seen) < 8


def test_two_parts_meet_in_a_cell_and_a_third_gives_its_height_to_the_larger() -> None:
    assert sliced([11, 5], 8) == [(Slice(0, 8),), (Slice(0, 3), Slice(1, 5))]
    assert sliced([4, 1, 3], 8) == [(Slice(0, 5), Slice(2, 3))]
    assert sliced([1, 3], 8) == [(Slice(1, 4),)]
    assert sliced([3, 5], 8, most=1) == [(Slice(1, 8),)]
