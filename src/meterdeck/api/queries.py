"""Questions for the two reports: frozen values that refuse what the API would refuse, before sending."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlencode

from meterdeck.credentials import looks_like_a_key
from meterdeck.domain.buckets import BucketWidth, Window, rfc3339
from meterdeck.domain.dimensions import SERIES_DIMENSIONS, Dimension
from meterdeck.domain.errors import NotAllowed

MAX_GROUP_BY = 5
MAX_COST_LIMIT = 31
MAX_QUERY_LENGTH = 32_000
"""Half of what the HTTP library can put into an address; servers take less, but say so themselves."""
FAST_MODE_BETA = "fast-mode-2026-02-01"
_A_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}", re.ASCII)
"""What may stand between the commas of a header (RFC 9110, 5.6.2)."""
YEARS = range(2000, 3000)

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
USAGE_DIMENSIONS = tuple(_FILTER_NAMES)
"""The nine that usage can be grouped and filtered by; five of them at once can be grouped by."""
COST_DIMENSIONS = (Dimension.WORKSPACE, Dimension.DESCRIPTION)
"""The two that the bill can be grouped by. It has no filters."""

Parameters = list[tuple[str, str | int | float | bool | None]]


def between(start: datetime, end: datetime) -> Window:
    """The window from one aware time, of any zone, to a later one.

    Raises `NotAllowed` for a time without a zone, an end that is not after the start, or a year that no report
    can know.
    """
    if start.tzinfo is None or end.tzinfo is None:
        raise NotAllowed(
            "A time without a time zone says no moment.", next="Give it one; the reports use UTC."
        )
    if not (start.year in YEARS and end.year in YEARS):
        raise NotAllowed(f"The reports know the years {YEARS.start} to {YEARS.stop - 1}.")
    if end <= start:
        raise NotAllowed(f"The end ({written(end)}) must come after the start ({written(start)}).")
    return Window(start.astimezone(UTC), end.astimezone(UTC))


@dataclass(frozen=True, slots=True)
class UsageQuery:
    """A question for the usage report (api-facts 2.1).

    * ``window``: half-open UTC time, both ends at starts of buckets. An ``ending_at`` is always sent, for its
      default is documented nowhere; to include the running bucket, end where it ends (`BucketWidth.after`).
    * ``width``: minutes, hours or UTC days.
    * ``group_by``: at most five of `USAGE_DIMENSIONS`, none twice; by default the five that change price or
      ownership. ``()`` gives one row a bucket.
    * ``filters``: for any of the nine dimensions the values to keep, as the API spells them. Values are open
      text, for the API grows them; null (the default workspace, use of the Console) can't be filtered for.
    * ``limit``: buckets a page, at most 1440 minutes, 168 hours or 31 days; None leaves it to the API (60, 24,
      7). It never cuts an answer off: all pages are read.
    * ``betas``: versions for the ``anthropic-beta`` header; that of speed is added by itself.

    Raises `NotAllowed`, with the reason, for what the API would refuse.
    """

    window: Window
    width: BucketWidth
    group_by: tuple[Dimension, ...] = SERIES_DIMENSIONS
    filters: Mapping[Dimension, tuple[str, ...]] = field(default_factory=dict)
    limit: int | None = None
    betas: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _check_aligned(self.window, self.width)
        if len(self.group_by) > MAX_GROUP_BY:
            raise NotAllowed(f"The usage report groups by at most {MAX_GROUP_BY} dimensions at once.")
        for dimension in (*self.group_by, *self.filters):
            if dimension not in _FILTER_NAMES:
                raise NotAllowed(f"The usage report does not know {dimension.value}.")
        _check_repeats("group by", [dimension.word for dimension in self.group_by])
        for dimension, values in self.filters.items():
            _check_filter(dimension, values)
        _check_limit(self.limit, self.width.page_limit)
        _check_betas(self.betas)
        if len(urlencode(self.parameters)) > MAX_QUERY_LENGTH:
            raise NotAllowed(
                "The filters are too long for one request.", next="Ask in parts, or filter the answer."
            )

    @property
    def headers(self) -> dict[str, str]:
        """The beta header, where one is named or speed is asked for (api-facts 2.2)."""
        asks_for_speed = Dimension.SPEED in (*self.group_by, *self.filters)
        return _beta_header((FAST_MODE_BETA, *self.betas) if asks_for_speed else self.betas)

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
    """A question for the cost report: whole UTC days, no filters (api-facts 3.1).

    * ``window``: ends at 00:00Z. End it at the next midnight to include today; where the API has no bill of
      today it answers `DateRangeRefused`, and the window has to end today (api-facts 3.3).
    * ``group_by``: workspace, description, both or ``()``. Grouping by description is what fills a line's cost
      type, model, token type, tier, context window and geo.
    * ``limit``: days a page, at most 31; None leaves it to the API (7). All pages are read.
    * ``betas``: versions for the ``anthropic-beta`` header.

    Raises `NotAllowed`, with the reason, for what the API would refuse.
    """

    window: Window
    group_by: tuple[Dimension, ...] = COST_DIMENSIONS
    limit: int | None = None
    betas: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _check_aligned(self.window, BucketWidth.DAY)
        for dimension in self.group_by:
            if dimension not in COST_DIMENSIONS:
                raise NotAllowed(
                    "The cost report groups by workspace and description, and by nothing else"
                    f" (not by {dimension.word})."
                )
        _check_repeats("group by", [dimension.word for dimension in self.group_by])
        _check_limit(self.limit, MAX_COST_LIMIT)
        _check_betas(self.betas)

    @property
    def headers(self) -> dict[str, str]:
        """The beta header, where one is named."""
        return _beta_header(self.betas)

    @property
    def parameters(self) -> Parameters:
        """The query string."""
        return [
            *_common(self.window, BucketWidth.DAY, self.limit),
            *(("group_by[]", dimension.value) for dimension in self.group_by),
        ]


def check_text(name: str, value: str) -> str:
    """Return a value that a request may carry as it is; raises `NotAllowed` for an empty or unprintable one."""
    if not value.strip():
        raise NotAllowed(f"The {name} must not be empty.")
    if not value.isprintable():
        raise NotAllowed(f"The {name} {value!a} holds a control character.")
    return value


def _beta_header(betas: Sequence[str]) -> dict[str, str]:
    """Several are one list (api-facts 1.1), each of them once."""
    return {"anthropic-beta": ",".join(dict.fromkeys(betas))} if betas else {}


def _check_betas(betas: Sequence[str]) -> None:
    for beta in betas:
        if not _A_TOKEN.fullmatch(beta) or looks_like_a_key(beta):
            # Not quoted: it could be a key, pasted in the wrong place.
            raise NotAllowed(
                "The name of a beta version holds what no header may, or is a key.",
                next=f"It looks like {FAST_MODE_BETA}.",
            )


def _check_filter(dimension: Dimension, values: Sequence[str]) -> None:
    if isinstance(values, str):
        raise NotAllowed(f"The {dimension.title} filter needs a tuple of values, not one text.")
    if not values:
        raise NotAllowed(
            f"The {dimension.title} filter is empty, and would keep everything.",
            next="Leave it out for that.",
        )
    for value in values:
        check_text(f"{dimension.title} to filter by", value)
    _check_repeats(f"filter by {dimension.title}", values)


def _check_repeats(what: str, values: Sequence[str]) -> None:
    for place, value in enumerate(values):
        if value in values[:place]:
            raise NotAllowed(f"Can't {what} {value!r} twice.")


def _check_aligned(window: Window, width: BucketWidth) -> None:
    """Both ends must be starts of buckets: how the API would move others is not documented (api-facts 2.3)."""
    for moment in (window.start, window.end):
        if moment.year not in YEARS:
            raise NotAllowed(f"The reports know the years {YEARS.start} to {YEARS.stop - 1}.")
        if width.floor(moment) != moment:
            raise NotAllowed(
                f"{written(moment)} is not the start of a {width.value} bucket.",
                next=f"The nearest are {rfc3339(width.floor(moment))} and {rfc3339(width.ceil(moment))}.",
            )


def _check_limit(limit: int | None, largest: int) -> None:
    if limit is not None and not 1 <= limit <= largest:
        raise NotAllowed(f"A page holds 1 to {largest} buckets, not {limit}.")


def _common(window: Window, width: BucketWidth, limit: int | None) -> Iterator[tuple[str, str]]:
    yield "starting_at", rfc3339(window.start)
    yield "ending_at", rfc3339(window.end)
    yield "bucket_width", width.value
    if limit is not None:
        yield "limit", str(limit)


def written(moment: datetime) -> str:
    """RFC 3339 with the fraction of a second, should it have one."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
