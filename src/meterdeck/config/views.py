"""Saved views: what was on show under a name, as tables of TOML, checked line by line and written anew."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from meterdeck.config import settings
from meterdeck.config.document import Document, Names
from meterdeck.domain.buckets import BucketWidth, Window, rfc3339
from meterdeck.domain.dimensions import ON_DEMAND_DIMENSIONS, SERIES_DIMENSIONS, Dimension
from meterdeck.domain.errors import UsageError
from meterdeck.domain.measure import Measure
from meterdeck.domain.scope import Scope, Since, Span

SETTING = "views"
PANES = ("rates", "breakdown", "costs")
DEFAULT_PANE = "breakdown"
NULL_WORDS = {Dimension.WORKSPACE: "default", Dimension.API_KEY: "console"}
"""How the member without an id is written."""
NULL: frozenset[str | None] = frozenset({None})
NOT_STATED = "null"
"""The same where a dimension has no word of its own for it."""

_FILTERS = {dimension.word: dimension for dimension in SERIES_DIMENSIONS}
_BY = (*SERIES_DIMENSIONS, Dimension.TOKEN_TYPE, *ON_DEMAND_DIMENSIONS)
_COSTS_BY = (
    *(dimension for dimension in SERIES_DIMENSIONS if dimension is not Dimension.API_KEY),
    Dimension.TOKEN_TYPE,
    Dimension.INFERENCE_GEO,
    Dimension.COST_TYPE,
    Dimension.DESCRIPTION,
)
_OTHERS = ("window", "since", "until", "by", "costs_by", "measure", "pane", "local_time")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")

Find = Callable[[Dimension, str], frozenset[str | None]]
"""The ids for what was written of a member: an id or a name, which several models may share. Raises `UsageError`."""


@dataclass(frozen=True, slots=True)
class View:
    """What a screen showed: a scope whose members are ids or names as they were written, and how it was shown."""

    filters: tuple[tuple[Dimension, tuple[str, ...]], ...] = ()
    span: Span = Span.DAY
    at: Since | Window | None = None
    by: Dimension = Dimension.WORKSPACE
    costs_by: Dimension | None = None
    measure: Measure = Measure.TOKENS
    pane: str = DEFAULT_PANE
    local_time: bool = False

    def scope(self, find: Find) -> Scope:
        """The scope, its members found by name; raises `UsageError` for one that nobody has."""
        scope = Scope(span=self.span, by=self.by, at=self.at)
        for dimension, words in self.filters:
            found = [NULL if word == _null_word(dimension) else find(dimension, word) for word in words]
            scope = scope.filtered(dimension, frozenset().union(*found))
        return scope


def words_of(scope: Scope) -> tuple[tuple[Dimension, tuple[str, ...]], ...]:
    """A scope's filters as a view writes them, by ids, which outlast names."""
    return tuple(
        (f.dimension, tuple(sorted(_null_word(f.dimension) if m is None else m for m in f.members)))
        for f in scope.filters
    )


def check_name(name: str) -> None:
    """Raise `UsageError` for what can't be a view's name."""
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"A view can't be called {settings.shown(name)}: letters, digits, . - and _, at most 64,"
            " a letter or digit first."
        )


def checked(document: Document, value: object) -> dict[str, tuple[View, str]]:
    """Each view with its place; raises `UsageError` with file, line and reason."""
    if type(value) is not dict:
        raise UsageError(f"{document.at((SETTING,))}: {SETTING} must be tables, such as [views.launch].")
    found = {}
    for name, table in value.items():
        here = (SETTING, name)
        place = document.at(here)
        try:
            check_name(name)
        except UsageError as error:
            raise UsageError(f"{place}: {error.what}") from None
        if type(table) is not dict:
            raise UsageError(f"{place}: a view must be a table: [views.{name}].")
        found[name] = _view(document, table, here), place
    return found


def written(view: View, name: str, labels: Mapping[tuple[Dimension, str], str]) -> str:
    """A view as a table of TOML; ``labels`` are the names of its members, put beside their ids for a reader."""
    lines = [f"[{SETTING}.{_quoted(name)}]"]
    for dimension, members in view.filters:
        told = ", ".join(labels[dimension, of] for of in members if labels.get((dimension, of), of) != of)
        comment = f"  # {told}" if told and told.isprintable() else ""
        lines.append(f"{dimension.word} = [{', '.join(map(_quoted, members))}]{comment}")
    lines.append(f"window = {_quoted(view.span.value)}")
    if view.at is not None:
        lines.append(f"since = {_quoted(rfc3339(view.at.start))}")
    if isinstance(view.at, Window):
        lines.append(f"until = {_quoted(rfc3339(view.at.end))}")
    lines.append(f"by = {_quoted(view.by.word)}")
    if view.costs_by is not None:
        lines.append(f"costs_by = {_quoted(view.costs_by.word)}")
    lines.append(f"measure = {_quoted(view.measure.value)}")
    lines.append(f"pane = {_quoted(view.pane)}")
    if view.local_time:
        lines.append("local_time = true")
    return "".join(f"{line}\n" for line in lines)


def _null_word(dimension: Dimension) -> str:
    return NULL_WORDS.get(dimension, NOT_STATED)


def _quoted(text: str) -> str:
    """A basic string of TOML, which escapes what JSON does, and one character more."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _view(document: Document, table: Mapping[str, Any], here: Names) -> View:
    filtered: dict[Dimension, str] = {}
    for name in table:
        dimension = Dimension.called(name)
        if name in _OTHERS:
            continue
        if dimension is None or dimension.word not in _FILTERS:
            raise settings.unknown(document.at((*here, name)), name, (*_FILTERS, *_OTHERS))
        if dimension in filtered:
            raise UsageError(
                f"{document.at((*here, name))}: {name} is one too many:"
                f" {filtered[dimension]} is the same, and was set before."
            )
        filtered[dimension] = name

    def read(name: str, check: Callable[[object], Any], default: Any) -> Any:
        if name not in table:
            return default
        try:
            return check(table[name])
        except ValueError as error:
            raise UsageError(f"{document.at((*here, name))}: {name} {error}.") from None

    filters = tuple(
        (dimension, read(filtered[dimension], _members, ()))
        for dimension in SERIES_DIMENSIONS
        if dimension in filtered
    )
    since, until = read("since", _moment, None), read("until", _moment, None)
    if until is not None and (since is None or until <= since):
        raise UsageError(f"{document.at((*here, 'until'))}: until must come after a since.")
    return View(
        filters,
        read("window", _one_of({span.value: span for span in Span}), Span.DAY),
        since if since is None else Window(since, until) if until else Since(since),
        read("by", _dimension_of(_BY), Dimension.WORKSPACE),
        read("costs_by", _dimension_of(_COSTS_BY), None),
        read("measure", _one_of({measure.value: measure for measure in Measure}), Measure.TOKENS),
        read("pane", _one_of({pane: pane for pane in PANES}), DEFAULT_PANE),
        read("local_time", _flag, default=False),
    )


def _members(value: object) -> tuple[str, ...]:
    if type(value) is list:
        if not value:
            raise ValueError("must name at least one")
        return tuple(settings.text(one) for one in value)
    return (settings.text(value),)


def _one_of(known: Mapping[str, Any]) -> Callable[[object], Any]:
    def check(value: object) -> Any:
        word = settings.text(value)
        if word not in known:
            raise ValueError(f"must be one of {_listed(known)}{settings.near(word, known)}")
        return known[word]

    return check


def _dimension_of(known: Iterable[Dimension]) -> Callable[[object], Any]:
    """By any of its names; what is refused is told by those that are written."""
    check_word = _one_of({dimension.word: dimension for dimension in known})

    def check(value: object) -> Any:
        called = Dimension.called(settings.text(value))
        return check_word(value if called is None else called.word)

    return check


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words)


def _flag(value: object) -> bool:
    if type(value) is not bool:
        raise ValueError(f"must be true or false, not {settings.kind(value)}")
    return value


def _moment(value: object) -> datetime:
    """A time with its zone, to the minute."""
    moment = value if type(value) is datetime else _parsed(settings.text(value))
    if moment is None or moment.tzinfo is None:
        raise ValueError('must be a time with its zone, such as "2026-11-20T13:05Z"')
    try:
        return BucketWidth.MINUTE.floor(moment.astimezone(UTC))
    except OverflowError:
        raise ValueError("lies outside the calendar") from None


def _parsed(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
