"""What is measured on a screen: tokens, or the dollars that they are worth."""

from __future__ import annotations

from enum import Enum


class Measure(Enum):
    """Tokens (whole), or estimated dollars (in whole cents where a chart needs heights)."""

    TOKENS = "tokens"
    USD = "usd"
