"""Names for members: ids are identity, names are labels, and null has a meaning under each dimension."""

from __future__ import annotations

from dataclasses import dataclass

from meterdeck.domain.dimensions import Dimension, Kind, kind_of
from meterdeck.domain.errors import UsageError
from meterdeck.domain.tokens import TokenType
from meterdeck.store.directory import Directory

DEFAULT_NAME = "Default"
CONSOLE_NAME = "Console"
NOT_TOKENS_NAME = "Not tokens"
NOT_STATED_NAME = "not stated"


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a dimension: ``id`` is None for the default workspace, Console use and what is no token cost."""

    id: str | None
    name: str
    kind: Kind
    hint: str | None = None
    """The end of an API key's hint: what tells two keys of one name apart."""


NOT_ALLOCATED = Member(None, "not allocated", Kind.NOT_ALLOCATED)
"""Whose money is that nothing can share out."""


class Names:
    """Labels from the directory, and members from what a user typed."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._hints = {key.id: (key.hint or key.id)[-_HINT_SHOWN:] for key in directory.api_keys}
        self._labels = {
            Dimension.WORKSPACE: {workspace.id: workspace.name for workspace in directory.workspaces},
            Dimension.API_KEY: {key.id: key.name for key in directory.api_keys},
            Dimension.TOKEN_TYPE: {token_type.value: token_type.words for token_type in TokenType},
            Dimension.COST_TYPE: _COST_TYPES,
            Dimension.INFERENCE_GEO: _GEOS,
        }

    def member(self, dimension: Dimension, member_id: str | None, *, in_bill: bool = False) -> Member:
        """The member of an id; an id that the directory does not know is its own name."""
        kind = kind_of(dimension, member_id, in_bill=in_bill)
        if member_id is not None:
            name = self._labels.get(dimension, {}).get(member_id, member_id)
            return Member(member_id, name, kind, self._hints.get(member_id))
        return Member(None, _null_name(dimension, kind), kind)

    def find(self, dimension: Dimension, typed: str) -> str | None:
        """The id for what a user typed: an id, a name, or the word for null (``default``, ``console``).

        Raises `UsageError` for a name that several share (listing their ids), or that nobody has.
        """
        word = typed.casefold()
        if dimension is Dimension.WORKSPACE and (
            word == "default" or typed == self._directory.default_workspace_id
        ):
            return None
        if dimension is Dimension.API_KEY and word == "console":
            return None
        labels = self._labels.get(dimension)
        if labels is None or typed in labels:
            return typed
        named = [member_id for member_id, name in labels.items() if name.casefold() == word]
        if len(named) > 1:
            raise UsageError(
                f"Several {dimension.title}s are named {typed!r}: {', '.join(sorted(named))}.",
                next="Give the id instead.",
            )
        if named:
            return named[0]
        if typed.startswith(_ID_PREFIXES[dimension]):
            return typed  # an id that the directory has not told us of yet
        raise UsageError(f"There is no {dimension.title} named {typed!r}.", next=self._hint(dimension))

    def _hint(self, dimension: Dimension) -> str:
        known = sorted(set(self._labels[dimension].values()), key=str.casefold)
        return f"Known: {', '.join(known)}." if known else "The directory has not been read yet; give the id."


_NULL_NAMES = {Kind.DEFAULT: DEFAULT_NAME, Kind.CONSOLE: CONSOLE_NAME, Kind.NOT_TOKEN: NOT_TOKENS_NAME}
_NAMES_OF_NONE = {Dimension.ACCOUNT: "no account (API keys)", Dimension.SERVICE_ACCOUNT: "no service account"}
_GEOS = {"not_available": "no choice (older model)"}
"""Models from before 2026-02 can't choose where they run (api-facts 2.5)."""
_COST_TYPES = {"web_search": "web search", "code_execution": "code execution", "session_usage": "sessions"}
"""What a session is, the API's reference does not say (api-facts 3.2)."""
_ID_PREFIXES = {Dimension.WORKSPACE: "wrkspc_", Dimension.API_KEY: "apikey_"}
_HINT_SHOWN = 4


def _null_name(dimension: Dimension, kind: Kind) -> str:
    if kind is Kind.NONE:
        return _NAMES_OF_NONE.get(dimension, NOT_STATED_NAME)
    return _NULL_NAMES.get(kind, NOT_STATED_NAME)
