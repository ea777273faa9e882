"""Token counts: five integers that are never mixed up with one another."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class TokenType(StrEnum):
    """The five kinds of token, named as the cost report names them (api-facts 3.2)."""

    UNCACHED_INPUT = "uncached_input_tokens"
    CACHE_READ = "cache_read_input_tokens"
    CACHE_WRITE_5M = "cache_creation.ephemeral_5m_input_tokens"
    CACHE_WRITE_1H = "cache_creation.ephemeral_1h_input_tokens"
    OUTPUT = "output_tokens"

    @classmethod
    def of_line(cls, text: str | None) -> TokenType | None:
        """The type that a line of the bill names; None for one that no counter of usage is of."""
        return _OF_LINES.get(text)

    @property
    def counter(self) -> str:
        """The field of `TokenCounts` that holds this type, and its name in reports."""
        return _COUNTERS[self]


_COUNTERS = {
    TokenType.UNCACHED_INPUT: "uncached_input",
    TokenType.CACHE_READ: "cache_read",
    TokenType.CACHE_WRITE_5M: "cache_write_5m",
    TokenType.CACHE_WRITE_1H: "cache_write_1h",
    TokenType.OUTPUT: "output",
}

_OF_LINES: dict[str | None, TokenType] = {token_type.value: token_type for token_type in TokenType}


@dataclass(frozen=True, slots=True)
class TokenCounts:
    """How many tokens of each type; they add up field by field."""

    uncached_input: int = 0
    cache_read: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    output: int = 0

    def __add__(self, other: TokenCounts) -> TokenCounts:
        return TokenCounts(
            self.uncached_input + other.uncached_input,
            self.cache_read + other.cache_read,
            self.cache_write_5m + other.cache_write_5m,
            self.cache_write_1h + other.cache_write_1h,
            self.output + other.output,
        )

    @property
    def total(self) -> int:
        """All five counters added; the API has no total field (api-facts 2.5)."""
        return self.uncached_input + self.cache_read + self.cache_write_5m + self.cache_write_1h + self.output

    @property
    def input(self) -> int:
        """Every input token, however it was cached."""
        return self.total - self.output

    def of(self, token_type: TokenType) -> int:
        """The counter of one type."""
        count: int = getattr(self, token_type.counter)
        return count

    def only(self, token_type: TokenType) -> TokenCounts:
        """The same count of one type and zero of the others."""
        return TokenCounts(**{token_type.counter: self.of(token_type)})

    def items(self) -> list[tuple[TokenType, int]]:
        """(type, count) for all five types, in the order of the fields."""
        return [(token_type, self.of(token_type)) for token_type in TokenType]


NO_TOKENS = TokenCounts()


def total_of(counts: Iterable[TokenCounts]) -> TokenCounts:
    """Add many counts up."""
    return sum(counts, start=NO_TOKENS)
