from hypothesis import given
from hypothesis import strategies as st

from meterdeck.present.names import cell_width
from meterdeck.present.wrapping import hanging, in_lines, wrapped

SENTENCE = "✕ The API failed (529: Overloaded). What was read before stays on screen."


def test_a_sentence_that_has_no_room_says_that_there_is_more() -> None:
    assert (
        in_lines(SENTENCE, 40, 3)
        == "✕ The API failed (529: Overloaded). What\nwas read before stays on screen."
    )
    assert in_lines(SENTENCE, 40, 1) == "✕ The API failed (529: Overloaded).…"
    assert in_lines(SENTENCE, 8, 1) == "✕ The…"
    assert in_lines(SENTENCE, 8, 0) == ""


@given(st.text("ab …料é", max_size=60), st.integers(2, 12), st.integers(1, 4))
def test_no_line_is_wider_than_its_room_and_no_word_is_lost(text: str, width: int, most: int) -> None:
    assert "".join(wrapped(text, width)).replace(" ", "") == text.replace(" ", "")
    lines = in_lines(text, width, most).split("\n")
    assert len(lines) <= most
    assert all(cell_width(line) <= width for line in lines)


def test_further_lines_begin_under_the_first() -> None:
    assert hanging("w", "Choose workspaces", 4, 12) == ["w   Choose", "    workspac", "    es"]
    assert hanging("w", "", 4, 12) == ["w   "]
