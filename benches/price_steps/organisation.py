"""A small invented organisation whose prices step: what it used each hour, what a token costs, and its bill.

Use repeats itself exactly each week, so whatever a report says wrongly it says for its prices alone.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache, reduce
from typing import NamedTuple

from meterdeck.domain.money import EXACT
from meterdeck.domain.reports import ApiKey, CostLine, CostRow, Organization, PriceKey, Series, Workspace
from meterdeck.domain.tokens import NO_TOKENS, TokenCounts, TokenType

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
TODAY = datetime(2026, 11, 25, tzinfo=UTC)
"""A Wednesday: the UTC day that runs in every case."""
FIRST_DAY = TODAY - 55 * DAY
USAGE_LAG = timedelta(minutes=5)
"""What is younger is in no usage report yet."""
BILL_LAG = 3 * HOUR
"""The bill holds the hours that ended so long ago."""

OWNER = Organization("org_price_steps", "Price steps")
CHAT, EVALS = "wrkspc_chat", "wrkspc_evals"
WORKSPACES = (Workspace(CHAT, "chat"), Workspace(EVALS, "evals"))
"""Beside them there is the default workspace."""
KEYS = (
    ApiKey("apikey_web", "web", "active", "sk-…0001", CHAT, CHAT),
    ApiKey("apikey_mobile", "mobile", "active", "sk-…0002", CHAT, CHAT),
    ApiKey("apikey_nightly", "nightly", "active", "sk-…0003", EVALS, EVALS),
    ApiKey("apikey_scripts", "scripts", "active", "sk-…0004", None, "wrkspc_default"),
)
OPUS, HAIKU, NOVA = "claude-opus-5", "claude-haiku-4-5-20251001", "claude-nova-1"
"""Two that the price list knows, one of them by its snapshot, and one that it does not."""
SHORT, LONG = "0-200k", "200k-1M"
SERIES = (
    Series(CHAT, OPUS, "apikey_web", "standard", SHORT),
    Series(CHAT, OPUS, "apikey_mobile", "standard", SHORT),
    Series(CHAT, OPUS, "apikey_web", "standard", LONG),
    Series(CHAT, HAIKU, "apikey_web", "standard", SHORT),
    Series(CHAT, NOVA, "apikey_mobile", "standard", SHORT),
    Series(EVALS, OPUS, "apikey_nightly", "batch", SHORT),
    Series(EVALS, HAIKU, "apikey_nightly", "batch", SHORT),
    Series(EVALS, NOVA, "apikey_nightly", "batch", SHORT),
    Series(EVALS, HAIKU, "apikey_nightly", "standard", SHORT),
    Series(None, OPUS, "apikey_scripts", "standard", SHORT),
    Series(None, NOVA, "apikey_scripts", "standard", SHORT),
    Series(None, HAIKU, None, "standard", SHORT),
)

_LIST_CENTS = {
    OPUS: (Decimal("0.0005"), Decimal("0.0025")),
    HAIKU: (Decimal("0.0001"), Decimal("0.0005")),
    NOVA: (Decimal("0.0007"), Decimal("0.0035")),
}
"""Cents for one token, of input and of output."""
_FACTORS = {
    TokenType.UNCACHED_INPUT: Decimal(1),
    TokenType.CACHE_READ: Decimal("0.1"),
    TokenType.CACHE_WRITE_5M: Decimal("1.25"),
    TokenType.CACHE_WRITE_1H: Decimal(2),
    TokenType.OUTPUT: Decimal(1),
}
_SEARCH_CENTS, _CODE_CENTS = Decimal(1), Decimal(20)
_GEOS = {
    (CHAT, OPUS): {"global": Decimal("0.75"), "us": Decimal("0.25") * Decimal("1.1")},
}
"""Whose tokens run in two geos, a quarter of them in the dearer one: two lines of the bill, one pool."""
_WORDS = {
    TokenType.UNCACHED_INPUT: "Input Tokens",
    TokenType.CACHE_READ: "Input Tokens, Cache Hit",
    TokenType.CACHE_WRITE_5M: "Input Tokens, Cache Write",
    TokenType.CACHE_WRITE_1H: "Input Tokens, Cache Write 1h",
    TokenType.OUTPUT: "Output Tokens",
}
ALL_MODELS = frozenset(_LIST_CENTS)
ALL_WORKSPACES: frozenset[str | None] = frozenset({None, CHAT, EVALS})


class Pool(NamedTuple):
    """What has one price on one day."""

    workspace_id: str | None
    model: str | None
    token_type: TokenType
    service_tier: str | None
    context_window: str | None

    @classmethod
    def of(cls, series: Series, token_type: TokenType) -> Pool:
        """The pool that pays for a series' tokens of one type."""
        return cls(series.workspace_id, series.model, token_type, series.service_tier, series.context_window)

    @property
    def key(self) -> PriceKey:
        """What its price depends on, whichever workspace it is."""
        return PriceKey(self.model, self.token_type, self.service_tier, self.context_window)


CREDITED = Pool(CHAT, NOVA, TokenType.OUTPUT, "standard", SHORT)
"""The pool of which credits take something back."""


@dataclass(frozen=True, slots=True)
class Step:
    """Prices become ``factor`` times what they were, at 00:00Z so many days before today, and stay so."""

    factor: Decimal
    days_ago: int
    models: frozenset[str] = ALL_MODELS
    workspaces: frozenset[str | None] = ALL_WORKSPACES
    token_types: frozenset[TokenType] = frozenset(TokenType)
    beside_tokens: bool = False
    """Whether searches and code execution step as well."""


@dataclass(frozen=True, slots=True)
class Credit:
    """A negative line takes a part of one pool's amount back, on a day so many days ago (1 or more)."""

    part: Decimal
    days_ago: int


class Used(NamedTuple):
    """What one series took of some time."""

    tokens: TokenCounts = NO_TOKENS
    searches: int = 0

    def plus(self, other: Used) -> Used:
        """Both together."""
        return Used(self.tokens + other.tokens, self.searches + other.searches)


class Organisation:
    """Use drawn from a seed, and prices: the list less a discount, steps, credits. All of it is exact."""

    def __init__(
        self,
        seed: int = 1,
        steps: Sequence[Step] = (),
        credited: Sequence[Credit] = (),
        of_list: Decimal = Decimal("0.88"),
        of_evals: Decimal = Decimal("0.95"),
    ) -> None:
        """``of_list``: which part of the list is paid; ``of_evals``: which part of that one workspace pays."""
        self.steps = tuple(steps)
        self.seed = seed
        self._credits = {TODAY - credit.days_ago * DAY: credit.part for credit in credited}
        self._of_list, self._of_evals = of_list, of_evals
        self.token_cents = cache(self._token_cents)
        self._lines_of_hours = cache(self._lines)

    def _token_cents(self, day: datetime, pool: Pool) -> Decimal:
        """What one token of a pool costs on a day, whatever its geo, by the final bill."""
        cents = _times(self._cents_in_one_geo(day, pool), sum(_geos(pool).values(), Decimal(0)))
        return _times(cents, 1 - self._credit(day, pool))

    def search_cents(self, day: datetime) -> Decimal:
        """What one web search costs on a day."""
        return _times(_SEARCH_CENTS, self._beside_tokens(day))

    def code_cents(self, day: datetime, hours: int) -> Decimal:
        """What the first hours of a day cost for code execution, all of it in one workspace."""
        ran = sum(_weight(_slot(day) + hour) // 10 for hour in range(hours))
        return _times(_CODE_CENTS, self._beside_tokens(day), ran)

    def lines(self, day: datetime, as_of: datetime) -> tuple[CostRow, ...]:
        """A day's bill as it is at a moment; nothing while no hour of it is billed."""
        hours = max(0, min(24, (as_of - BILL_LAG - day) // HOUR))
        return self._lines_of_hours(day, hours) if hours and day >= FIRST_DAY else ()

    def _lines(self, day: datetime, hours: int) -> tuple[CostRow, ...]:
        return tuple(self._each_line(day, hours))

    def _each_line(self, day: datetime, hours: int) -> Iterator[CostRow]:
        tokens: dict[Pool, int] = {}
        searches: dict[str | None, int] = {}
        for series in SERIES:
            used = used_in_hours(self.seed, series, day, hours)
            for token_type, count in used.tokens.items():
                pool = Pool.of(series, token_type)
                tokens[pool] = tokens.get(pool, 0) + count
            searches[series.workspace_id] = searches.get(series.workspace_id, 0) + used.searches
        for pool, count in tokens.items():
            if count:
                yield from self._lines_of(day, pool, count)
        for workspace, count in searches.items():
            if count:
                yield CostRow(
                    _other_line(workspace, "Web Search Usage", "web_search"),
                    _times(self.search_cents(day), count),
                )
        yield CostRow(
            _other_line(CHAT, "Code Execution Usage", "code_execution"), self.code_cents(day, hours)
        )

    def _lines_of(self, day: datetime, pool: Pool, count: int) -> Iterator[CostRow]:
        model = (pool.model or "").removeprefix("claude-").removesuffix("-20251001")
        line = CostLine(
            pool.workspace_id,
            f"{model} Usage - {_WORDS[pool.token_type]}",
            "tokens",
            pool.model,
            pool.token_type.in_bill,
            pool.service_tier,
            pool.context_window,
            "global",
        )
        for geo, part in _geos(pool).items():
            cents = _times(self._cents_in_one_geo(day, pool), part, count)
            yield CostRow(line._replace(inference_geo=geo), cents)
            if credit := self._credit(day, pool):
                yield CostRow(
                    line._replace(inference_geo=geo, description=f"{model} Credit"), _times(cents, -credit)
                )

    def _cents_in_one_geo(self, day: datetime, pool: Pool) -> Decimal:
        workspace, model, token_type, tier, context = pool
        is_output = token_type is TokenType.OUTPUT
        cents = _times(_LIST_CENTS[model or ""][is_output], _FACTORS[token_type], self._of_list)
        if tier == "batch":
            cents = _times(cents, Decimal("0.5"))
        if context == LONG:
            cents = _times(cents, Decimal("1.5") if is_output else 2)
        if workspace == EVALS:
            cents = _times(cents, self._of_evals)
        for step in self._made(day):
            if model in step.models and workspace in step.workspaces and token_type in step.token_types:
                cents = _times(cents, step.factor)
        return cents

    def has_credits(self, day: datetime) -> bool:
        """Whether the bill of a day has lines below zero."""
        return day in self._credits

    def _credit(self, day: datetime, pool: Pool) -> Decimal:
        return self._credits.get(day, Decimal(0)) if pool == CREDITED else Decimal(0)

    def _beside_tokens(self, day: datetime) -> Decimal:
        return _times(self._of_list, *(step.factor for step in self._made(day) if step.beside_tokens))

    def _made(self, day: datetime) -> list[Step]:
        return [step for step in self.steps if day >= TODAY - step.days_ago * DAY]


def used_in_hours(seed: int, series: Series, first: datetime, hours: int = 1) -> Used:
    """What a series takes in some hours of a day."""
    return _used(seed, series, _slot(first), hours)


def used_in_minutes(seed: int, series: Series, hour: datetime, first: int, end: int) -> Used:
    """What a series takes in some minutes of an hour; all sixty add up to the hour."""
    whole = used_in_hours(seed, series, hour)
    counts = [_between(count, first, end) for _, count in whole.tokens.items()]
    return Used(TokenCounts(*counts), _between(whole.searches, first, end))


def _geos(pool: Pool) -> dict[str, Decimal]:
    """What part of a token's price each geo adds to the pool's."""
    return _GEOS.get((pool.workspace_id or "", pool.model or ""), {"global": Decimal(1)})


def _other_line(workspace: str | None, description: str, cost_type: str) -> CostLine:
    return CostLine(workspace, description, cost_type, None, None, None, None, None)


def _times(*factors: Decimal | int) -> Decimal:
    """The exact product."""
    return reduce(EXACT.multiply, map(Decimal, factors))


def _between(count: int, first: int, end: int) -> int:
    """What falls into some minutes of an hour: minutes add up to it."""
    return count * end // 60 - count * first // 60


def _slot(moment: datetime) -> int:
    """Which hour of the week it is."""
    return moment.weekday() * 24 + moment.hour


def _weight(slot: int) -> int:
    """How busy an hour of the week is, in percent: nights and weekends are quiet, not empty."""
    day, hour = divmod(slot, 24)
    busy = 100 if 8 <= hour < 19 else 80 if 6 <= hour < 22 else 60
    return busy if day < 5 else busy // 2


@cache
def _used(seed: int, series: Series, slot: int, hours: int) -> Used:
    """What a series takes of some hours of every week."""
    each = (_used_in_hour(seed, series, slot + at) for at in range(hours))
    return reduce(Used.plus, each, Used())


@cache
def _used_in_hour(seed: int, series: Series, slot: int) -> Used:
    """Never so little that the rounding of money shows."""
    draw = random.Random(f"{seed} {series}")
    size = draw.randint(1, 9)
    mix = draw.choice(((60, 300, 20, 5, 15), (100, 0, 0, 0, 30), (40, 90, 30, 0, 20)))
    searches = draw.randint(1, 3) if series.api_key_id == "apikey_web" else 0
    share = _weight(slot) * random.Random(f"{seed} {series} {slot}").randint(70, 130)
    return Used(TokenCounts(*(size * part * share for part in mix)), searches * share // 100)
