"""Questions for the two reports: frozen values that refuse what the API would refuse, before sending."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from meterdeck.api.errors import NotAllowed
from meterdeck.domain.buckets import BucketWidth, Window, rfc3339
from meterdeck.domain.dimensions import SERIES_DIMENSIONS, Dimension

MAX_GROUP_BY = 5
MAX_COST_LIMIT = 31
FAST_MODE_BETA = "fast-mode-2026-02-01"

_FILTER_NAMES = {
    Dimension.WORKSPACE: "workspace_ids[]",
    Dimension.MODEL: "models[]",
    Dimension.API_KEY: "api_key_ids[]",
    Dimension.SERVICE_TIER: "service_tiers[]",
    Dimension.CONTEXT_WINDOW: "context_window[]",  # singular: api-facts 2.1
    Dimension.INFERENCE_GEO: "inference_geos[]",
    Dimension.SPEED: "speeds[]",
    Dimension.ACCOUNT: "account_ids[]",
    Dimension.SERVICE_ACCOUNT: "service_account_ids[]",
}
_COST_GROUP_BY = (Dimension.WORKSPACE, Dimension.DESCRIPTION)

Parameters = list[tuple[str, str | int | float | bool | None]]


@dataclass(frozen=True, slots=True)
class UsageQuery:
    """A question for the usage report (api-facts 2.1).

    The window must be aligned to the width, at most five dimensions can be grouped by, and ``limit`` is the
    number of buckets a page. Raises `NotAllowed` for what the API would refuse.
    """

    window: Window
    width: BucketWidth
    group_by: tuple[Dimension, ...] = SERIES_DIMENSIONS
    filters: Mapping[Dimension, tuple[str, ...]] = field(default_factory=dict)
    limit: int | None = None

    def __post_init__(self) -> None:
        _check_aligned(self.window, self.width)
        if len(self.group_by) > MAX_GROUP_BY:
            raise NotAllowed(f"The usage report groups by at most {MAX_GROUP_BY} dimensions at once.")
        for dimension in (*self.group_by, *self.filters):
            if dimension not in _FILTER_NAMES:
                raise NotAllowed(f"The usage report does not know {dimension.value}.")
        _check_limit(self.limit, self.width.page_limit)

    @property
    def headers(self) -> dict[str, str]:
        """The beta header, only where speed is asked for (api-facts 2.2)."""
        asks_for_speed = Dimension.SPEED in (*self.group_by, *self.filters)
        return {"anthropic-beta": FAST_MODE_BETA} if asks_for_speed else {}

    @property
    def parameters(self) -> Parameters:
        """The query string: arrays repeat a bracketed name."""
        return [
            *_common(self.window, self.width, self.limit),
            *(("group_by[]", dimension.value) for dimension in self.group_by),
            *(
                (_FILTER_NAMES[dimension], value)
                for dimension, values in self.filters.items()
                for value in values
            ),
        ]


@dataclass(frozen=True, slots=True)
class CostQuery:
    """A question for the cost report: whole UTC days, no filters (api-facts 3.1)."""

    window: Window
    group_by: tuple[Dimension, ...] = _COST_GROUP_BY
    limit: int | None = None

    def __post_init__(self) -> None:
        _check_aligned(self.window, BucketWidth.DAY)
        for dimension in self.group_by:
            if dimension not in _COST_GROUP_BY:
                raise NotAllowed("The cost report groups by workspace and description, and by nothing else.")
        _check_limit(self.limit, MAX_COST_LIMIT)

    @property
    def parameters(self) -> Parameters:
        """The query string."""
        return [
            *_common(self.window, BucketWidth.DAY, self.limit),
            *(("group_by[]", dimension.value) for dimension in self.group_by),
        ]


def _check_aligned(window: Window, width: BucketWidth) -> None:
    for moment in (window.start, window.end):
        if width.floor(moment) != moment:
            raise NotAllowed(f"{rfc3339(moment)} is not the start of a {width.value} bucket.")


def _check_limit(limit: int | None, largest: int) -> None:
    if limit is not None and not 1 <= limit <= largest:
        raise NotAllowed(f"A page holds 1 to {largest} buckets, not {limit}.")


def _common(window: Window, width: BucketWidth, limit: int | None) -> Iterator[tuple[str, str]]:
    yield "starting_at", rfc3339(window.start)
    yield "ending_at", rfc3339(window.end)
    yield "bucket_width", width.value
    if limit is not None:
        yield "limit", str(limit)
