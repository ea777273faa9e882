"""Invented organisations for properties of money: usage and bills of any shape, in a store of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import strategies as st

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.reports import CostBucket, CostLine, CostRow, Series
from meterdeck.domain.scope import Filter, Scope
from meterdeck.domain.tokens import TokenCounts, TokenType
from meterdeck.queries.look import Look
from meterdeck.store import Store, costs, usage
from values import used

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
FIRST = datetime(2026, 10, 31, tzinfo=UTC)
TODAY = FIRST + 6 * DAY
DAYS = [FIRST, FIRST + DAY, FIRST + 2 * DAY, TODAY]
"""A month's last day and the next one's first two, which are settled; and today, after days that were not read."""
NOW = TODAY + timedelta(hours=10, minutes=37)

WORKSPACES, MODELS = ["wrkspc_a", "wrkspc_b", None], ["claude-opus-5", "claude-sonnet-5"]
TIERS, CONTEXTS = ["standard", "batch", "priority"], ["0-200k", "200k-1M"]
KEYS = ["apikey_1", "apikey_2", None]
OTHER_TYPES = ["web_search", "code_execution", "session_usage"]

counts = st.builds(TokenCounts, *[st.integers(0, 10**9) for _ in TokenType])
series = st.builds(
    Series,
    st.sampled_from(WORKSPACES),
    st.sampled_from(MODELS),
    st.sampled_from(KEYS),
    st.sampled_from(TIERS),
    st.sampled_from(CONTEXTS),
)
amounts = st.decimals(-(10**6), 10**9, allow_nan=False, allow_infinity=False, places=12) | st.sampled_from(
    [Decimal(0), Decimal("291.9015"), Decimal("1134.3390"), Decimal("1E-20"), Decimal("-3.50")]
)


@st.composite
def token_lines(draw: st.DrawFn) -> CostLine:
    """A line that pays for tokens."""
    model, token_type = draw(st.sampled_from(MODELS)), draw(st.sampled_from(TokenType))
    return CostLine(
        draw(st.sampled_from(WORKSPACES)),
        f"{model} {token_type.value}",
        "tokens",
        model,
        token_type.in_bill,
        draw(st.sampled_from(TIERS[:2])),
        draw(st.sampled_from(CONTEXTS)),
        draw(st.sampled_from(["global", "us"])),
    )


other_lines = st.builds(
    lambda workspace, kind: CostLine(workspace, f"{kind} usage", kind, None, None, None, None, None),
    st.sampled_from(WORKSPACES),
    st.sampled_from(OTHER_TYPES),
)


@dataclass(frozen=True)
class Books:
    """Usage of one hour of each day, and the bill of each day."""

    usage: Mapping[datetime, Mapping[Series, TokenCounts]]
    bill: Mapping[datetime, Mapping[CostLine, Decimal]]

    @contextmanager
    def stored(self) -> Iterator[Look]:
        """A look at a store that read all of it just now, every hour and day until now."""
        with TemporaryDirectory() as folder:
            store = Store(Path(folder) / "store.db")
            with store.write() as transaction:
                for day in DAYS:
                    window = Window(day, min(day + DAY, BucketWidth.HOUR.floor(NOW)))
                    hours = [
                        used(start, self.usage[day] if start == day + 9 * HOUR else {})
                        for start in window.starts(BucketWidth.HOUR)
                    ]
                    usage.replace(transaction, BucketWidth.HOUR, window, hours, NOW)
                    lines = tuple(CostRow(*row) for row in self.bill[day].items())
                    costs.replace(
                        transaction, Window(day, day + DAY), [CostBucket(Window(day, day + DAY), lines)], NOW
                    )
            with store.read() as transaction:
                yield Look(transaction)
            store.close()


books = st.builds(
    Books,
    st.fixed_dictionaries({day: st.dictionaries(series, counts, max_size=5) for day in DAYS}),
    st.fixed_dictionaries(
        {day: st.dictionaries(token_lines() | other_lines, amounts, max_size=6) for day in DAYS}
    ),
)

_MEMBERS: dict[Dimension, list[str | None]] = {
    Dimension.WORKSPACE: WORKSPACES,
    Dimension.MODEL: list[str | None](MODELS),
    Dimension.SERVICE_TIER: list[str | None](TIERS),
    Dimension.CONTEXT_WINDOW: list[str | None](CONTEXTS),
}


def scopes(by: Dimension, *more: Dimension) -> st.SearchStrategy[Scope]:
    """Scopes with any filters that both reports know (and ``more``)."""
    members = _MEMBERS | dict.fromkeys(more, KEYS)
    filters = [
        st.none() | st.builds(Filter, st.just(dimension), st.frozensets(st.sampled_from(of), min_size=1))
        for dimension, of in members.items()
    ]
    return st.tuples(*filters).map(lambda chosen: Scope(tuple(f for f in chosen if f), by=by))
