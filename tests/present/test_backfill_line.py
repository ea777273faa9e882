"""The backfill as one line."""

from datetime import UTC, datetime, timedelta

import pytest

from meterdeck.present.ascii import to_ascii
from meterdeck.present.backfill import backfill_line
from meterdeck.queries.backfill import Backfill

NOW = datetime(2026, 11, 20, 14, 37, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "unread", "after", "line"),
    [
        (744, 264, 123, "history ▇▇▇▇▇▇▁▁▁▁ 64 %  11 days left, done ~16:40Z"),
        (744, 744, 60 * 30, "history ▁▁▁▁▁▁▁▁▁▁ 0 %  31 days left, done ~Sat 21 Nov 20:37Z"),
        (744, 47, 2, "history ▇▇▇▇▇▇▇▇▇▁ 93 %  47 hours left, done ~14:39Z"),
        (744, 1, 0, "history ▇▇▇▇▇▇▇▇▇▁ 99 %  1 hour left, done in a minute"),
    ],
)
def test_a_bar_with_what_is_left_and_when_it_will_be_done(
    hours: int, unread: int, after: int, line: str
) -> None:
    found = backfill_line(Backfill(hours, unread, 1, NOW + timedelta(minutes=after)), NOW)
    assert found == line
    assert "?" not in to_ascii(found)
