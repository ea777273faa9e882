"""The values that the axis of a chart names."""

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meterdeck.present.measures import DOLLARS, TOKENS, Measure
from meterdeck.present.scale import round_values

UNITS = {"": 1, "k": 10**3, "M": 10**6, "B": 10**9, "T": 10**12, "Q": 10**15}


@pytest.mark.parametrize(
    ("top", "most", "named"),
    [
        (107_000_000, 3, ["50M", "100M"]),
        (107_000_000, 4, ["25M", "50M", "75M", "100M"]),
        (1_940_000, 3, ["0.5M", "1.0M", "1.5M"]),
        (1_040_000, 5, ["0.2M", "0.4M", "0.6M", "0.8M", "1.0M"]),
        (6, 3, ["2", "4", "6"]),
        (1, 3, ["1"]),
        (0, 3, []),
    ],
)
def test_steps_are_round_and_as_fine_as_there_is_room_for(top: int, most: int, named: list[str]) -> None:
    values = round_values(top, most, TOKENS.grain(top))
    assert [TOKENS.label(value, top) for value in values] == named


@given(st.integers(0, 10**16), st.integers(1, 5), st.sampled_from([TOKENS, DOLLARS]))
def test_every_label_is_exact_and_there_are_as_many_as_asked_for_at_most(
    top: int, most: int, measure: Measure
) -> None:
    values = round_values(top, most, measure.grain(top))
    assert len(values) <= most
    assert values or top < 10 * measure.grain(top)
    for value in values:
        found = re.fullmatch(r"(~\$)?([0-9.]+)([kMBTQ]?)", measure.label(value, top))
        assert found
        assert Decimal(found[2]) * UNITS[found[3]] * (100 if found[1] else 1) == value
