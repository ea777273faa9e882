"""What each day's dollars are, one small example for each rule: literal numbers, from the store to the report."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import httpx
import pytest

from answers import client
from meterdeck.api import CostQuery
from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.reports import CostLine, Series, UsageBucket, UsageRow
from meterdeck.domain.tokens import TokenCounts, TokenType
from meterdeck.store import costs, usage
from money.reports import Document, Reports, reports_as_of, usd, usd_of, who
from values import billed, line, other_line, series, used

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
TODAY = datetime(2026, 12, 1, tzinfo=UTC)
YESTERDAY = TODAY - DAY
LAST_WEEK = TODAY - 7 * DAY
"""Settled, whatever was read of it when."""
NOW = TODAY + 12 * HOUR + timedelta(minutes=20)
OUTPUT = line()
ONE, TWO, THREE = (series(key=f"apikey_{at}") for at in (1, 2, 3))
CODE = other_line("code_execution")
SEARCH = other_line("web_search")

Rows = Mapping[Series, int | TokenCounts]


@pytest.fixture
def reports() -> Iterator[Reports]:
    """The reports of a store of which every hour and day of 31 was read, and nothing was used or billed."""
    with reports_as_of(NOW) as reports:
        use(reports, TODAY - 31 * DAY, NOW, {})
        for ago in range(31, -1, -1):
            day = TODAY - ago * DAY
            settles = day + 4 * DAY + HOUR
            bill(reports, day, {}, min(day + DAY, TODAY) + HOUR, *([settles] if settles < NOW else []))
        yield reports


def use(reports: Reports, start: datetime, end: datetime, rows: Rows, *, searches: int = 0) -> None:
    """So much in each hour that begins in a range of time; a plain number is output tokens."""
    window = Window(start, BucketWidth.HOUR.ceil(end))
    buckets = [used(at, rows, searches=searches) for at in window.starts(BucketWidth.HOUR)]
    with reports.store.write() as transaction:
        usage.replace(transaction, BucketWidth.HOUR, window, buckets, NOW)


def use_at(reports: Reports, hour: datetime, rows: Rows, *, searches: int = 0) -> None:
    """So much in one hour."""
    use(reports, hour, hour + HOUR, rows, searches=searches)


def bill(reports: Reports, day: datetime, lines: Mapping[CostLine, str], *reads: datetime) -> None:
    """The bill of a day in cents, read now (or at other times, each of which says the same)."""
    with reports.store.write() as transaction:
        for read_at in reads or (NOW,):
            costs.replace(transaction, Window(day, day + DAY), [billed(day, lines)], read_at)


def never_read(reports: Reports, hour: datetime) -> None:
    """An hour that no answer held."""
    with reports.store.write() as transaction:
        usage.replace(transaction, BucketWidth.HOUR, Window(hour, hour + HOUR), [], NOW)


def of_day(document: Document, day: datetime) -> list[Document]:
    """The rows of a day."""
    return [row for row in document["rows"] if row["day"] == f"{day:%Y-%m-%d}"]


def sum_of_day(document: Document, day: datetime) -> Document:
    """What the whole day comes to."""
    (found,) = [row for row in document["days"] if row["day"] == f"{day:%Y-%m-%d}"]
    return dict(found)


def by_member(rows: Sequence[Document]) -> dict[str | None, str | None]:
    """Dollars as they are written, by id, or by kind where there is none."""
    return {row["id"] or row["kind"]: row["usd"] for row in rows}


def is_close(said: str, true: Fraction | int) -> bool:
    """Whether dollars are within half a percent of the true ones: an early price rests on one day."""
    return abs(usd(said) - true) <= Fraction(true) / 200


# A settled day's dollars follow that day's own bill


def test_days_before_prices_halved_keep_what_their_own_bill_says(reports: Reports) -> None:
    halved = TODAY - 10 * DAY
    for ago in range(30, 0, -1):
        day = TODAY - ago * DAY
        use_at(reports, day + 9 * HOUR, {ONE: 1_000, TWO: 3_000})
        bill(reports, day, {OUTPUT: "400" if day < halved else "200"})
    document = reports.costs("31d", "api_key")
    for ago in range(30, 3, -1):
        day = TODAY - ago * DAY
        before = day < halved
        assert by_member(of_day(document, day)) == {
            "apikey_1": "1" if before else "0.5",
            "apikey_2": "3" if before else "1.5",
        }
        assert {row["state"] for row in of_day(document, day)} == {"allocated"}
    of_keys = {row["id"]: row for row in reports.breakdown("31d", "api_key")["rows"]}
    assert {of: row["usd"] for of, row in of_keys.items()} == {"apikey_1": "25", "apikey_2": "75"}
    hours = reports.rates("31d", "api_key")["rows"]
    assert usd_of(row for row in hours if row["start"] == "2026-11-03T09:00:00Z") == 4


def test_what_does_not_divide_goes_by_the_largest_remainder_and_then_by_id(reports: Reports) -> None:
    use_at(reports, LAST_WEEK, {ONE: 5, TWO: 5, THREE: 5})
    bill(reports, LAST_WEEK, {OUTPUT: "1"})
    assert by_member(of_day(reports.costs("31d", "api_key"), LAST_WEEK)) == {
        "apikey_1": "0.00333333333334",
        "apikey_2": "0.00333333333333",
        "apikey_3": "0.00333333333333",
    }


def test_an_amount_finer_than_the_unit_is_shared_out_to_its_own_last_digit(reports: Reports) -> None:
    use_at(reports, LAST_WEEK, {ONE: 1, TWO: 1})
    bill(reports, LAST_WEEK, {OUTPUT: "0.000000000000003"})
    assert by_member(of_day(reports.costs("31d", "api_key"), LAST_WEEK)) == {
        "apikey_1": "0.00000000000000002",
        "apikey_2": "0.00000000000000001",
    }


def test_a_credit_is_shared_out_as_a_charge_is(reports: Reports) -> None:
    use_at(reports, LAST_WEEK, {ONE: 1, TWO: 3})
    bill(reports, LAST_WEEK, {OUTPUT: "-100"})
    keys = of_day(reports.costs("31d", "api_key"), LAST_WEEK)
    assert by_member(keys) == {"apikey_1": "-0.25", "apikey_2": "-0.75"}


def test_a_key_in_an_hour_is_its_share_of_the_pool_at_that_hour(reports: Reports) -> None:
    use_at(reports, LAST_WEEK + 3 * HOUR, {ONE: 10, TWO: 10})
    use_at(reports, LAST_WEEK + 4 * HOUR, {ONE: 30})
    bill(reports, LAST_WEEK, {OUTPUT: "500"})
    rows = reports.rates("31d", "api_key")["rows"]
    assert [(row["start"][11:13], row["id"], row["usd"], row["state"]) for row in rows] == [
        ("03", "apikey_1", "1", "allocated"),
        ("03", "apikey_2", "1", "allocated"),
        ("04", "apikey_1", "3", "allocated"),
    ]
    assert not any(row["estimated"] or row["evidence"] or row["lacks"] for row in rows)


def test_lines_of_one_pool_are_shared_together_and_marked_as_mixed(reports: Reports) -> None:
    use_at(reports, LAST_WEEK, {ONE: 1, TWO: 1})
    bill(reports, LAST_WEEK, {OUTPUT: "100", OUTPUT._replace(inference_geo="us"): "300"})
    mixed = of_day(reports.costs("31d", "api_key"), LAST_WEEK)
    assert by_member(mixed) == {"apikey_1": "2", "apikey_2": "2"}
    assert all(row["mixed"] is True for row in mixed)
    by_geo = of_day(reports.costs("31d", "inference_geo"), LAST_WEEK)
    assert by_member(by_geo) == {"global": "1", "us": "3"}
    assert not any("mixed" in row for row in by_geo), "each is a sum of whole lines"


def test_each_token_type_model_tier_and_context_is_a_pool_of_its_own(reports: Reports) -> None:
    batch, long = series(tier="batch"), series(context="200k-1M")
    sonnet = series(model="claude-sonnet-5")
    of: Rows = {ONE: TokenCounts(output=1, cache_read=1), batch: 1, long: 1, sonnet: 1}
    use_at(reports, LAST_WEEK, of)
    bill(
        reports,
        LAST_WEEK,
        {
            OUTPUT: "1",
            line(token_type=TokenType.CACHE_READ): "2",
            line(tier="batch"): "4",
            line(context="200k-1M"): "8",
            line(model="claude-sonnet-5"): "16",
        },
    )
    rates = {
        by: by_member(reports.rates("31d", by)["rows"]) for by in ("token_type", "service_tier", "model")
    }
    assert rates == {
        "token_type": {"cache_read": "0.02", "output": "0.29"},
        "service_tier": {"standard": "0.27", "batch": "0.04"},
        "model": {"claude-opus-5": "0.15", "claude-sonnet-5": "0.16"},
    }


def test_tokens_of_a_tier_without_a_line_of_its_own_have_no_dollars_and_say_so(reports: Reports) -> None:
    flex = series(key="apikey_2", tier="flex")
    use_at(reports, LAST_WEEK, {ONE: 1, flex: 99})
    bill(reports, LAST_WEEK, {OUTPUT: "100"})
    rows = {row["id"]: row for row in reports.rates("31d", "api_key")["rows"]}
    assert (rows["apikey_1"]["usd"], rows["apikey_1"]["lacks"]) == ("1", [])
    assert (rows["apikey_2"]["usd"], rows["apikey_2"]["lacks"]) == (None, ["unmatched"])
    assert rows["apikey_2"]["total_tokens"] == 99


def test_search_lines_are_shared_by_searches(reports: Reports) -> None:
    with reports.store.write() as transaction:
        window = Window(LAST_WEEK, LAST_WEEK + HOUR)
        rows = tuple(UsageRow(tuple(of), TokenCounts(), count) for of, count in ((ONE, 1), (TWO, 3)))
        hour = UsageBucket(window, used(LAST_WEEK, {}).group_by, rows)
        usage.replace(transaction, BucketWidth.HOUR, window, [hour], NOW)
    bill(reports, LAST_WEEK, {SEARCH: "4"})
    keys = of_day(reports.costs("31d", "api_key"), LAST_WEEK)
    assert by_member(keys) == {"apikey_1": "0.01", "apikey_2": "0.03"}
    assert {row["state"] for row in keys} == {"allocated"}


def test_money_without_tokens_is_a_row_of_its_own(reports: Reports) -> None:
    use_at(reports, LAST_WEEK, {ONE: 1})
    bill(reports, LAST_WEEK, {OUTPUT: "100", CODE: "50", other_line("session_usage"): "25"})
    keys = of_day(reports.costs("31d", "api_key"), LAST_WEEK)
    assert {who(row): row["usd"] for row in keys} == {
        ("apikey_1", "member"): "1",
        (None, "not_allocated"): "0.75",
    }
    (beside,) = [row for row in keys if row["kind"] == "not_allocated"]
    assert (beside["name"], beside["state"]) == ("not allocated", "billed")
    rates = reports.rates("31d", "api_key")
    assert [(of["day"], of["usd"], of["state"]) for of in rates["not_allocated"]] == [
        ("2026-11-24", "0.75", "billed")
    ]
    assert rates["total_usd"] == "1.75"
    breakdown = by_member(reports.breakdown("31d", "api_key")["rows"])
    assert breakdown == {"apikey_1": "1", "not_allocated": "0.75"}
    assert by_member(reports.breakdown("31d", "workspace")["rows"]) == {"wrkspc_a": "1.75"}
    assert by_member(reports.breakdown("31d", "model")["rows"]) == {"claude-opus-5": "1", "not_token": "0.75"}


def test_a_line_whose_tokens_were_not_used_is_not_allocated(reports: Reports) -> None:
    use_at(reports, LAST_WEEK, {ONE: 1})
    bill(reports, LAST_WEEK, {OUTPUT: "100", line(workspace="wrkspc_b"): "30", line(tier="batch"): "7"})
    keys = of_day(reports.costs("31d", "api_key"), LAST_WEEK)
    assert by_member(keys) == {"apikey_1": "1", "not_allocated": "0.37"}
    workspaces = of_day(reports.costs("31d", "workspace"), LAST_WEEK)
    assert by_member(workspaces) == {"wrkspc_a": "1.07", "wrkspc_b": "0.3"}


def test_a_day_of_which_an_hour_was_never_read_is_not_allocated_and_says_so(reports: Reports) -> None:
    use_at(reports, LAST_WEEK, {ONE: 1, TWO: 1})
    never_read(reports, LAST_WEEK + 5 * HOUR)
    bill(reports, LAST_WEEK, {OUTPUT: "100"})
    (of_keys,) = [row for row in of_day(reports.costs("31d", "api_key"), LAST_WEEK) if row["usd"]]
    assert (of_keys["kind"], of_keys["usd"], of_keys["state"]) == ("not_allocated", "1", "billed")
    assert of_keys["lacks"] == ["unread"]
    rates = reports.rates("31d", "api_key")
    assert {(row["id"], row["usd"], *row["lacks"]) for row in rates["rows"]} == {
        ("apikey_1", None, "unread"),
        ("apikey_2", None, "unread"),
    }
    (beside,) = rates["not_allocated"]
    assert (beside["day"], beside["usd"], beside["state"], beside["lacks"]) == (
        *("2026-11-24", "1", "billed"),
        ["unread"],
    )
    (by_workspace,) = of_day(reports.costs("31d", "workspace"), LAST_WEEK)
    assert (by_workspace["usd"], by_workspace["state"]) == ("1", "billed")


def test_a_restated_bill_is_allocated_anew(reports: Reports) -> None:
    use_at(reports, LAST_WEEK, {ONE: 1, TWO: 3})
    bill(reports, LAST_WEEK, {OUTPUT: "100"})
    assert reports.costs("31d", "api_key")["total_usd"] == "1"
    bill(reports, LAST_WEEK, {OUTPUT: "80"})
    keys = of_day(reports.costs("31d", "api_key"), LAST_WEEK)
    assert by_member(keys) == {"apikey_1": "0.2", "apikey_2": "0.6"}


def test_a_corrected_hour_is_allocated_anew(reports: Reports) -> None:
    use_at(reports, LAST_WEEK, {ONE: 1, TWO: 3})
    bill(reports, LAST_WEEK, {OUTPUT: "100"})
    assert reports.costs("31d", "api_key")["total_usd"] == "1"
    use_at(reports, LAST_WEEK, {ONE: 2, THREE: 3})
    keys = of_day(reports.costs("31d", "api_key"), LAST_WEEK)
    assert by_member(keys) == {"apikey_1": "0.4", "apikey_3": "0.6"}


def test_an_hour_that_was_read_late_makes_its_day_whole(reports: Reports) -> None:
    use_at(reports, LAST_WEEK, {ONE: 1})
    never_read(reports, LAST_WEEK + 5 * HOUR)
    bill(reports, LAST_WEEK, {OUTPUT: "100"})
    reports.costs("31d", "api_key")
    use_at(reports, LAST_WEEK + 5 * HOUR, {TWO: 1})
    keys = of_day(reports.costs("31d", "api_key"), LAST_WEEK)
    assert by_member(keys) == {"apikey_1": "0.5", "apikey_2": "0.5"}


def test_another_currency_is_told_beside_the_dollars_and_never_added(reports: Reports) -> None:
    use_at(reports, LAST_WEEK, {ONE: 1})
    bill(reports, LAST_WEEK, {OUTPUT: "100", CODE._replace(currency="EUR"): "250"})
    document = reports.costs("31d", "workspace")
    assert (document["total_usd"], document["other_currencies"]) == ("1", {"EUR": "2.5"})
    assert "other_currency" in document["lacks"]


def test_who_has_lines_in_another_currency_alone_has_no_dollars_which_is_not_nothing(
    reports: Reports,
) -> None:
    bill(reports, LAST_WEEK, {OUTPUT: "100", line(model="claude-sonnet-5")._replace(currency="EUR"): "250"})
    rows = {row["id"]: row for row in of_day(reports.costs("31d", "model"), LAST_WEEK)}
    assert (rows["claude-opus-5"]["usd"], rows["claude-opus-5"]["lacks"]) == ("1", [])
    assert (rows["claude-sonnet-5"]["usd"], rows["claude-sonnet-5"]["lacks"]) == (None, ["other_currency"])


# Open days use the prices of their own period, and the newest evidence counts


def steady_days(reports: Reports, cents_of_ten_thousand: int = 100) -> None:
    """Twenty settled days until the day before yesterday, and the two since: 30,000 tokens an hour.

    They are $72 a day, and $37 of today until now.
    """
    first = YESTERDAY - 20 * DAY
    use(reports, first, NOW - HOUR, {ONE: 30_000})
    use_at(reports, BucketWidth.HOUR.floor(NOW), {ONE: 10_000})
    for ago in range(20):
        day = first + ago * DAY
        bill(reports, day, {OUTPUT: str(72 * cents_of_ten_thousand)}, day + 2 * DAY, NOW)


def test_today_is_its_tokens_at_the_learned_price(reports: Reports) -> None:
    steady_days(reports)
    bill(reports, YESTERDAY, {OUTPUT: "7200"})
    (today,) = of_day(reports.costs("7d", "workspace"), TODAY)
    assert (today["usd"], today["state"], today["evidence"]) == ("37", "estimated", "learned")
    assert (today["estimated"], today["lacks"], today["settled"]) == (True, [], False)


@pytest.mark.parametrize("of_today", [None, "4600"])
def test_prices_that_doubled_yesterday_count_today(reports: Reports, of_today: str | None) -> None:
    steady_days(reports)
    bill(reports, YESTERDAY, {OUTPUT: "14400"})
    if of_today:
        bill(reports, TODAY, {OUTPUT: of_today})
    document = reports.costs("7d", "workspace")
    (today,), (yesterday,) = of_day(document, TODAY), of_day(document, YESTERDAY)
    assert (yesterday["usd"], yesterday["state"]) == ("144", "estimated")
    assert is_close(today["usd"], 74)
    assert (today["state"], today["evidence"]) == ("estimated", "early")
    ahead = sum_of_day(document, TODAY)
    low, middle, high = (usd(ahead[f"usd_end_{which}"]) for which in ("low", "middle", "high"))
    assert usd(today["usd"]) <= low <= middle <= high
    assert abs(middle - 144) < 5, "twenty-four hours like those of yesterday"


def test_the_bill_of_the_running_day_can_raise_a_price(reports: Reports) -> None:
    steady_days(reports)
    bill(reports, YESTERDAY, {OUTPUT: "7200"})
    bill(reports, TODAY, {OUTPUT: "7400"})
    document = reports.costs("7d", "workspace")
    (today,) = of_day(document, TODAY)
    assert usd(today["usd"]) >= 74
    assert usd(sum_of_day(document, TODAY)["usd_end_middle"]) > 120, "not half of what hours cost today"


def test_the_bill_of_the_running_day_never_lowers_a_price(reports: Reports) -> None:
    steady_days(reports)
    bill(reports, YESTERDAY, {OUTPUT: "7200"})
    bill(reports, TODAY, {OUTPUT: "10"})
    (today,) = of_day(reports.costs("7d", "workspace"), TODAY)
    assert (today["usd"], today["evidence"]) == ("37", "learned")


def test_one_read_of_yesterdays_bill_does_not_lower_a_price_for_the_rest_may_be_late(
    reports: Reports,
) -> None:
    steady_days(reports)
    bill(reports, YESTERDAY, {OUTPUT: "3600"})
    document = reports.costs("7d", "workspace")
    assert by_member(of_day(document, TODAY)) == {"wrkspc_a": "37"}
    assert by_member(of_day(document, YESTERDAY)) == {"wrkspc_a": "72"}


def test_two_reads_of_yesterdays_bill_that_agree_lower_the_price(reports: Reports) -> None:
    steady_days(reports)
    bill(reports, YESTERDAY, {OUTPUT: "3600"}, TODAY + 2 * HOUR, NOW)
    document = reports.costs("7d", "workspace")
    (today,), (yesterday,) = of_day(document, TODAY), of_day(document, YESTERDAY)
    assert yesterday["usd"] == "36"
    assert is_close(today["usd"], Fraction("18.5"))
    assert today["evidence"] == "early"


def test_without_any_bill_the_price_list_counts_and_is_named(reports: Reports) -> None:
    use_at(reports, TODAY, {ONE: 1_000_000})
    (today,) = of_day(reports.costs("7d", "workspace"), TODAY)
    assert (today["usd"], today["state"], today["evidence"]) == ("25", "estimated", "list")


# Never below what is billed

BILL_OF_TODAY = {
    "data": [
        {
            "starting_at": "2026-12-01T00:00:00Z",
            "ending_at": "2026-12-02T00:00:00Z",
            "results": [
                {
                    "amount": "89.0",
                    "currency": "USD",
                    "workspace_id": None,
                    "description": "Claude Opus 4 6 Usage - Input Tokens",
                    "cost_type": "tokens",
                    "model": "claude-opus-4-6",
                    "service_tier": "standard",
                    "context_window": "0-200k",
                    "token_type": "uncached_input_tokens",
                    "inference_geo": "global",
                },
                {
                    "amount": "12.5",
                    "currency": "USD",
                    "workspace_id": None,
                    "description": "Code Execution Usage",
                    "cost_type": "code_execution",
                    "model": None,
                    "service_tier": None,
                    "context_window": None,
                    "token_type": None,
                    "inference_geo": None,
                },
            ],
        }
    ],
    "has_more": False,
    "next_page": None,
}


def read_bill(reports: Reports, answer: Mapping[str, Any]) -> None:
    """Put an answer of the cost report into the store, as the client reads it."""
    window = Window(TODAY, TODAY + DAY)

    async def read() -> None:
        async with client(lambda _: httpx.Response(200, json=answer)) as asking:
            days = await asking.costs(CostQuery(window))
        with reports.store.write() as transaction:
            costs.replace(transaction, window, days, NOW)

    asyncio.run(read())


@pytest.mark.parametrize("tokens", [0, 100_000, 178_000])
def test_today_is_worth_its_tokens_and_the_code_execution_that_is_billed_already(
    reports: Reports, tokens: int
) -> None:
    opus = series(workspace=None, model="claude-opus-4-6")
    use_at(reports, TODAY + 3 * HOUR, {opus: TokenCounts(uncached_input=tokens)} if tokens else {})
    read_bill(reports, BILL_OF_TODAY)
    for document in (reports.costs("24h", "workspace"), reports.costs("24h", "api_key")):
        assert document["total_usd"] == "1.015"
        assert sum_of_day(document, TODAY)["usd"] == "1.015"
        assert sum_of_day(document, TODAY)["reported_usd"] == "1.015"
    keys = by_member(of_day(reports.costs("24h", "api_key"), TODAY))
    expected = {"apikey_1": "0.89", "not_allocated": "0.125"} if tokens else {"not_allocated": "1.015"}
    assert keys == expected


def test_a_day_of_more_tokens_than_are_billed_is_worth_them(reports: Reports) -> None:
    opus = series(workspace=None, model="claude-opus-4-6")
    use_at(reports, TODAY + 3 * HOUR, {opus: TokenCounts(uncached_input=200_000)})  # $1 of the list
    read_bill(reports, BILL_OF_TODAY)
    document = reports.costs("24h", "workspace")
    assert document["total_usd"] == "1.125"
    assert sum_of_day(document, TODAY)["reported_usd"] == "1.015"


@pytest.mark.parametrize(
    ("tokens", "lines", "worth"),
    [
        (3_000, {"global": "500", "us": "-200"}, "3"),
        (8_000, {"global": "500", "us": "-200"}, "6"),
        (8_000, {"global": "-200"}, "6"),
        (0, {"global": "500", "us": "-200"}, "3"),
        (1_000, {"global": "-500"}, "-4"),
    ],
    ids=["more-billed", "more-used", "credit-alone", "nothing-used", "more-credited"],
)
def test_a_pool_is_worth_the_most_that_is_known_less_its_credits(
    reports: Reports, tokens: int, lines: Mapping[str, str], worth: str
) -> None:
    steady_days(reports, cents_of_ten_thousand=1_000)  # a thousand tokens cost $1
    use(reports, YESTERDAY, NOW, {})
    use_at(reports, TODAY, {ONE: tokens} if tokens else {})
    bill(reports, TODAY, {OUTPUT._replace(inference_geo=geo): cents for geo, cents in lines.items()})
    document = reports.costs("24h", "workspace")
    assert document["total_usd"] == worth
    billed_of_it = sum((Fraction(cents) for cents in lines.values()), start=Fraction(0)) / 100
    assert usd(document["total_usd"]) >= billed_of_it
    assert reports.costs("24h", "api_key")["total_usd"] == worth


def test_an_open_pool_is_shared_out_as_a_settled_one_is(reports: Reports) -> None:
    steady_days(reports)
    use(reports, TODAY, NOW, {})
    use_at(reports, TODAY + HOUR, {ONE: 100, TWO: 200})
    use_at(reports, TODAY + 2 * HOUR, {TWO: 100})
    bill(reports, TODAY, {OUTPUT: "100"})
    rows = reports.rates("24h", "api_key")["rows"]
    of_today = [row for row in rows if row["start"].startswith("2026-12-01")]
    assert [(row["start"][11:13], row["id"], row["usd"], row["state"]) for row in of_today] == [
        ("01", "apikey_1", "0.25", "estimated"),
        ("01", "apikey_2", "0.5", "estimated"),
        ("02", "apikey_2", "0.25", "estimated"),
    ]
    keys = by_member(of_day(reports.costs("24h", "api_key"), TODAY))
    assert keys == {"apikey_1": "0.25", "apikey_2": "0.75"}
    breakdown = reports.breakdown("24h", "api_key")["rows"]
    assert {row["id"]: row["usd_today"] for row in breakdown} == {"apikey_1": "0.25", "apikey_2": "0.75"}


def test_a_line_of_today_whose_tokens_were_not_read_stands_at_what_is_billed(reports: Reports) -> None:
    steady_days(reports)
    use(reports, TODAY, NOW, {})
    bill(reports, TODAY, {OUTPUT: "60"})
    (beside,) = of_day(reports.costs("24h", "api_key"), TODAY)
    assert (beside["kind"], beside["usd"], beside["state"]) == ("not_allocated", "0.6", "estimated")


def test_searches_of_today_cost_what_they_cost_on_settled_days(reports: Reports) -> None:
    for ago in (10, 9, 8):
        day = TODAY - ago * DAY
        use_at(reports, day, {ONE: 10}, searches=10)
        bill(reports, day, {OUTPUT: "10", SEARCH: "20"})
    use_at(reports, TODAY, {TWO: 0}, searches=3)
    (today,) = of_day(reports.costs("24h", "workspace"), TODAY)
    assert (today["usd"], today["state"], today["evidence"]) == ("0.06", "estimated", "learned")


def test_what_has_no_estimate_is_named_and_not_left_out_in_silence(reports: Reports) -> None:
    unheard_of = series(key="apikey_2", model="claude-unheard-of")
    use_at(reports, TODAY, {ONE: 1_000_000, unheard_of: 5})
    document = reports.costs("24h", "api_key")
    of_today = {row["id"]: row for row in of_day(document, TODAY)}
    assert (of_today["apikey_1"]["usd"], of_today["apikey_1"]["lacks"]) == ("25", [])
    assert (of_today["apikey_2"]["usd"], of_today["apikey_2"]["lacks"]) == (None, ["unpriced"])
    assert (document["total_usd"], document["lacks"]) == ("25", ["unpriced"])


# An unfinished bill is not a fact


def test_costs_tell_of_each_day_its_sum_and_of_the_running_one_how_it_may_end(reports: Reports) -> None:
    steady_days(reports)
    bill(reports, YESTERDAY, {OUTPUT: "6000"})
    bill(reports, TODAY, {OUTPUT: "900"})
    days = {row["day"]: row for row in reports.costs("7d", "workspace")["days"]}
    told = ("usd", "state", "settled", "running")
    assert [days["2026-11-27"][field] for field in told] == ["72", "billed", True, False]
    assert [days["2026-11-30"][field] for field in told] == ["72", "estimated", False, False]
    assert [days["2026-12-01"][field] for field in told] == ["37", "estimated", False, True]
    assert days["2026-11-30"]["reported_usd"] == "60"
    assert days["2026-12-01"]["reported_usd"] == "9"
    ends = {day: {name for name in row if name.startswith("usd_end")} for day, row in days.items()}
    assert ends.pop("2026-12-01") == {"usd_end_low", "usd_end_middle", "usd_end_high"}
    assert set().union(*ends.values()) == set(), "only the running day has an end ahead of it"
    assert usd(days["2026-12-01"]["usd_end_middle"]) >= 37


def test_costs_end_with_what_is_billed_what_is_estimated_and_their_sum(reports: Reports) -> None:
    steady_days(reports)
    bill(reports, YESTERDAY, {OUTPUT: "6000"})
    document = reports.costs("7d", "workspace")
    assert (document["total_usd"], document["state"]) == ("469", "estimated")
    assert document["usd_by_state"] == {"billed": "360", "allocated": "0", "estimated": "109"}
    keys = reports.costs("7d", "api_key")
    by_state = {"billed": "0", "allocated": "360", "estimated": "109"}
    assert (keys["total_usd"], keys["usd_by_state"]) == ("469", by_state)


def test_all_reports_say_the_same_of_today(reports: Reports) -> None:
    steady_days(reports)
    bill(reports, YESTERDAY, {OUTPUT: "14400"})
    bill(reports, TODAY, {OUTPUT: "4600", CODE: "50"})
    costs_of_it = reports.costs("24h", "workspace")
    today = costs_of_it["total_usd"]
    assert sum_of_day(costs_of_it, TODAY)["usd"] == today
    breakdown = reports.breakdown("24h", "workspace")["rows"]
    assert usd_of({"usd": row["usd_today"]} for row in breakdown) == usd(today)
    ahead = {row["period"]: row for row in reports("forecast")["rows"] if row["figure"] == "spend"}
    assert ahead["day"]["usd"] == today
    for end in ("usd_end_low", "usd_end_middle", "usd_end_high"):
        assert ahead["day"][end] == sum_of_day(costs_of_it, TODAY)[end]


def test_the_month_is_the_sum_of_its_days_each_at_its_worth(reports: Reports) -> None:
    steady_days(reports)
    bill(reports, TODAY, {OUTPUT: "4600"})
    month = reports.costs("month", "workspace")
    ahead = {row["period"]: row for row in reports("forecast")["rows"] if row["figure"] == "spend"}
    assert ahead["month"]["usd"] == month["total_usd"] == sum_of_day(month, TODAY)["usd"]


# What a filter leaves out is said


def test_a_model_leaves_out_what_is_not_for_tokens_and_says_how_much(reports: Reports) -> None:
    use_at(reports, LAST_WEEK, {ONE: 1})
    bill(reports, LAST_WEEK, {OUTPUT: "100", CODE: "113237"})
    document = reports.costs("31d", "workspace", "--model", "claude-opus-5")
    assert (document["total_usd"], document["excluded_usd"]) == ("1", "1132.37")
    for kept in (reports.rates, reports.breakdown):
        document = kept("31d", "workspace", "--model", "claude-opus-5")
        assert (document["total_usd"], document["excluded_usd"]) == ("1", "1132.37")
    whole = reports.costs("31d", "workspace")
    assert usd(whole.get("excluded_usd")) == 0


def test_a_key_leaves_out_what_is_of_no_key_and_says_how_much(reports: Reports) -> None:
    use_at(reports, LAST_WEEK, {ONE: 1, TWO: 3})
    bill(reports, LAST_WEEK, {OUTPUT: "100", CODE: "50"})
    for document in (
        reports.costs("31d", "api_key", "--api-key", "apikey_1"),
        reports.breakdown("31d", "api_key", "--api-key", "apikey_1"),
        reports.rates("31d", "api_key", "--api-key", "apikey_1"),
    ):
        assert (document["total_usd"], document["excluded_usd"]) == ("0.25", "0.5")
