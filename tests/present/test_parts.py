"""Parts of a line: the least important words are left out first, and none that there is room for."""

from hypothesis import given
from hypothesis import strategies as st

from meterdeck.present.names import cell_width
from meterdeck.present.parts import Part, place

BUDGET = Part(
    "Nov ~$90,585 of $125k ▇▇▇▇▇▅▁▁ 72%", priority=8, short="Nov ~$91k of $125k ▇▇▇▄▁ 72%", short_at=5
)
LINE = (Part("~$197/h", priority=9), Part("1.24M tok/min ▲28%", priority=8, short="1.24M tok/min", short_at=4), BUDGET,
        Part("cache 48%", priority=2))  # fmt: skip


def words(width: int, parts: tuple[Part, ...] = LINE) -> list[str]:
    return [placed.text for placed in place(parts, (), width, gap=3)]


def test_what_is_least_important_goes_first_whole_parts_and_words_of_parts_alike() -> None:
    assert words(100)[-1] == "cache 48%"
    assert words(66) == ["~$197/h", "1.24M tok/min ▲28%", BUDGET.text]
    assert words(62) == ["~$197/h", "1.24M tok/min", BUDGET.text]
    assert words(58) == ["~$197/h", "1.24M tok/min", BUDGET.short]


def test_words_come_back_where_a_part_that_went_later_left_room() -> None:
    assert words(28) == ["~$197/h", "1.24M tok/min ▲28%"]


@given(st.integers(0, 120))
def test_nothing_passes_the_edge_and_more_room_never_shows_fewer_parts(width: int) -> None:
    assert sum(cell_width(text) for text in words(width)) + 3 * max(0, len(words(width)) - 1) <= width
    assert len(words(width)) <= len(words(width + 1))
