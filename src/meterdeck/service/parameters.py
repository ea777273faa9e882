"""Reading and checking the parameters of a request (api-facts 2.1, 2.3, 3.1, 3.3, 6)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.requests import Request

from meterdeck.domain.buckets import BucketWidth
from meterdeck.service import paging
from meterdeck.service.errors import Refused, bad_request

VERSION_HEADER = "anthropic-version"
FAST_MODE_BETA = "fast-mode-2026-02-01"
MOST_GROUP_BY = 5
BAD_DATE_RANGE = "Invalid date range: ending date must be after starting date"

USAGE_FILTERS = {
    "workspace_ids": "workspace_id",
    "models": "model",
    "api_key_ids": "api_key_id",
    "service_tiers": "service_tier",
    "context_window": "context_window",
    "inference_geos": "inference_geo",
    "speeds": "speed",
    "account_ids": "account_id",
    "service_account_ids": "service_account_id",
}
"""Filter parameter → the row field it filters."""
USAGE_DIMENSIONS = tuple(USAGE_FILTERS.values())
COST_DIMENSIONS = ("description", "workspace_id")
_DEFAULT_LIMITS = {BucketWidth.DAY: 7, BucketWidth.HOUR: 24, BucketWidth.MINUTE: 60}
MOST_DAYS = 31


@dataclass(frozen=True, slots=True)
class ReportQuery:
    """A checked question for one of the reports; times are aligned UTC."""

    start: datetime
    end: datetime
    width: BucketWidth
    limit: int
    group_by: tuple[str, ...]
    filters: dict[str, frozenset[str]]
    fingerprint: str
    """What the query's page tokens are bound to."""


class Parameters:
    """The query string: single values, and arrays with or without brackets."""

    def __init__(self, request: Request, *, single: Collection[str], arrays: Collection[str] = ()) -> None:
        self._single: dict[str, str] = {}
        self._arrays: dict[str, list[str]] = {}
        pairs = request.query_params.multi_items()
        for name, value in pairs:
            array = name.removesuffix("[]")
            if array in arrays:
                self._arrays.setdefault(array, []).append(value)
            elif name not in single:
                raise bad_request(f"{name}: Extra inputs are not permitted")
            elif name in self._single:
                raise bad_request(f"{name}: given more than once")
            else:
                self._single[name] = value
        self.fingerprint = paging.fingerprint(
            request.url.path, ((name.removesuffix("[]"), value) for name, value in pairs)
        )

    def text(self, name: str) -> str | None:
        """A single value."""
        return self._single.get(name)

    def values(self, name: str) -> list[str]:
        """An array."""
        return self._arrays.get(name, [])

    def number(self, name: str, *, default: int, most: int) -> int:
        """A whole number from 1 to ``most``."""
        text = self.text(name)
        if text is None:
            return default
        if not (text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= most):
            raise bad_request(f"{name}: must be between 1 and {most}")
        return int(text)

    def moment(self, name: str) -> datetime | None:
        """An RFC 3339 time, in UTC."""
        text = self.text(name)
        if text is None:
            return None
        try:
            moment = datetime.fromisoformat(text)
            if moment.tzinfo is None:
                raise bad_request(f"{name}: a time zone is required")
            return moment.astimezone(UTC)
        except (ValueError, OverflowError):
            raise bad_request(f"{name}: Input should be a valid RFC 3339 datetime") from None

    def flag(self, name: str) -> bool:
        """A true or false value; false where it is not given."""
        text = self.text(name) or "false"
        if text not in {"true", "false"}:
            raise bad_request(f"{name}: Input should be true or false")
        return text == "true"


def check_headers(request: Request, accepted_key: str | None) -> None:
    """Refuse a request without a credential (401) or without its version (400)."""
    bearer = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
    key = request.headers.get("x-api-key", "") or bearer
    if not key or (accepted_key is not None and key != accepted_key):
        raise Refused(401, "invalid x-api-key")
    if not request.headers.get(VERSION_HEADER):
        raise bad_request("anthropic-version: header is required")


def usage_query(request: Request, now: datetime) -> ReportQuery:
    """Check a question for the usage report."""
    parameters = Parameters(
        request,
        single=("starting_at", "ending_at", "bucket_width", "limit", "page"),
        arrays=("group_by", *USAGE_FILTERS),
    )
    width = _width(parameters, tuple(BucketWidth))
    group_by = _group_by(parameters, USAGE_DIMENSIONS)
    filters = {
        USAGE_FILTERS[name]: frozenset(values)
        for name in USAGE_FILTERS
        if (values := parameters.values(name))
    }
    betas = {beta.strip() for beta in request.headers.get("anthropic-beta", "").split(",")}
    if "speed" in (*group_by, *filters) and FAST_MODE_BETA not in betas:
        raise bad_request(f"speed: requires the anthropic-beta header {FAST_MODE_BETA}")
    limit = parameters.number("limit", default=_DEFAULT_LIMITS[width], most=width.page_limit)
    start, end = _range(parameters, width, default_end=width.after(now))
    return ReportQuery(start, end, width, limit, group_by, filters, parameters.fingerprint)


def cost_query(request: Request, now: datetime) -> ReportQuery:
    """Check a question for the cost report: days only, no filters."""
    parameters = Parameters(
        request, single=("starting_at", "ending_at", "bucket_width", "limit", "page"), arrays=("group_by",)
    )
    width = _width(parameters, (BucketWidth.DAY,))
    group_by = _group_by(parameters, COST_DIMENSIONS)
    limit = parameters.number("limit", default=_DEFAULT_LIMITS[width], most=MOST_DAYS)
    start, end = _range(parameters, width, default_end=width.floor(now))
    return ReportQuery(start, end, width, limit, group_by, {}, parameters.fingerprint)


def first_bucket(request: Request, query: ReportQuery) -> datetime:
    """Where this page of a query starts."""
    token = request.query_params.get("page")
    if token is None:
        return query.start
    return datetime.fromtimestamp(paging.read_token(token, query.fingerprint), UTC)


def _width(parameters: Parameters, allowed: tuple[BucketWidth, ...]) -> BucketWidth:
    text = parameters.text("bucket_width") or BucketWidth.DAY.value
    for width in allowed:
        if width.value == text:
            return width
    raise bad_request(f"bucket_width: Input should be one of {', '.join(repr(w.value) for w in allowed)}")


def _group_by(parameters: Parameters, allowed: tuple[str, ...]) -> tuple[str, ...]:
    group_by = tuple(dict.fromkeys(parameters.values("group_by")))
    for name in group_by:
        if name not in allowed:
            options = ", ".join(f'"{option}"' for option in sorted(allowed))
            raise bad_request(f'group_by: Invalid group_by[]: "{name}". Valid options are {options}')
    if len(group_by) > MOST_GROUP_BY:
        raise bad_request(f"Cannot specify more than {MOST_GROUP_BY} group_by[] dimensions.")
    return group_by


def _range(parameters: Parameters, width: BucketWidth, *, default_end: datetime) -> tuple[datetime, datetime]:
    """Snap a start in mid-bucket up and an end in mid-bucket down (api-facts 2.3)."""
    start = parameters.moment("starting_at")
    if start is None:
        raise bad_request("starting_at: Field required")
    end = parameters.moment("ending_at") or default_end
    end = width.floor(end)
    # A start at the end of all time has no next bucket: it is compared before it moves up.
    if end <= start or end <= (start := width.ceil(start)):
        raise bad_request(BAD_DATE_RANGE)
    return start, end
