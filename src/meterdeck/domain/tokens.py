"""Token counts: five integers that are never mixed up with one another."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class TokenType(StrEnum):
    """The five kinds of token.

    The value is the one name that is written anywhere, and the field of `TokenCounts` that holds the type. The bill
    words them otherwise: `of_line` reads its words, `in_bill` gives them.
    """

    UNCACHED_INPUT = "uncached_input"
    CACHE_READ = "cache_read"
    CACHE_WRITE_5M = "cache_write_5m"
    CACHE_WRITE_1H = "cache_write_1h"
    OUTPUT = "output"

    @classmethod
    def of_line(cls, text: str | None) -> TokenType | None:
        """The type that a line of the bill names; None for one that no counter of usage is of."""
        return _OF_LINES.get(text)

    @property
    def in_bill(self) -> str:
        """The bill's own words for it (api-facts 3.2)."""
        return _IN_BILL[self]

    @property
    def words(self) -> str:
        """``cache write 5m``: as a person reads it."""
        return self.value.replace("_", " ")

    @property
    def spellings(self) -> tuple[str, ...]:
        """Everything that a user may type for it, the name that is written first."""
        whole, part = self.in_bill, self.in_bill.rpartition(".")[2]
        return tuple(dict.fromkeys((self.value, self.words, f"{self.value}_tokens", whole, part)))


_IN_BILL = {
    TokenType.UNCACHED_INPUT: "uncached_input_tokens",
    TokenType.CACHE_READ: "cache_read_input_tokens",
    TokenType.CACHE_WRITE_5M: "cache_creation.ephemeral_5m_input_tokens",
    TokenType.CACHE_WRITE_1H: "cache_creation.ephemeral_1h_input_tokens",
    TokenType.OUTPUT: "output_tokens",
}

_OF_LINES: dict[str | None, TokenType] = {text: token_type for token_type, text in _IN_BILL.items()}


def token_type_of_line(text: str | None) -> str | None:
    """How a line's token type is written: by the one name; as it came where it is a new one, or none."""
    known = TokenType.of_line(text)
    return text if known is None else known.value


@dataclass(frozen=True, slots=True)
class TokenCounts:
    """How many tokens of each type; they add up field by field."""

    uncached_input: int = 0
    cache_read: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    output: int = 0
    other_writes: int = 0
    """Cache writes for a lifetime that this version does not know: they have no token type, and no price."""

    def __add__(self, other: TokenCounts) -> TokenCounts:
        return TokenCounts(
            self.uncached_input + other.uncached_input,
            self.cache_read + other.cache_read,
            self.cache_write_5m + other.cache_write_5m,
            self.cache_write_1h + other.cache_write_1h,
            self.output + other.output,
            self.other_writes + other.other_writes,
        )

    @property
    def total(self) -> int:
        """All counters added; the API has no total field (api-facts 2.5)."""
        known = (
            self.uncached_input + self.cache_read + self.cache_write_5m + self.cache_write_1h + self.output
        )
        return known + self.other_writes

    @property
    def input(self) -> int:
        """Every input token, however it was cached."""
        return self.total - self.output

    def of(self, token_type: TokenType) -> int:
        """The counter of one type."""
        count: int = getattr(self, token_type.value)
        return count

    def only(self, token_type: TokenType) -> TokenCounts:
        """The same count of one type and zero of the others."""
        return TokenCounts(**{token_type.value: self.of(token_type)})

    def items(self) -> list[tuple[TokenType, int]]:
        """(type, count) for all five types, in the order of the fields."""
        return [(token_type, self.of(token_type)) for token_type in TokenType]


NO_TOKENS = TokenCounts()


def total_of(counts: Iterable[TokenCounts]) -> TokenCounts:
    """Add many counts up."""
    return sum(counts, start=NO_TOKENS)
