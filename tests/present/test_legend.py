from hypothesis import given
from hypothesis import strategies as st

from meterdeck.present.canvas import Cell
from meterdeck.present.forms import PLAIN, Form, Pen
from meterdeck.present.legend import entries_in, legend
from meterdeck.present.names import cell_width

NAMES = ("prod-chat", "batch-etl-europe", "プロダクション環境", "3 others")


def text(cells: list[Cell]) -> str:
    return "".join(cell.char for cell in cells)


def of(width: int, pen: Pen = PLAIN) -> str:
    return text(legend(NAMES, width, pen, only=[True] * len(NAMES)))


def test_names_are_whole_where_there_is_room_then_cut_then_counted_and_others_stay() -> None:
    assert of(80) == "█ prod-chat  █ batch-etl-europe  █ プロダクション環境  █ 3 others"
    assert of(56) == "█ prod-chat  █ batch-et…ope  █ プロダク…境  █ 3 others"
    assert of(46) == "█ prod-…at  █ batch…pe  █ プロ…境  █ 3 others"
    assert of(38) == "█ prod-…at  █ batch…pe  +1  █ 3 others"
    assert of(26) == "█ prod-…at  +2  █ 3 others"
    assert of(14) == "+3  █ 3 others"
    assert of(13) == ""


def test_where_no_others_are_seen_the_count_comes_last() -> None:
    seen = [True, True, True, False]
    assert text(legend(NAMES, 24, PLAIN, only=seen)) == "█ prod-chat  +2"


def test_signs_are_those_of_the_form() -> None:
    assert of(80, Pen(Form.BRAILLE)).startswith("⣿ prod-chat  ⣿ batch")
    assert of(80, Pen(letters=True)).split()[::2] == ["A", "B", "C", "O", "others"]


@given(st.lists(st.text(max_size=20), max_size=6), st.integers(0, 120), st.booleans())
def test_a_legend_is_never_wider_than_its_room_whatever_the_names(
    names: list[str], width: int, letters: bool
) -> None:
    cells = legend(names, width, Pen(letters=letters), only=[True] * len(names))
    assert len(cells) == cell_width(text(cells)) <= width
    assert entries_in(cells) <= len(names)
