"""The client of the two Admin reports and their neighbours; the only package that knows httpx.

Usable as a library (docs/library.md): what its functions take and give can be imported from here.
"""

from meterdeck.api.client import AdminClient
from meterdeck.api.errors import (
    ApiError,
    BadPayload,
    DateRangeRefused,
    KeyRefused,
    PaymentRequired,
    RateLimited,
    RequestRefused,
    ServerFailed,
    TooLarge,
    Unreachable,
)
from meterdeck.api.paging import Digest, Page, Pages, PagesOf
from meterdeck.api.queries import COST_DIMENSIONS, USAGE_DIMENSIONS, CostQuery, UsageQuery, between
from meterdeck.api.transport import Pacing
from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.errors import NotAllowed
from meterdeck.domain.money import cents_to_usd, sum_exactly
from meterdeck.domain.remarks import Remark
from meterdeck.domain.reports import (
    ApiKey,
    CostBucket,
    CostLine,
    CostRow,
    Organization,
    RateLimit,
    UsageBucket,
    UsageRow,
    Workspace,
)
from meterdeck.domain.secret import Secret
from meterdeck.domain.servers import OFFICIAL_URL
from meterdeck.domain.tokens import TokenCounts, TokenType

__all__ = [
    "COST_DIMENSIONS",
    "OFFICIAL_URL",
    "USAGE_DIMENSIONS",
    "AdminClient",
    "ApiError",
    "ApiKey",
    "BadPayload",
    "BucketWidth",
    "CostBucket",
    "CostLine",
    "CostQuery",
    "CostRow",
    "DateRangeRefused",
    "Digest",
    "Dimension",
    "KeyRefused",
    "NotAllowed",
    "Organization",
    "Pacing",
    "Page",
    "Pages",
    "PagesOf",
    "PaymentRequired",
    "RateLimit",
    "RateLimited",
    "Remark",
    "RequestRefused",
    "Secret",
    "ServerFailed",
    "TokenCounts",
    "TokenType",
    "TooLarge",
    "Unreachable",
    "UsageBucket",
    "UsageQuery",
    "UsageRow",
    "Window",
    "Workspace",
    "between",
    "cents_to_usd",
    "sum_exactly",
]
