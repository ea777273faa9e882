from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meterdeck.present.measures import DOLLARS, TOKENS, Measure, length_words, span_words


@given(st.integers(0, 10**17), st.integers(0, 10**17), st.sampled_from([TOKENS, DOLLARS]))
def test_a_label_is_no_wider_than_its_scale(one: int, another: int, measure: Measure) -> None:
    value, top = sorted([one, another])
    assert len(measure.label(value, top)) <= measure.columns


@pytest.mark.parametrize(
    ("minutes", "words"), [(1, "1 min"), (91, "91 min"), (280, "5 h"), (1440, "24 h"), (7315, "5 d")]
)
def test_a_length_is_told_in_a_unit_of_which_it_has_several(minutes: int, words: str) -> None:
    assert length_words(timedelta(minutes=minutes)) == words


def test_all_labels_of_a_scale_have_one_unit() -> None:
    assert [TOKENS.label(count, 1_940_000) for count in (0, 600_000, 1_940_000)] == ["0", "0.6M", "1.9M"]
    assert [DOLLARS.label(cents, 940_000) for cents in (0, 300_000, 940_000)] == ["0", "~$3.0k", "~$9.4k"]
    assert [DOLLARS.label(cents, 612) for cents in (0, 300, 612)] == ["0", "~$3.00", "~$6.12"]


@pytest.mark.parametrize(
    ("minutes", "words", "unit"),
    [(1, "1 min", "tok/min"), (60, "1 h", "tok/h"), (180, "3 h", "tok/3 h"), (1440, "1 d", "tok/d")],
)
def test_the_unit_names_the_time_of_a_bucket(minutes: int, words: str, unit: str) -> None:
    assert span_words(timedelta(minutes=minutes)) == words
    assert TOKENS.per(timedelta(minutes=minutes)) == unit
