"""Names of models as people say them."""

from __future__ import annotations

import re

_MODEL = re.compile(r"(?:claude-)?(.+?)(?:-\d{8})?")


def short_model(model: str) -> str:
    """``claude-haiku-4-5-20251001`` → ``haiku-4-5``: without the family's prefix and the release date."""
    match = _MODEL.fullmatch(model)
    return match[1] if match else ""
