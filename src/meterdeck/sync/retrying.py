"""What may go well at the next try, and how long to leave it alone until then."""

from __future__ import annotations

import random
from datetime import timedelta

from meterdeck.api import (
    ApiError,
    KeyRefused,
    PaymentRequired,
    RateLimited,
    RequestRefused,
    ServerFailed,
    TooLarge,
    Unreachable,
)
from meterdeck.domain.errors import MeterdeckError
from meterdeck.sync.aside import AsideDied

FIRST_RETRY = timedelta(seconds=5)
LONGEST_RETRY = timedelta(minutes=5)
RATE_LIMITED_RETRY = timedelta(seconds=30)

PASSING = (RateLimited, ServerFailed, Unreachable, TooLarge, AsideDied)
"""What may go well at the next try; of a page that is too large less is asked then."""


def retry_after(error: MeterdeckError, failures: int) -> timedelta | None:
    """How long to leave what failed alone: as the server said, else longer each time (api-facts 1.3, 1.4).

    None where asking again by itself is useless; a user may still want to.
    """
    if isinstance(error, KeyRefused | PaymentRequired | RequestRefused):
        return None
    first = RATE_LIMITED_RETRY if isinstance(error, RateLimited) else FIRST_RETRY
    if isinstance(error, ApiError) and error.retry_after is not None:
        return timedelta(seconds=error.retry_after)
    # Jitter keeps sessions of many hosts from asking in step after an outage.
    return min(LONGEST_RETRY, first * (1 << min(failures - 1, 10))) * random.uniform(1.0, 1.25)
