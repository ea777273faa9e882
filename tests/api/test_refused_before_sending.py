"""Questions that the API would refuse: each is refused here, with the reason, and no request is made."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta, timezone

import httpx
import pytest

from answers import DAY_START, DAYS, client
from meterdeck.api import (
    USAGE_DIMENSIONS,
    AdminClient,
    BucketWidth,
    CostQuery,
    Dimension,
    NotAllowed,
    UsageQuery,
    Window,
    between,
)

MINUTE, HOUR, DAY = BucketWidth.MINUTE, BucketWidth.HOUR, BucketWidth.DAY


@pytest.mark.parametrize("dimension", USAGE_DIMENSIONS)
@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ((), "is empty, and would keep everything"),
        (("",), "must not be empty"),
        (("ok", "  "), "must not be empty"),
        (("a\nb",), r"'a\\nb' holds a control character"),
        (("\x1b[31m",), "holds a control character"),
        (("\x00",), "holds a control character"),
        (("\udc80",), "holds a control character"),
        (("\u202e",), "holds a control character"),
        (("same", "same"), "'same' twice"),
    ],
)
def test_a_filter_without_values_or_with_unsendable_ones_is_refused(
    dimension: Dimension, values: tuple[str, ...], reason: str
) -> None:
    with pytest.raises(NotAllowed, match=reason) as caught:
        UsageQuery(DAYS, DAY, (), {dimension: values})
    assert dimension.title in str(caught.value)
    assert str(caught.value).isprintable()


def test_one_text_in_the_place_of_a_tuple_is_refused_and_not_taken_letter_by_letter() -> None:
    with pytest.raises(NotAllowed, match="a tuple of values"):
        UsageQuery(DAYS, DAY, (), {Dimension.MODEL: "claude-opus-5"})  # type: ignore[dict-item]


def test_values_that_nobody_knows_yet_are_open_text() -> None:
    for dimension in USAGE_DIMENSIONS:
        assert UsageQuery(DAYS, DAY, (), {dimension: ("new-Member 2.0/é",)}).filters[dimension]


def test_more_filters_than_an_address_can_hold_are_refused() -> None:
    ids = tuple(f"apikey_{number:020}" for number in range(1000))
    UsageQuery(DAYS, DAY, (), {Dimension.API_KEY: ids[:500]})
    with pytest.raises(NotAllowed, match="too long for one request"):
        UsageQuery(DAYS, DAY, (), {Dimension.API_KEY: ids})


def test_a_dimension_to_group_by_twice_is_refused() -> None:
    with pytest.raises(NotAllowed, match="group by 'api_key' twice"):
        UsageQuery(DAYS, DAY, (Dimension.API_KEY, Dimension.MODEL, Dimension.API_KEY))
    with pytest.raises(NotAllowed, match="group by 'workspace' twice"):
        CostQuery(DAYS, (Dimension.WORKSPACE, Dimension.WORKSPACE))


@pytest.mark.parametrize(
    ("width", "off", "nearest"),
    [
        (MINUTE, timedelta(microseconds=1), "2026-11-17T00:00:00Z and 2026-11-17T00:01:00Z"),
        (HOUR, timedelta(minutes=30), "2026-11-17T00:00:00Z and 2026-11-17T01:00:00Z"),
        (DAY, timedelta(hours=23, minutes=59, seconds=59), "2026-11-17T00:00:00Z and 2026-11-18T00:00:00Z"),
    ],
)
def test_a_time_off_the_grid_is_refused_with_its_neighbours(
    width: BucketWidth, off: timedelta, nearest: str
) -> None:
    with pytest.raises(NotAllowed, match=nearest):
        UsageQuery(Window(DAY_START + off, DAYS.end), width)


def test_the_day_that_ends_a_second_early_is_refused_and_not_snapped_to_nothing() -> None:
    # api-facts 3.3: 00:00:00Z to 23:59:59Z of one day is the 400 that cost an integrator each day's data.
    with pytest.raises(NotAllowed, match="2026-11-17T23:59:59Z is not the start of a 1d bucket"):
        CostQuery(Window(DAY_START, DAY_START + timedelta(days=1, seconds=-1)))


def test_years_that_no_report_knows_are_refused() -> None:
    for window in (
        Window(datetime(1, 1, 1, tzinfo=UTC), DAY_START),
        Window(DAY_START, datetime(9999, 12, 31, 23, 59, tzinfo=UTC)),
    ):
        with pytest.raises(NotAllowed, match="the years 2000 to 2999"):
            UsageQuery(window, MINUTE)
        with pytest.raises(NotAllowed, match="the years 2000 to 2999"):
            between(window.start, window.end)


def test_a_window_between_two_times_of_any_zone_is_in_utc() -> None:
    kathmandu = timezone(timedelta(hours=5, minutes=45))
    window = between(datetime(2026, 11, 17, 5, 45, tzinfo=kathmandu), DAYS.end)
    assert window == DAYS
    assert window.start.tzinfo is UTC


def test_a_window_that_does_not_end_after_it_starts_is_refused() -> None:
    for end in (DAY_START, DAY_START - timedelta(days=1)):
        with pytest.raises(NotAllowed, match="must come after the start"):
            between(DAY_START, end)


def test_a_time_without_a_zone_is_refused() -> None:
    naive = DAY_START.replace(tzinfo=None)
    for start, end in ((naive, DAYS.end), (DAY_START, DAYS.end.replace(tzinfo=None)), (naive, naive)):
        with pytest.raises(NotAllowed, match="without a time zone"):
            between(start, end)


Call = Callable[[AdminClient], Awaitable[object]]


@pytest.mark.parametrize(
    "call",
    [
        lambda admin: admin.workspace(""),
        lambda admin: admin.workspace("../api_keys"),
        lambda admin: admin.workspace("wrkspc_1/members"),
        lambda admin: admin.workspace("wrkspc_1\n"),
        lambda admin: admin.workspace_rate_limits("wrkspc_1?limit=1"),
        lambda admin: admin.workspace_rate_limits("wrkspc_1", group_type=""),
        lambda admin: admin.rate_limits(group_type="batch\x07"),
        lambda admin: admin.rate_limits(model=" "),
        lambda admin: admin.api_keys(status=""),
        lambda admin: admin.api_keys(workspace_id="a\tb"),
        lambda admin: admin.api_keys(created_by="\x9b"),
    ],
)
async def test_ids_and_filters_that_can_not_be_meant_are_refused_before_sending(call: Call) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        pytest.fail(f"sent {request.url}")

    async with client(answer) as admin:
        with pytest.raises(NotAllowed) as caught:
            await call(admin)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("beta", ["", " ", "a b", "a,b", "a\nb", "é", "x" * 101, "sk-ant-admin01-invented"])
def test_a_beta_that_can_t_stand_in_a_header_or_is_a_key_is_refused_and_not_repeated(beta: str) -> None:
    for ask in (
        lambda: UsageQuery(DAYS, DAY, betas=(beta,)),
        lambda: CostQuery(DAYS, betas=("good-1", beta)),
    ):
        with pytest.raises(NotAllowed, match="beta version") as caught:
            ask()
        assert "invented" not in str(caught.value)
