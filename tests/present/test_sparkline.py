from hypothesis import given
from hypothesis import strategies as st

from meterdeck.present.forms import Form
from meterdeck.present.measures import DOLLARS
from meterdeck.present.sparkline import last_and_most, sparkline, sparklines

SERIES = st.lists(st.none() | st.integers(0, 10**12), max_size=200)


@given(SERIES, st.integers(-3, 80), st.sampled_from(Form))
def test_a_sparkline_is_exactly_as_wide_as_asked(values: list[int | None], width: int, form: Form) -> None:
    line = sparkline(values, width, form=form)
    assert len(line) == max(0, width)
    assert form is not Form.ASCII or line.isascii()


def test_it_rises_from_zero_and_tells_zero_from_a_gap_from_a_trace() -> None:
    assert sparkline([0, None, 1, 50, 100], 5) == " ·▁▄█"
    assert sparkline([5_000_000, 5_100_000], 2) == "██"  # not stretched to its own minimum


def test_a_flat_zero_is_empty_and_a_series_of_gaps_is_dotted() -> None:
    assert sparkline([0, 0, 0], 3) == "   "
    assert sparkline([None, None], 2) == "··"
    assert sparkline([], 2) == "  "


def test_a_longer_series_shows_means_with_the_newest_last() -> None:
    assert sparkline([0, 2, 8, 8], 2) == "▁█"
    assert sparkline([None, 8, None, None], 2) == "█·"


def test_a_shorter_series_stands_at_the_right() -> None:
    assert sparkline([8], 4) == "   █"


def test_rows_can_share_one_scale() -> None:
    assert sparkline([50], 1, top=100) == "▄"
    assert sparkline([500], 1, top=100) == "█"


def test_it_has_an_ascii_form() -> None:
    assert sparkline([0, None, 1, 50, 100], 5, form=Form.ASCII) == " ._=#"


def test_in_braille_a_cell_holds_two_values_and_zero_a_gap_and_a_trace_are_told_apart() -> None:
    assert sparkline([100, 50, 25, 100], 2, form=Form.BRAILLE) == "⣧⣸"
    assert sparkline([0, 0, None, None, 1, 100], 3, form=Form.BRAILLE) == " ·⣸"
    assert sparkline([None, 100, 0, None], 2, form=Form.BRAILLE) == "⢸·"
    assert sparkline([100], 2, form=Form.BRAILLE) == " ⢸"


def test_lines_have_scales_of_their_own_or_all_that_of_the_largest() -> None:
    rows: list[list[int | None]] = [[10, 20], [50, 100], [None, 0]]
    assert sparklines(rows, 2, shared=False) == ["▄█", "▄█", "· "]
    assert sparklines(rows, 2, shared=True) == ["▁▂", "▄█", "· "]
    assert sparklines([[0, 200], [100, 100]], 1, shared=True) == ["█", "█"]  # scaled by what is shown: means
    assert sparklines([], 4, shared=True) == []


def test_beside_a_line_stand_its_newest_value_and_its_largest() -> None:
    assert last_and_most([3, 61_200_000, 1_940_000]) == ("1.94M", "61.2M")
    assert last_and_most([5, None]) == ("—", "5")
    assert last_and_most([]) == ("—", "—")
    assert last_and_most([41_231, 150], DOLLARS) == ("~$1.50", "~$412")
