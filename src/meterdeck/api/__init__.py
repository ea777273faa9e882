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
from meterdeck.api.transport import Pacing

__all__ = [
    "AdminClient",
    "ApiError",
    "BadPayload",
    "CostQuery",
    "DateRangeRefused",
    "KeyRefused",
    "NotAllowed",
    "Pacing",
    "RateLimited",
    "RequestRefused",
    "ServerFailed",
    "Unreachable",
    "UsageQuery",
]
