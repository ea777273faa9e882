"""What can go wrong between us and the API, one class for each thing that a caller can do about it."""

from __future__ import annotations

from meterdeck.domain.errors import NO_CONNECTION, MeterdeckError

_KEEPS = "What was read before stays on screen."


class ApiError(MeterdeckError):
    """A request failed. The facts are attributes; None where the answer did not carry them."""

    def __init__(
        self,
        what: str,
        *,
        next: str = "",  # noqa: A002 - reads as a sentence
        status: int | None = None,
        error_type: str | None = None,
        message: str | None = None,
        request_id: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(what, still=_KEEPS, next=next)
        self.status = status
        self.error_type = error_type
        self.message = message
        self.request_id = request_id
        self.retry_after = retry_after
        """Seconds to wait, as the server asked; None where it did not."""

    @property
    def short(self) -> str:
        """A few words for a status line."""
        return str(self.status) if self.status is not None else self.what


class KeyRefused(ApiError):
    """401 or 403: the key is wrong, expired, of the wrong kind, or lacks the right. Asking again is useless."""


class PaymentRequired(ApiError):
    """402: the organisation has to pay or to add credit first. Neither the key nor the request is wrong."""


class RequestRefused(ApiError):
    """Another 4xx: this request is wrong. Sending it again is useless."""


class DateRangeRefused(RequestRefused):
    """The 400 about a date range that ends before it starts, after snapping (api-facts 3.3)."""


class RateLimited(ApiError):
    """429: nobody may ask again before `retry_after` is over (api-facts 1.4)."""


class ServerFailed(ApiError):
    """5xx or 529: the API's side; later tries can succeed."""


class Unreachable(ApiError):
    """No answer: no network, a name that does not resolve, a refused or broken connection, a time-out."""

    was_sent = True
    """Whether the server may have got the request; False where not even a connection came about."""

    @property
    def short(self) -> str:
        """A few words for a status line."""
        return NO_CONNECTION


class BadPayload(ApiError):
    """An answer came that can't be believed; nothing of it is stored. The message names the place."""

    def __init__(self, place: str, reason: str, *, request_id: str | None = None) -> None:
        super().__init__(
            f"The API's answer makes no sense at {place}: {reason}.",
            next="Nothing of it was stored; please report this with the request id if it goes on.",
            request_id=request_id,
        )
        self.place = place
        self.reason = reason

    @property
    def short(self) -> str:
        """A few words for a status line."""
        return f"bad answer at {self.place}"


class TooLarge(BadPayload):
    """A page beyond the cap; asking for fewer buckets helps."""

    def __init__(self, *, request_id: str | None = None) -> None:
        super().__init__("the top", "more than 64 MiB in one page", request_id=request_id)
