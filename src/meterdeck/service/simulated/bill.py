"""The bill of the simulated organisation: final usage at the price table, and what is not for tokens."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from meterdeck.domain.buckets import BucketWidth
from meterdeck.domain.money import EXACT
from meterdeck.domain.tokens import TokenType
from meterdeck.service.simulated.catalog import DEFAULT, Stream, workspace_id
from meterdeck.service.simulated.draws import Draws
from meterdeck.service.simulated.options import HISTORY_STARTS
from meterdeck.service.simulated.prices import (
    CODE_EXECUTION_HOUR_CENTS,
    SESSION_HOUR_CENTS,
    WEB_SEARCH_CENTS,
    PriceTable,
)
from meterdeck.service.simulated.usage import HOUR, SimulatedUsage
from meterdeck.service.source import CostFact, Counters

LAG = timedelta(hours=3)
"""The bill holds the hours that ended this long ago, so yesterday still rises after midnight."""
HOURS_IN_A_DAY = 24
UNBILLED_TIER = "priority"
"""Priority Tier is in no bill (api-facts 3.2); what exceeds it on demand is billed under that tier's own name."""

_WORDS = {
    TokenType.UNCACHED_INPUT: "Input Tokens",
    TokenType.CACHE_READ: "Input Tokens, Cache Hit",
    TokenType.CACHE_WRITE_5M: "Input Tokens, Cache Write",
    TokenType.CACHE_WRITE_1H: "Input Tokens, Cache Write 1h",
    TokenType.OUTPUT: "Output Tokens",
}
_FAST_WORDS = ", Fast Mode"
"""The bill has no field for the speed: its words are all that tells the two apart (api-facts 3.2)."""
_CODE_EXECUTION_IN = ("research", "data-plane", "evals")
_SESSIONS_IN = (DEFAULT, "support-bot")

_Identity = tuple[str | None, str, str, str | None, str | None, str | None, str | None, str | None]


class SimulatedBill:
    """Bills of all UTC days."""

    def __init__(self, usage: SimulatedUsage, prices: PriceTable, draws: Draws) -> None:
        self._usage = usage
        self._prices = prices
        self._draws = draws
        self._of_hours = lru_cache(maxsize=256)(self._lines)

    def lines(self, day: datetime, as_of: datetime) -> tuple[CostFact, ...]:
        """The lines of a day as billed at a moment; every hour in it has its final numbers."""
        billed_until = BucketWidth.HOUR.floor(as_of - LAG)
        hours = min(HOURS_IN_A_DAY, (billed_until - day) // BucketWidth.HOUR.delta)
        if hours <= 0 or day < HISTORY_STARTS:
            return ()
        return self._of_hours(day, hours)

    def _lines(self, day: datetime, hours: int) -> tuple[CostFact, ...]:
        first = int(day.timestamp())
        moments = range(first, first + hours * HOUR, HOUR)
        cents: dict[_Identity, Decimal] = {}
        searches: dict[str | None, int] = {}
        for stream in self._usage.streams:
            total = Counters._make(
                map(sum, zip(*[self._usage.final(stream, hour) for hour in moments], strict=True))
            )
            workspace = stream.members.workspace_id
            searches[workspace] = searches.get(workspace, 0) + total.web_searches
            if stream.members.service_tier == UNBILLED_TIER:
                continue  # it is bought for tokens; a search costs what it costs
            for identity, amount in self._token_lines(stream, total, day):
                cents[identity] = EXACT.add(cents.get(identity, Decimal(0)), amount)
        cents |= dict(self._other_lines(day, moments, searches))
        return tuple(CostFact(*identity, amount) for identity, amount in cents.items() if amount)

    def _token_lines(
        self, stream: Stream, total: Counters, day: datetime
    ) -> Iterator[tuple[_Identity, Decimal]]:
        members = stream.members
        speed_words = _FAST_WORDS if members.speed == "fast" else ""
        for token_type, count in zip(TokenType, total, strict=False):
            price = self._prices.token(members, token_type, day)
            yield (
                (
                    members.workspace_id,
                    f"{model_name(members.model)} Usage - {_WORDS[token_type]}{speed_words}",
                    "tokens",
                    members.model,
                    token_type.in_bill,
                    members.service_tier,
                    members.context_window,
                    members.inference_geo,
                ),
                EXACT.multiply(price, Decimal(count)),
            )

    def _other_lines(
        self, day: datetime, moments: range, searches: dict[str | None, int]
    ) -> Iterator[tuple[_Identity, Decimal]]:
        kept = self._prices.discounted(day)
        for workspace, count in searches.items():
            yield _other(workspace, "Web Search Usage", "web_search"), WEB_SEARCH_CENTS * count * kept
        known = {stream.members.workspace_id for stream in self._usage.streams}
        for names, description, cost_type, price, most in (
            (_CODE_EXECUTION_IN, "Code Execution Usage", "code_execution", CODE_EXECUTION_HOUR_CENTS, 40),
            (_SESSIONS_IN, "Managed Agents Usage - Session Runtime", "session_usage", SESSION_HOUR_CENTS, 60),
        ):
            for place, name in enumerate(names):
                workspace = None if name == DEFAULT else workspace_id(name)
                if workspace in known:
                    used = sum(self._draws.below(most, cost_type, place, hour) for hour in moments)
                    yield _other(workspace, description, cost_type), price * used * kept


def _other(workspace: str | None, description: str, cost_type: str) -> _Identity:
    return (workspace, description, cost_type, None, None, None, None, None)


def model_name(model: str) -> str:
    """How the bill words a model: ``Claude Haiku 4.5`` for ``claude-haiku-4-5-20251001``."""
    family, *version = model.removeprefix("claude-").removesuffix("-20251001").split("-")
    return f"Claude {family.capitalize()} {'.'.join(version)}"
