"""Parts of a line: the least important words are left out first, and none that there is room for."""

from dataclasses import replace

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


def crumb(name: str) -> Part:
    return Part(f"▸ {name}", priority=8, shrink_to=14, shrink_at_last=8, counted="▸ +{}")


CRUMBS = (crumb("prod-chat"), crumb("opus-5"), crumb("prod-backend"), Part("24 h", priority=9))


def test_parts_that_must_not_go_unnoticed_are_shortened_and_then_counted() -> None:
    assert words(42, CRUMBS) == ["▸ prod-chat", "▸ opus-5", "▸ prod…end", "24 h"]
    assert words(36, CRUMBS) == ["▸ prod-chat", "▸ opus-5", "▸ +1", "24 h"]
    assert words(22, CRUMBS) == ["▸ pro…at", "▸ +2", "24 h"]
    assert words(13, CRUMBS) == ["▸ +3", "24 h"]


@given(st.integers(11, 80))
def test_every_one_of_them_is_named_or_counted(width: int) -> None:
    shown = [text[2:] for text in words(width, CRUMBS) if text.startswith("▸")]
    assert sum(int(name[1:]) if name.startswith("+") else 1 for name in shown) == 3


def test_words_go_one_form_after_the_other_and_come_back_in_turn() -> None:
    state = Part(
        "✕ costs failed: 529", priority=9, short="✕ costs failed", short_at=4, shortest="✕", shortest_at=6
    )
    clock = Part("14:05Z", priority=7)
    assert words(30, (state, clock)) == ["✕ costs failed: 529", "14:05Z"]
    assert words(24, (state, clock)) == ["✕ costs failed", "14:05Z"]
    assert words(12, (state, clock)) == ["✕", "14:05Z"]
    assert words(9, (replace(state, priority=8), clock)) == ["✕"]
    assert words(14, (state, replace(clock, priority=8, text="14:05Z, or 15:05Z"))) == ["✕ costs failed"]
