"""The error envelope of api-facts 1.3: type, message and request id, in the body and in the headers."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    405: "invalid_request_error",
    429: "rate_limit_error",
}


class Refused(Exception):
    """A request that the API would not answer."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def bad_request(message: str) -> Refused:
    """A 400."""
    return Refused(400, message)


def not_found() -> Refused:
    """The 404 of an unknown path or id."""
    return Refused(404, "The requested resource could not be found.")


async def answer_refused(request: Request, error: Exception) -> Response:
    """Turn a refusal into the envelope."""
    status, message = 500, "Internal server error"
    if isinstance(error, Refused):
        status, message = error.status, error.message
    elif isinstance(error, HTTPException):
        status = error.status_code
        message = "Method not allowed." if status == 405 else not_found().message
    return JSONResponse(
        {
            "type": "error",
            "error": {"type": _TYPES.get(status, "api_error"), "message": message},
            "request_id": request.state.request_id,
        },
        status_code=status,
        headers={"request-id": request.state.request_id},
    )
