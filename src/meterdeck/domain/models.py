"""Names of models as people say them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

from meterdeck.domain.errors import UsageError

_MOST_NAMED = 6
"""So many names fit in a sentence."""

_MODEL = re.compile(r"(?:claude-)?(.+?)(?:-\d{8})?")


def short_model(model: str) -> str:
    """``claude-haiku-4-5-20251001`` → ``haiku-4-5``: without the family's prefix and the release date."""
    match = _MODEL.fullmatch(model)
    return match[1] if match else ""


class UnknownModel(UsageError):
    """No model that was ever used is called so."""


def is_whole_id(text: str) -> bool:
    """Whether a text says all of a model's id: ``claude-opus-5``, and not ``opus-5``."""
    return text.startswith("claude-")


def models_called(typed: str, known: Iterable[str]) -> frozenset[str]:
    """The ids of the models that are meant by an id, a short name, a family (``opus``) or a part of one name.

    A short name stands for all of its dated versions, a family for all of its models. Raises `UsageError` for what could
    be one of several models, naming them, and `UnknownModel` for what none is called.
    """
    names = {model: short_model(model).casefold() for model in known}
    whole = typed.strip().casefold()
    part = whole.removeprefix("claude-")
    found = (
        [model for model in names if model.casefold() == whole]
        or [model for model, name in names.items() if name == part]
        or [model for model, name in names.items() if part.isalpha() and part in name.split("-")]
    )
    if found:
        return frozenset(found)
    found = [model for model, name in names.items() if part in name or whole in model.casefold()]
    called = sorted({names[model] for model in found})
    if len(called) > 1:
        could = f"{typed!r} could be {len(called)} models: {_some(called)}."
        raise UsageError(could, next="Write more of it.")
    if not found:
        near = _near(part, sorted(set(names.values())))
        raise UnknownModel(f"No model {typed!r} was ever used.", next=near)
    return frozenset(found)


def _near(wanted: str, names: list[str]) -> str:
    near = difflib.get_close_matches(wanted, names, n=3)
    if near:
        return f"Near: {', '.join(near)}."
    return f"Known: {_some(names)}." if names else ""


def _some(names: list[str]) -> str:
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
