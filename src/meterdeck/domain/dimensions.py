"""Dimensions: what usage and bills can be grouped or filtered by, and what null means under each."""

from __future__ import annotations

from enum import Enum, StrEnum


class Dimension(Enum):
    """A dimension; the value is its field name in the API's rows.

    Usage knows all but the last three; the bill knows workspace, model, tier, context window, geo and the
    last three (api-facts 2.5 and 3.2).
    """

    WORKSPACE = "workspace_id"
    MODEL = "model"
    API_KEY = "api_key_id"
    SERVICE_TIER = "service_tier"
    CONTEXT_WINDOW = "context_window"
    INFERENCE_GEO = "inference_geo"
    SPEED = "speed"
    ACCOUNT = "account_id"
    SERVICE_ACCOUNT = "service_account_id"
    TOKEN_TYPE = "token_type"
    COST_TYPE = "cost_type"
    DESCRIPTION = "description"

    @classmethod
    def called(cls, text: str) -> Dimension | None:
        """The dimension of a name that a user typed, in any case; None where none is called so.

        That is its word, the API's name, or its title: ``api_key``, ``api_key_id``, ``API key``, ``geo``.
        """
        return _BY_NAME.get(plain_name(text))

    @property
    def names(self) -> tuple[str, ...]:
        """All that it may be called, the word first."""
        return tuple(dict.fromkeys((self.word, self.value, plain_name(self.title))))

    @property
    def word(self) -> str:
        """The name that is written, on the command line and in reports: ``workspace``, ``api_key``, …"""
        return self.value.removesuffix("_id")

    @property
    def title(self) -> str:
        """The name a person reads: ``workspace``, ``API key``, …"""
        return _TITLES.get(self, self.word.replace("_", " "))


def plain_name(text: str) -> str:
    """A name as names are compared: ``API key`` and ``api-key`` are ``api_key``."""
    return text.strip().casefold().replace(" ", "_").replace("-", "_")


_TITLES = {Dimension.API_KEY: "API key", Dimension.INFERENCE_GEO: "geo"}
_BY_NAME = {name: dimension for dimension in Dimension for name in dimension.names}

SERIES_DIMENSIONS = (
    Dimension.WORKSPACE,
    Dimension.MODEL,
    Dimension.API_KEY,
    Dimension.SERVICE_TIER,
    Dimension.CONTEXT_WINDOW,
)
"""The five that change price or ownership: all that one request may group by (api-facts 2.1)."""


MIX_DIMENSIONS = (
    Dimension.WORKSPACE,
    Dimension.MODEL,
    Dimension.SERVICE_TIER,
    Dimension.INFERENCE_GEO,
    Dimension.SPEED,
)
"""What the series leave out of a price, geo and speed, with what it belongs to. Speed comes last: it may be refused."""

ON_DEMAND_DIMENSIONS = (
    Dimension.INFERENCE_GEO,
    Dimension.SPEED,
    Dimension.ACCOUNT,
    Dimension.SERVICE_ACCOUNT,
)
"""What the series leave out: read when somebody asks (`meterdeck.domain.questions`), and never added to them."""


class Kind(StrEnum):
    """What a row stands for when its id may be null (api-facts, "null has three meanings")."""

    MEMBER = "member"
    DEFAULT = "default"
    CONSOLE = "console"
    NOT_TOKEN = "not_token"
    NOT_ALLOCATED = "not_allocated"
    """Money that no member has: nothing can share it out."""
    NONE = "none"
    """Usage that has none: no account, no service account, a geo or speed that was not told."""


BESIDE_MEMBERS = frozenset({Kind.NOT_TOKEN, Kind.NOT_ALLOCATED})
"""Kinds of rows that have money and no usage: they stand beside the members, without an id."""


def kind_of(dimension: Dimension, member_id: str | None, *, in_bill: bool = False) -> Kind:
    """Say what a member is: a null workspace is the default one, a null key is use of the Console.

    In a bill, a null model, tier, context window or token type is a cost that is not for tokens.
    """
    if member_id is not None:
        return Kind.MEMBER
    if dimension is Dimension.WORKSPACE:
        return Kind.DEFAULT
    if dimension is Dimension.API_KEY:
        return Kind.CONSOLE
    if dimension in ON_DEMAND_DIMENSIONS:  # a line for tokens may tell no geo either (api-facts 3.2)
        return Kind.NONE
    return Kind.NOT_TOKEN if in_bill else Kind.MEMBER
