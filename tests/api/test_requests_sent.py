"""What goes over the wire: parameters, headers and credentials; what the API would refuse is never sent."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import respx

from answers import ADMIN_KEY, BASE_URL, DAY_START, DAYS, page
from meterdeck import __version__
from meterdeck.api import AdminClient, CostQuery, NotAllowed, UsageQuery
from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.dimensions import SERIES_DIMENSIONS, Dimension
from meterdeck.domain.secret import Secret

MINUTE, HOUR, DAY = BucketWidth.MINUTE, BucketWidth.HOUR, BucketWidth.DAY
USAGE, COST = "/v1/organizations/usage_report/messages", "/v1/organizations/cost_report"
USAGE_DIMENSIONS = [*SERIES_DIMENSIONS, Dimension.INFERENCE_GEO, Dimension.SPEED, Dimension.ACCOUNT]
USAGE_DIMENSIONS += [Dimension.SERVICE_ACCOUNT]
FILTERS = {
    Dimension.WORKSPACE: "workspace_ids[]",
    Dimension.MODEL: "models[]",
    Dimension.API_KEY: "api_key_ids[]",
    Dimension.SERVICE_TIER: "service_tiers[]",
    Dimension.CONTEXT_WINDOW: "context_window[]",
    Dimension.INFERENCE_GEO: "inference_geos[]",
    Dimension.SPEED: "speeds[]",
    Dimension.ACCOUNT: "account_ids[]",
    Dimension.SERVICE_ACCOUNT: "service_account_ids[]",
}


async def sent(query: UsageQuery | CostQuery, key: str = ADMIN_KEY, url: str = BASE_URL) -> httpx.Request:
    """The one request that a query makes."""
    with respx.mock(base_url=url) as server:
        route = server.get(USAGE if isinstance(query, UsageQuery) else COST).respond(json=page([]))
        async with AdminClient(url, Secret(key)) as client:
            await (client.usage(query) if isinstance(query, UsageQuery) else client.costs(query))
        assert route.call_count == 1
        request: httpx.Request = route.calls.last.request
    return request


async def test_a_usage_query_sends_its_window_width_limit_and_bracketed_groups() -> None:
    window = Window(datetime(2026, 11, 19, 14, tzinfo=UTC), datetime(2026, 11, 20, 14, tzinfo=UTC))
    request = await sent(UsageQuery(window, HOUR, limit=24))
    assert request.method == "GET"
    assert request.url.params.multi_items() == [
        ("starting_at", "2026-11-19T14:00:00Z"),
        ("ending_at", "2026-11-20T14:00:00Z"),
        ("bucket_width", "1h"),
        ("limit", "24"),
        ("group_by[]", "workspace_id"),
        ("group_by[]", "model"),
        ("group_by[]", "api_key_id"),
        ("group_by[]", "service_tier"),
        ("group_by[]", "context_window"),
    ]
    assert b"group_by%5B%5D=model" in request.url.query
    assert request.content == b""


async def test_a_cost_query_sends_whole_days_by_workspace_and_description_and_no_filter() -> None:
    request = await sent(CostQuery(DAYS, limit=31))
    assert request.url.params.multi_items() == [
        ("starting_at", "2026-11-17T00:00:00Z"),
        ("ending_at", "2026-11-20T00:00:00Z"),
        ("bucket_width", "1d"),
        ("limit", "31"),
        ("group_by[]", "workspace_id"),
        ("group_by[]", "description"),
    ]


async def test_without_a_limit_none_is_sent() -> None:
    assert "limit" not in (await sent(UsageQuery(DAYS, DAY))).url.params


@pytest.mark.parametrize("dimension", USAGE_DIMENSIONS)
async def test_each_filter_repeats_its_bracketed_name_and_each_dimension_can_be_grouped(
    dimension: Dimension,
) -> None:
    request = await sent(UsageQuery(DAYS, DAY, (dimension,), {dimension: ("a b", "c&d")}))
    assert request.url.params.get_list(FILTERS[dimension]) == ["a b", "c&d"]
    assert request.url.params.get_list("group_by[]") == [dimension.value]


@pytest.mark.parametrize(
    ("group_by", "filters", "beta"),
    [
        ((Dimension.SPEED,), {}, "fast-mode-2026-02-01"),
        ((), {Dimension.SPEED: ("fast",)}, "fast-mode-2026-02-01"),
        (SERIES_DIMENSIONS, {Dimension.MODEL: ("claude-opus-5",)}, None),
    ],
)
async def test_the_beta_header_goes_only_where_speed_is_asked_for(
    group_by: tuple[Dimension, ...], filters: Mapping[Dimension, tuple[str, ...]], beta: str | None
) -> None:
    assert (await sent(UsageQuery(DAYS, DAY, group_by, filters))).headers.get("anthropic-beta") == beta


async def test_every_request_says_version_and_who_we_are() -> None:
    for query in (UsageQuery(DAYS, DAY), CostQuery(DAYS)):
        headers = (await sent(query)).headers
        assert headers["anthropic-version"] == "2023-06-01"
        assert headers["user-agent"].startswith(f"meterdeck/{__version__} (https://")
        assert headers["accept"] == "application/json"
        assert "anthropic-beta" not in headers


@pytest.mark.parametrize("key", [ADMIN_KEY, "sk-ant-api03-invented"])
async def test_a_static_key_goes_as_x_api_key_alone(key: str) -> None:
    headers = (await sent(CostQuery(DAYS), key)).headers
    assert headers["x-api-key"] == key
    assert "authorization" not in headers


async def test_anything_else_goes_as_a_bearer_token_alone() -> None:
    headers = (await sent(CostQuery(DAYS), "oauth-token-of-org-admin")).headers
    assert headers["authorization"] == "Bearer oauth-token-of-org-admin"
    assert "x-api-key" not in headers


async def test_a_base_url_with_a_path_keeps_it() -> None:
    request = await sent(CostQuery(DAYS), url="https://relay.example/claude/")
    assert request.url.path == f"/claude{COST}"


def test_a_sixth_dimension_is_refused_before_sending() -> None:
    UsageQuery(DAYS, DAY, tuple(USAGE_DIMENSIONS[:5]))
    with pytest.raises(NotAllowed, match="at most 5"):
        UsageQuery(DAYS, DAY, tuple(USAGE_DIMENSIONS[:6]))


@pytest.mark.parametrize("dimension", [Dimension.TOKEN_TYPE, Dimension.COST_TYPE, Dimension.DESCRIPTION])
def test_what_a_report_does_not_know_is_refused_before_sending(dimension: Dimension) -> None:
    with pytest.raises(NotAllowed, match=dimension.value):
        UsageQuery(DAYS, DAY, (dimension,))
    with pytest.raises(NotAllowed, match=dimension.value):
        UsageQuery(DAYS, DAY, (), {dimension: ("x",)})


@pytest.mark.parametrize(
    "dimension", [d for d in Dimension if d not in {Dimension.WORKSPACE, Dimension.DESCRIPTION}]
)
def test_the_bill_is_grouped_by_workspace_and_description_and_nothing_else(dimension: Dimension) -> None:
    with pytest.raises(NotAllowed, match="by workspace and description"):
        CostQuery(DAYS, (dimension,))


@pytest.mark.parametrize(("width", "most"), [(MINUTE, 1440), (HOUR, 168), (DAY, 31)])
def test_limits_beyond_what_a_page_may_hold_are_refused(width: BucketWidth, most: int) -> None:
    assert UsageQuery(DAYS, width, limit=most).limit == most
    for limit in (0, -1, most + 1):
        with pytest.raises(NotAllowed, match=f"1 to {most} buckets"):
            UsageQuery(DAYS, width, limit=limit)
    with pytest.raises(NotAllowed, match="1 to 31 buckets"):
        CostQuery(DAYS, limit=32)


@pytest.mark.parametrize(
    ("width", "off"),
    [(MINUTE, timedelta(seconds=1)), (HOUR, timedelta(minutes=1)), (DAY, timedelta(hours=1))],
)
def test_times_that_are_not_aligned_to_the_width_are_refused(width: BucketWidth, off: timedelta) -> None:
    for window in (Window(DAY_START + off, DAYS.end), Window(DAY_START, DAYS.end + off)):
        with pytest.raises(NotAllowed, match=f"not the start of a {width.value} bucket"):
            UsageQuery(window, width)
    with pytest.raises(NotAllowed, match="not the start of a 1d bucket"):
        CostQuery(Window(DAY_START, DAYS.end - timedelta(seconds=1)))
