"""The client of the two Admin reports and their neighbours; the only package that knows httpx."""

from meterdeck.api.client import AdminClient
from meterdeck.api.errors import (
    ApiError,
    BadPayload,
    DateRangeRefused,
    KeyRefused,
    NotAllowed,
    RateLimited,
    RequestRefused,
    ServerFailed,
    Unreachable,
)
from meterdeck.api.queries import CostQuery, UsageQuery

__all__ = [
    "AdminClient",
    "ApiError",
    "BadPayload",
    "CostQuery",
    "DateRangeRefused",
    "KeyRefused",
    "NotAllowed",
    "RateLimited",
    "RequestRefused",
    "ServerFailed",
    "Unreachable",
    "UsageQuery",
]
