"""The columns of a day's lines where a service tier has a long name."""

from datetime import UTC, datetime
from decimal import Decimal

from meterdeck.domain.dimensions import Kind
from meterdeck.domain.reports import CostLine
from meterdeck.domain.scope import Scope
from meterdeck.present.columns import fitted, lay_out
from meterdeck.present.day_lines import table
from meterdeck.queries.day_lines import DayLine, DayLines
from meterdeck.queries.names import Member

DAY = datetime(2026, 11, 18, tzinfo=UTC)


def widths(tier: str, cells: int) -> dict[str, int]:
    """How wide the columns of a bill of one line become."""
    line = CostLine(
        *("wrkspc_1", "Claude Opus 5 Usage - Input Tokens, Cache Write 1h", "tokens", "claude-opus-5"),
        *("cache_creation.ephemeral_1h_input_tokens", tier, "200k-1M", "not_available"),
    )
    of_day = (DayLine(Member("wrkspc_1", "prod-chat", Kind.MEMBER), line, Decimal("12345.678901")),)
    found = DayLines(Scope(), DAY, of_day, (), True, True, None, (), (), None)
    columns, rows = table(found, cells)
    laid = fitted(columns, rows)
    return {columns[place.index].key: place.width for place in lay_out(laid, cells)}


def test_a_long_tier_takes_no_room_from_the_other_columns_of_a_table_without_room_to_spare() -> None:
    assert widths("priority_on_demand", 116) == widths("standard", 116)


def test_a_wide_table_has_a_long_tier_whole() -> None:
    assert widths("priority_on_demand", 196)["service_tier"] == len("priority_on_demand")
