from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from meterdeck.service.simulated.options import Options

USAGE = "/v1/organizations/usage_report/messages"
COST = "/v1/organizations/cost_report"
BAD_RANGE = (
    400,
    "invalid_request_error",
    "Invalid date range: ending date must be after starting date",
)
SMALL = Options(size="small")
Refusal = Callable[[httpx.Response], tuple[int, str, str]]

small = pytest.mark.parametrize("api", [SMALL], indirect=True)


async def times_of(api: httpx.AsyncClient, url: str, **parameters: str) -> list[tuple[str, str]]:
    data: list[dict[str, Any]] = (await api.get(url, params=parameters)).json()["data"]
    return [(bucket["starting_at"], bucket["ending_at"]) for bucket in data]


@small
async def test_day_buckets_are_aligned_and_come_oldest_first(api: httpx.AsyncClient) -> None:
    for url in (USAGE, COST):
        times = await times_of(api, url, starting_at="2026-11-18T00:00:00Z", ending_at="2026-11-21T00:00:00Z")
        assert times == [
            ("2026-11-18T00:00:00Z", "2026-11-19T00:00:00Z"),
            ("2026-11-19T00:00:00Z", "2026-11-20T00:00:00Z"),
            ("2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z"),
        ]


@small
@pytest.mark.parametrize(
    ("width", "start", "end", "times"),
    [
        ("1m", "10:00:30", "10:03:29", [("10:01:00", "10:02:00"), ("10:02:00", "10:03:00")]),
        ("1m", "10:01:00", "10:03:00", [("10:01:00", "10:02:00"), ("10:02:00", "10:03:00")]),
        ("1h", "10:00:01", "12:59:59", [("11:00:00", "12:00:00")]),
        ("1h", "09:59:59.999", "11:00:00", [("10:00:00", "11:00:00")]),
    ],
)
async def test_a_start_in_mid_bucket_moves_up_and_an_end_moves_down(
    api: httpx.AsyncClient, width: str, start: str, end: str, times: list[tuple[str, str]]
) -> None:
    assert await times_of(
        api,
        USAGE,
        bucket_width=width,
        starting_at=f"2026-11-20T{start}Z",
        ending_at=f"2026-11-20T{end}Z",
    ) == [(f"2026-11-20T{first}Z", f"2026-11-20T{last}Z") for first, last in times]


@small
async def test_days_snap_in_both_reports(api: httpx.AsyncClient) -> None:
    for url in (USAGE, COST):
        assert await times_of(
            api, url, starting_at="2026-11-18T00:00:01Z", ending_at="2026-11-20T23:59:59Z"
        ) == [("2026-11-19T00:00:00Z", "2026-11-20T00:00:00Z")]


@small
async def test_times_with_an_offset_are_read_as_the_same_moments(api: httpx.AsyncClient) -> None:
    assert await times_of(
        api,
        USAGE,
        bucket_width="1h",
        starting_at="2026-11-20T12:00:00+02:00",
        ending_at="2026-11-20T06:30:00-05:00",
    ) == [("2026-11-20T10:00:00Z", "2026-11-20T11:00:00Z")]


@small
@pytest.mark.parametrize(
    ("width", "last"),
    [("1m", "2026-11-21T14:25:00Z"), ("1h", "2026-11-21T14:00:00Z"), ("1d", "2026-11-21T00:00:00Z")],
)
async def test_usage_ends_with_the_running_bucket(api: httpx.AsyncClient, width: str, last: str) -> None:
    """Whether the end is left out or lies in the future: buckets that have not begun do not come."""
    start = {"1m": "2026-11-21T14:00:00Z", "1h": "2026-11-21T02:00:00Z", "1d": "2026-11-19T00:00:00Z"}[width]
    open_ended = await times_of(api, USAGE, bucket_width=width, starting_at=start)
    assert open_ended[-1][0] == last
    far = await times_of(api, USAGE, bucket_width=width, starting_at=start, ending_at="2027-03-01T00:00:00Z")
    assert far == open_ended


async def test_buckets_without_usage_are_present_and_empty(api: httpx.AsyncClient) -> None:
    """Partner API sleeps at night; before 2026 there was nobody at all."""
    night = await api.get(
        f"{USAGE}?starting_at=2026-11-20T02:00:00Z&ending_at=2026-11-20T08:00:00Z&bucket_width=1h"
        "&workspace_ids[]=wrkspc_01SimPartnerApi000000&group_by[]=model"
    )
    assert [len(bucket["results"]) for bucket in night.json()["data"]] == [0, 0, 0, 0, 2, 2]
    for url in (USAGE, COST):
        new_year = await api.get(f"{url}?starting_at=2025-12-30T00:00:00Z&ending_at=2026-01-02T00:00:00Z")
        assert [len(bucket["results"]) for bucket in new_year.json()["data"]] == [0, 0, 1]


@small
@pytest.mark.parametrize(
    ("url", "start", "end"),
    [
        (COST, "2026-11-20T00:00:00Z", "2026-11-20T23:59:59Z"),
        (COST, "2026-11-20T00:00:00Z", "2026-11-20T00:00:00Z"),
        (COST, "2026-11-20T00:00:00Z", "2026-11-18T00:00:00Z"),
        (COST, "2026-11-20T00:00:01Z", "2026-11-21T00:00:00Z"),
        (COST, "2026-11-21T00:00:00Z", None),
        (COST, "2026-11-20T14:25:30Z", None),
        (COST, "9999-12-31T12:00:00Z", "9999-12-31T23:00:00Z"),
        (USAGE, "2026-11-20T00:00:00Z", "2026-11-20T23:59:59Z"),
        (f"{USAGE}?bucket_width=1h", "2026-11-20T10:10:00Z", "2026-11-20T11:50:00Z"),
        (f"{USAGE}?bucket_width=1m", "2026-11-20T10:10:00Z", "2026-11-20T10:10:59Z"),
    ],
)
async def test_a_range_without_a_whole_bucket_is_refused(
    api: httpx.AsyncClient, refusal: Refusal, url: str, start: str, end: str | None
) -> None:
    times = {"starting_at": start} if end is None else {"starting_at": start, "ending_at": end}
    assert refusal(await api.get(httpx.URL(url).copy_merge_params(times))) == BAD_RANGE


@small
async def test_costs_without_an_end_stop_before_today(api: httpx.AsyncClient) -> None:
    times = await times_of(api, COST, starting_at="2026-11-18T00:00:00Z")
    assert [start for start, _ in times] == [
        "2026-11-18T00:00:00Z",
        "2026-11-19T00:00:00Z",
        "2026-11-20T00:00:00Z",
    ]


@small
async def test_month_to_date_without_an_end_fails_on_the_first(
    api: httpx.AsyncClient, refusal: Refusal, clock: SimpleNamespace
) -> None:
    url = f"{COST}?starting_at=2026-12-01T00:00:00Z"
    clock.now = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
    assert refusal(await api.get(url)) == BAD_RANGE
    clock.now += timedelta(days=1)
    assert len((await api.get(url)).json()["data"]) == 1


@small
@pytest.mark.parametrize(
    ("time", "message"),
    [
        ("yesterday", "starting_at: Input should be a valid RFC 3339 datetime"),
        ("", "starting_at: Input should be a valid RFC 3339 datetime"),
        ("0001-01-01T00:00:00+14:00", "starting_at: Input should be a valid RFC 3339 datetime"),
        ("2026-11-20T00:00:00", "starting_at: a time zone is required"),
        ("2026-11-20", "starting_at: a time zone is required"),
        (None, "starting_at: Field required"),
    ],
)
async def test_a_start_must_be_given_as_a_time_with_its_zone(
    api: httpx.AsyncClient, refusal: Refusal, time: str | None, message: str
) -> None:
    parameters = {} if time is None else {"starting_at": time}
    for url in (USAGE, COST):
        assert refusal(await api.get(url, params=parameters)) == (400, "invalid_request_error", message)
