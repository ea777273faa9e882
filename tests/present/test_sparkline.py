from hypothesis import given
from hypothesis import strategies as st

from meterdeck.present.ascii import to_ascii
from meterdeck.present.sparkline import sparkline

SERIES = st.lists(st.none() | st.integers(0, 10**12), max_size=200)


@given(SERIES, st.integers(-3, 80))
def test_a_sparkline_is_exactly_as_wide_as_asked(values: list[int | None], width: int) -> None:
    assert len(sparkline(values, width)) == max(0, width)


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
    assert to_ascii(sparkline([0, None, 1, 50, 100], 5)) == " ._=#"
