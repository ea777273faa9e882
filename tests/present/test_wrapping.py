from hypothesis import given
from hypothesis import strategies as st

from meterdeck.present.names import cell_width
from meterdeck.present.wrapping import briefly, hanging, in_lines, shortened, wrapped

SENTENCE = "✕ The API failed (529: Overloaded). What was read before stays on screen."


def test_a_sentence_that_has_no_room_says_that_there_is_more() -> None:
    assert (
        in_lines(SENTENCE, 40, 3)
        == "✕ The API failed (529: Overloaded). What\nwas read before stays on screen."
    )
    assert in_lines(SENTENCE, 40, 1) == "✕ The API failed (529: Overloaded).…"
    assert in_lines(SENTENCE, 8, 1) == "✕ The…"
    assert in_lines(SENTENCE, 8, 0) == ""


def test_briefly_it_is_the_first_sentence_and_a_point_inside_one_is_no_end() -> None:
    assert briefly(SENTENCE) == (SENTENCE, "✕ The API failed (529: Overloaded).")
    assert (
        briefly("◇ No answer from 10.0.0.1:443 vs. ours") == ("◇ No answer from 10.0.0.1:443 vs. ours",) * 2
    )


@given(st.text("ab …料é", max_size=60), st.integers(2, 12), st.integers(1, 4))
def test_no_line_is_wider_than_its_room_and_no_word_is_lost(text: str, width: int, most: int) -> None:
    assert "".join(wrapped(text, width)).replace(" ", "") == text.replace(" ", "")
    lines = in_lines(text, width, most).split("\n")
    assert len(lines) <= most
    assert all(cell_width(line) <= width for line in lines)


def test_further_lines_begin_under_the_first() -> None:
    assert hanging("w", "Choose workspaces", 4, 12) == ["w   Choose", "    workspac", "    es"]
    assert hanging("w", "", 4, 12) == ["w   "]


LINE = "Acme, 24 h: 123,456,789 tok/h +2% in 1 h, ~$1,594.76 today; Nov ~$113,000.00 of $150,000.00 (75%); 14:32Z, data 3 min old"


@given(st.integers(8, 140))
def test_a_text_that_is_shortened_fits_and_cuts_no_word(width: int) -> None:
    short = shortened(LINE, width)
    assert cell_width(short) <= width
    assert [word for word in short.split(" ") if word.rstrip("…") not in {"", *LINE.split(" ")}] == []


def test_a_text_that_is_shortened_leaves_out_whole_parts_before_the_last() -> None:
    assert shortened(LINE, 200) == LINE
    assert (
        shortened(LINE, 80) == "Acme, 24 h: 123,456,789 tok/h +2% in 1 h, ~$1,594.76 today; … data 3 min old"
    )
