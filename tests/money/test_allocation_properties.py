"""Whatever was used and billed: every report says the same of the same day, and settled days add up to their bill.

Each figure of a settled day is held against `money.reference`, to the last digit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from fractions import Fraction
from typing import NamedTuple

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from meterdeck.domain.buckets import rfc3339
from meterdeck.domain.reports import CostLine
from meterdeck.domain.tokens import token_type_of_line
from money.histories import (
    DAY,
    DAYS,
    SURE,
    TODAY,
    YESTERDAY,
    History,
    histories,
    ids_of,
    steady_histories,
    steady_pools,
)
from money.reference import SEARCHES, Day, Use, open_day, settled_day, total
from money.reports import Document, Key, Reports, Who, usd, usd_by, usd_of, who

USAGE_BY = ("workspace", "model", "api_key", "service_tier", "context_window", "token_type")
BILL_BY = (
    *("workspace", "model", "service_tier", "context_window", "token_type"),
    *("inference_geo", "cost_type", "description"),
)
WITHIN_POOLS = ("api_key", "inference_geo", "description")
"""Dimensions that cut through pools: an open day's estimate of one of their members is a share, or put in some words."""
WINDOWS = ("24h", "7d", "31d", "month")
NOT_ALLOCATED: Who = (None, "not_allocated")
NOT_TOKEN: Who = (None, "not_token")
STATES, EVIDENCE = ["estimated", "allocated", "billed"], ["list", "early", "learned"]
"""The weakest first."""

some = settings(max_examples=8, phases=(Phase.explicit, Phase.reuse, Phase.generate))
"""Few enough for every run; the long form also looks for the smallest history that fails, which takes minutes."""


class Figure(NamedTuple):
    """What is known of some dollars, in cents."""

    cents: Fraction | None
    unmatched: bool = False
    mixed: bool = False


def told(row: Document) -> Figure:
    """What a row says of its dollars."""
    cents = None if row["usd"] is None else usd(row["usd"]) * 100
    return Figure(cents, "unmatched" in row["lacks"], row.get("mixed", False))


def member_of(by: str, use: Use) -> Who:
    """Whom the money of a series' counter belongs to: of a search the bill knows but the workspace."""
    if use.counter == SEARCHES and by not in {"workspace", "api_key"}:
        return NOT_TOKEN
    if by == "token_type":
        return use.counter, "member"
    member: str | None = getattr(use.series, f"{by}_id" if by in {"workspace", "api_key"} else by)
    return member, _kind(by, member)


def member_of_line(by: str, line: CostLine) -> Who:
    """Whom a line of the bill belongs to: nobody of keys, and of what is not for tokens no model."""
    if by == "api_key":
        return NOT_ALLOCATED
    member: str | None = line.workspace_id if by == "workspace" else getattr(line, by)
    if by == "token_type":
        member = token_type_of_line(member)
    return member, _kind(by, member)


def _kind(by: str, member: str | None) -> str:
    if member is not None:
        return "member"
    of_null = {"workspace": "default", "api_key": "console", "inference_geo": "none"}
    return of_null.get(by, "not_token")


def shares(history: History, reports: Reports) -> dict[datetime, Day]:
    """The settled days of which every hour was read, shared out."""
    ids = ids_of(reports)
    return {
        day: settled_day(history.bill[day], history.hours_of(day), ids)
        for day in DAYS
        if history.is_settled(day) and history.is_whole(day)
    }


def figures(of_bucket: Mapping[Use, Fraction], unpaid: Iterable[Use], day: Day, by: str) -> dict[Who, Figure]:
    """What each member is worth in one bucket, by what each counter is worth in it.

    Tokens of the Priority Tier have no dollars, and lack none: no bill ever holds their cost.
    """
    found: dict[Who, Figure] = {}
    for use, cents in of_bucket.items():
        have = found.get(member_of(by, use), Figure(Fraction(0)))
        found[member_of(by, use)] = Figure((have.cents or 0) + cents, mixed=have.mixed or use in day.mixed)
    for use in unpaid:
        have = found.get(member_of(by, use), Figure(None))
        is_unmatched = have.unmatched or use.counter == SEARCHES or use.series.service_tier != "priority"
        found[member_of(by, use)] = have._replace(unmatched=is_unmatched)
    return not_nothing(found)


def estimates(day: Day) -> Day:
    """An open day: an estimate is never marked as mixed."""
    return replace(day, mixed=set())


def agree(said: Mapping[Who, Figure], expected: Mapping[Who, Figure], day: Day) -> None:
    """Hold figures against the reference. What is mixed says so; so may what else the same members used that day."""
    assert {of: figure._replace(mixed=False) for of, figure in said.items()} == {
        of: figure._replace(mixed=False) for of, figure in expected.items()
    }
    assert all(said[of].mixed for of, figure in expected.items() if figure.mixed)
    assert day.mixed or not any(figure.mixed for figure in said.values())


def not_nothing(found: Mapping[Who, Figure]) -> dict[Who, Figure]:
    """The figures without those of exactly nothing: who used nothing may have a row, or none."""
    return {of: figure for of, figure in found.items() if figure.cents != 0 or figure.unmatched}


def shares_of_hour(day: Day, hour: datetime, by: str) -> dict[Who, Figure]:
    """What each member is worth in an hour of a settled day."""
    paid = {use: cents for (start, use), cents in day.of_hour.items() if start == hour}
    return figures(paid, day.unpaid_in(day.hours, hour), day, by)


def told_by_bucket(rows: Iterable[Document]) -> dict[str, dict[Who, Figure]]:
    """What rows of buckets say, by bucket and member."""
    found: dict[str, dict[Who, Figure]] = {}
    for row in rows:
        found.setdefault(row["start"], {})[who(row)] = told(row)
    return {start: not_nothing(of) for start, of in found.items()}


def in_cents(lines: Mapping[CostLine, object], key: Callable[[CostLine], Who]) -> dict[Who, Fraction]:
    """The sums of lines in USD by member."""
    sums: dict[Who, Fraction] = {}
    for line, cents in lines.items():
        if line.currency == "USD":
            sums[key(line)] = sums.get(key(line), Fraction(0)) + Fraction(str(cents))
    return sums


def billed(history: History, day: datetime) -> Fraction:
    """What is billed of a day, in cents."""
    return total(in_cents(history.bill.get(day, {}), lambda line: (None, "")).values())


def date(day: datetime) -> str:
    """A day as reports write it."""
    return f"{day:%Y-%m-%d}"


def of_day(document: Document, day: datetime) -> list[Document]:
    """The rows of a day."""
    return [row for row in document["rows"] if row["day"] == date(day)]


# What must hold


def every_hour_of_a_settled_day_has_its_share(history: History, reports: Reports, by: str) -> None:
    said = told_by_bucket(reports.rates("31d", by)["rows"])
    for day in shares(history, reports).values():
        for hour in day.hours:
            agree(said.get(rfc3339(hour), {}), shares_of_hour(day, hour, by), day)


def every_minute_of_a_settled_day_has_its_share(history: History, reports: Reports, by: str) -> None:
    for start, day in shares(history, reports).items():
        for hour in [hour for hour in history.minutes if start <= hour < start + DAY]:
            minutes = history.minutes[hour]
            said = told_by_bucket(reports.minutes(hour, by)["rows"])
            worth = day.of_minutes(hour, minutes)
            for minute in minutes:
                paid = {use: cents for (at, use), cents in worth.items() if at == minute}
                expected = figures(paid, day.unpaid_in(minutes, minute), day, by)
                agree(said.get(rfc3339(minute), {}), expected, day)


def the_minutes_of_any_hour_add_up_to_it(history: History, reports: Reports, by: str) -> None:
    hours = usd_by(reports.rates("31d", by)["rows"], lambda row: (row["start"], who(row)))
    for hour in history.minutes:
        document = reports.minutes(hour, by)
        of_members = usd_by(document["rows"], who)
        assert usd(document["total_usd"]) == total(of_members.values())
        of_hour = {of: dollars for (start, of), dollars in hours.items() if start == rfc3339(hour)}
        assert not_zero(of_members) == not_zero(of_hour)


def a_key_is_the_sum_of_its_hours(history: History, reports: Reports) -> None:
    hours = usd_by(reports.rates("31d", "api_key")["rows"], lambda row: (row["start"][:10], who(row)))
    document = reports.costs("31d", "api_key")
    days = usd_by(document["rows"], lambda row: (row["day"], who(row)))
    beside = {key: dollars for key, dollars in days.items() if key[1] == NOT_ALLOCATED}
    assert not_zero({key: dollars for key, dollars in days.items() if key not in beside}) == not_zero(hours)
    assert usd(document["total_usd"]) == total(hours.values()) + total(beside.values())


def keys_share_a_settled_day(history: History, reports: Reports) -> None:
    document = reports.costs("31d", "api_key")
    for start, day in shares(history, reports).items():
        expected = figures(day.of_day, day.unpaid, day, "api_key")
        rows = {who(row): row for row in of_day(document, start)}
        beside = rows.pop(NOT_ALLOCATED, None)
        agree(not_nothing({of: told(row) for of, row in rows.items()}), expected, day)
        assert {row["state"] for row in rows.values() if usd(row["usd"])} <= {"allocated"}
        assert (usd(beside["usd"]) * 100 if beside else 0) == total(day.not_allocated.values())
        assert beside or not day.not_allocated
        assert beside is None or beside["usd"] is None or beside["state"] == "billed"
        assert usd_of(of_day(document, start)) * 100 == billed(history, start)


def members_of_the_bill_are_sums_of_its_lines(history: History, reports: Reports, by: str) -> None:
    document = reports.costs("31d", by)
    for day in filter(history.is_settled, DAYS):
        rows = [row for row in of_day(document, day) if row["usd"] is not None]
        said = {who(row): usd(row["usd"]) * 100 for row in rows}
        assert said == in_cents(history.bill[day], lambda line: member_of_line(by, line))
        assert {row["state"] for row in rows} <= {"billed"}
        assert all(row["evidence"] is None and row["settled"] for row in rows)


def a_settled_day_with_an_hour_that_was_not_read_is_not_shared_out(
    history: History, reports: Reports
) -> None:
    rates, costs = reports.rates("31d", "api_key"), reports.costs("31d", "api_key")
    for day in filter(history.is_settled, DAYS):
        if not history.is_whole(day) and history.bill[day]:
            assert all(
                row["usd"] is None and "unread" in row["lacks"]
                for row in rates["rows"]
                if row["start"].startswith(date(day)) and row["total_tokens"] + row["web_searches"]
            )
            for beside in (
                [row for row in of_day(costs, day) if who(row) == NOT_ALLOCATED],
                [row for row in rates["not_allocated"] if row["day"] == date(day)],
            ):
                assert usd_of(beside) * 100 == billed(history, day)
                assert {row["state"] for row in beside} <= {"billed"}
                assert all("unread" in row["lacks"] for row in beside)


def all_reports_say_the_same_of_a_window(history: History, reports: Reports, by: str, window: str) -> None:
    costs, breakdown, rates = (of(window, by) for of in (reports.costs, reports.breakdown, reports.rates))
    assert usd(costs["total_usd"]) == usd(breakdown["total_usd"]) == usd(rates["total_usd"])
    whole = reports.costs(window, "workspace")
    assert usd(costs["total_usd"]) == usd(whole["total_usd"])
    assert usd(costs["total_usd"]) == usd_of(costs["days"])
    hours = total_of_parts(rates["rows"], rates["not_allocated"])
    assert hours == usd(rates["total_usd"])
    assert total_of_parts(breakdown["rows"]) == usd(breakdown["total_usd"])
    same = usd_by(costs["rows"], lambda row: row["day"])
    by_day = usd_by(rates["rows"], lambda row: row["start"][:10])
    for day, dollars in usd_by(rates["not_allocated"], lambda row: row["day"]).items():
        by_day[day] = by_day.get(day, Fraction(0)) + dollars
    assert not_zero(by_day) == not_zero(same)


def a_breakdown_is_the_sum_of_its_hours(history: History, reports: Reports, by: str, window: str) -> None:
    rates, breakdown = reports.rates(window, by), reports.breakdown(window, by)
    members = usd_by(breakdown["rows"], who)
    hours = usd_by(rates["rows"], who)
    beside = total(usd_by(rates["not_allocated"], lambda row: row["day"]).values())
    if by == "api_key":
        assert members.pop(NOT_ALLOCATED, Fraction(0)) == beside
        assert not_zero(members) == not_zero(hours)
    else:
        assert NOT_ALLOCATED not in members
        assert total(members.values()) == total(hours.values()) + beside


def sums_are_as_weak_as_their_weakest_part(history: History, reports: Reports, by: str, window: str) -> None:
    costs, breakdown, rates = (of(window, by) for of in (reports.costs, reports.breakdown, reports.rates))
    sums_up(costs, costs["rows"])
    sums_up(breakdown, breakdown["rows"], several_states=True)
    sums_up(rates, [*rates["rows"], *rates["not_allocated"]])
    for day in costs["days"]:
        sums_up(day | {"total_usd": day["usd"]}, [row for row in costs["rows"] if row["day"] == day["day"]])


def no_open_day_stands_below_its_bill(history: History, reports: Reports, by: str) -> None:
    document = reports.costs("31d", by)
    for day in (day for day in history.bill if not history.is_settled(day)):
        rows = of_day(document, day)
        assert usd_of(rows) * 100 >= billed(history, day)
        said = usd_by(rows, who)
        if by not in WITHIN_POOLS:
            for of, cents in in_cents(history.bill[day], lambda line: member_of_line(by, line)).items():
                assert said.get(of, Fraction(0)) * 100 >= cents
        assert {row["state"] for row in rows} <= {"estimated"}
        assert not any(row["settled"] for row in rows)


def the_lines_of_a_settled_day_are_its_day(history: History, reports: Reports) -> None:
    days = {row["day"]: row for row in reports.costs("31d", "workspace")["days"]}
    for day in history.bill:
        document = reports.lines(day)
        assert usd_of(document["rows"]) == usd(document["total_usd"])
        assert usd(document["total_usd"]) * 100 == billed(history, day)
        if history.is_settled(day) and history.bill[day]:
            assert usd(days[date(day)]["usd"]) == usd(document["total_usd"])
            assert days[date(day)]["settled"] is True
            assert days[date(day)]["state"] == "billed"
            assert document["settled"] is True


def sums_up(whole: Document, parts: list[Document], *, several_states: bool = False) -> None:
    """Hold a total against its parts: the amount, how much of it is known how, and what it lacks.

    A part that is itself a sum may be of several states.
    """
    by_state = {state: usd(amount) for state, amount in whole["usd_by_state"].items()}
    assert by_state.keys() == set(STATES)
    assert total(by_state.values()) == usd(whole["total_usd"]) == usd_of(parts)
    worth = [part for part in parts if usd(part["usd"])]
    if worth:
        weakest = min((part["state"] for part in worth), key=STATES.index)
        assert STATES.index(whole["state"]) <= STATES.index(weakest)
        assert whole["state"] in {part["state"] for part in parts}
    if whole["state"] == "estimated":
        evidence = [part["evidence"] for part in worth if part["evidence"]]
        assert whole["evidence"] in EVIDENCE
        assert all(EVIDENCE.index(whole["evidence"]) <= EVIDENCE.index(of) for of in evidence)
    else:
        assert whole["evidence"] is None
    for part in parts:
        assert set(part["lacks"]) <= set(whole["lacks"])
        assert part["lacks"] == sorted(set(part["lacks"]))
        assert part.get("estimated", part["state"] == "estimated") is (part["state"] == "estimated")
        assert (part["evidence"] is None) or part["state"] == "estimated"
    if not several_states:
        for state, amount in by_state.items():
            assert amount == usd_of(part for part in parts if part["state"] == state)


def not_zero(sums: Mapping[Key, Fraction]) -> dict[Key, Fraction]:
    """The sums that are not zero: what nothing was spent by may have a row, or none."""
    return {key: dollars for key, dollars in sums.items() if dollars}


def total_of_parts(*parts: list[Document]) -> Fraction:
    """The exact sum of the rows of several lists."""
    return total(usd_of(rows) for rows in parts)


def an_open_day_is_worth_what_its_pools_are(history: History, reports: Reports, by: str) -> None:
    """Of a history whose prices never change."""
    ids = ids_of(reports)
    prices = {pool: Fraction(cents) for pool, cents in steady_pools(list(ids)).items()}
    said = told_by_bucket(reports.rates("7d", by)["rows"])
    costs = {of: reports.costs("7d", of) for of in (by, "api_key")}
    for start in (YESTERDAY, TODAY):
        day = estimates(open_day(history.bill[start], history.hours_of(start), ids, prices))
        for hour in day.hours:
            agree(said.get(rfc3339(hour), {}), shares_of_hour(day, hour, by), day)
        members = figures(day.of_day, (), day, "api_key")
        beside = {NOT_ALLOCATED: Figure(total(day.not_allocated.values()))} if day.not_allocated else {}
        rows = of_day(costs["api_key"], start)
        assert not_nothing({who(row): told(row) for row in rows}) == not_nothing(members | beside)
        for document in costs.values():
            assert {row["state"] for row in of_day(document, start)} == {"estimated"}
            assert (
                usd_of(of_day(document, start))
                == total(figure.cents or Fraction(0) for figure in (members | beside).values()) / 100
            )
        for hour in (hour for hour in history.minutes if start <= hour < start + DAY):
            of_minutes = day.of_minutes(hour, history.minutes[hour])
            told_minutes = told_by_bucket(reports.minutes(hour, by)["rows"])
            for minute in history.minutes[hour]:
                paid = {use: cents for (at, use), cents in of_minutes.items() if at == minute}
                assert told_minutes.get(rfc3339(minute), {}) == figures(paid, (), day, by)


# The small form: each with some examples


@some
@given(histories(), st.sampled_from(USAGE_BY))
def test_every_hour_of_a_settled_day_has_its_share_of_the_bill(history: History, by: str) -> None:
    with history.stored() as reports:
        every_hour_of_a_settled_day_has_its_share(history, reports, by)


@some
@given(histories(), st.sampled_from(USAGE_BY))
def test_every_minute_of_a_settled_day_has_its_share_of_the_hour(history: History, by: str) -> None:
    with history.stored() as reports:
        every_minute_of_a_settled_day_has_its_share(history, reports, by)
        the_minutes_of_any_hour_add_up_to_it(history, reports, by)


@some
@given(histories())
def test_a_key_of_a_settled_day_is_the_sum_of_its_hours_and_a_share_of_the_day(history: History) -> None:
    with history.stored() as reports:
        a_key_is_the_sum_of_its_hours(history, reports)
        keys_share_a_settled_day(history, reports)


@some
@given(histories(), st.sampled_from(BILL_BY))
def test_what_is_billed_by_a_field_of_the_bill_is_the_sum_of_whole_lines(history: History, by: str) -> None:
    with history.stored() as reports:
        members_of_the_bill_are_sums_of_its_lines(history, reports, by)
        the_lines_of_a_settled_day_are_its_day(history, reports)


@some
@given(histories())
def test_a_settled_day_of_which_an_hour_was_never_read_is_not_allocated_and_says_so(history: History) -> None:
    with history.stored() as reports:
        a_settled_day_with_an_hour_that_was_not_read_is_not_shared_out(history, reports)


@some
@given(histories(), st.sampled_from(USAGE_BY), st.sampled_from(WINDOWS))
def test_rates_breakdown_and_costs_say_the_same_of_the_same_days(
    history: History, by: str, window: str
) -> None:
    with history.stored() as reports:
        all_reports_say_the_same_of_a_window(history, reports, by, window)
        a_breakdown_is_the_sum_of_its_hours(history, reports, by, window)


@some
@given(histories(), st.sampled_from(USAGE_BY), st.sampled_from(WINDOWS))
def test_a_sum_says_how_much_of_it_is_known_how_and_is_as_weak_as_its_weakest_part(
    history: History, by: str, window: str
) -> None:
    with history.stored() as reports:
        sums_are_as_weak_as_their_weakest_part(history, reports, by, window)


@some
@given(histories(), st.sampled_from([*BILL_BY, "api_key"]))
def test_an_open_day_never_stands_below_what_is_billed_of_it(history: History, by: str) -> None:
    with history.stored() as reports:
        no_open_day_stands_below_its_bill(history, reports, by)


@some
@given(histories(), histories(), st.sampled_from(SURE), st.booleans())
def test_a_settled_day_that_is_restated_is_shared_out_anew(
    history: History, another: History, day: datetime, kept: bool
) -> None:
    with history.stored() as reports:
        reports.costs("31d", "api_key")
        restated = replace(history.with_day_of(another, day), kept=kept)
        restated.fill(reports.store)
        a_key_is_the_sum_of_its_hours(restated, reports)
        keys_share_a_settled_day(restated, reports)


@some
@given(steady_histories(), st.sampled_from(USAGE_BY))
def test_an_open_day_is_worth_the_most_that_is_known_of_it_less_its_credits(
    history: History, by: str
) -> None:
    with history.stored() as reports:
        an_open_day_is_worth_what_its_pools_are(history, reports, by)


# The long form: all of it, of many histories


@pytest.mark.soak
@settings(max_examples=1500)
@given(histories(), st.sampled_from(USAGE_BY), st.sampled_from(BILL_BY), st.sampled_from(WINDOWS))
def test_all_of_it_of_many_histories(history: History, by: str, by_field: str, window: str) -> None:
    with history.stored() as reports:
        every_hour_of_a_settled_day_has_its_share(history, reports, by)
        every_minute_of_a_settled_day_has_its_share(history, reports, by)
        the_minutes_of_any_hour_add_up_to_it(history, reports, by)
        a_key_is_the_sum_of_its_hours(history, reports)
        keys_share_a_settled_day(history, reports)
        members_of_the_bill_are_sums_of_its_lines(history, reports, by_field)
        the_lines_of_a_settled_day_are_its_day(history, reports)
        a_settled_day_with_an_hour_that_was_not_read_is_not_shared_out(history, reports)
        all_reports_say_the_same_of_a_window(history, reports, by, window)
        a_breakdown_is_the_sum_of_its_hours(history, reports, by, window)
        sums_are_as_weak_as_their_weakest_part(history, reports, by, window)
        no_open_day_stands_below_its_bill(history, reports, by_field)


@pytest.mark.soak
@settings(max_examples=500)
@given(steady_histories(), st.sampled_from(USAGE_BY), st.sampled_from(BILL_BY), st.sampled_from(WINDOWS))
def test_open_days_of_many_steady_histories(history: History, by: str, by_field: str, window: str) -> None:
    with history.stored() as reports:
        an_open_day_is_worth_what_its_pools_are(history, reports, by)
        the_minutes_of_any_hour_add_up_to_it(history, reports, by)
        all_reports_say_the_same_of_a_window(history, reports, by, window)
        no_open_day_stands_below_its_bill(history, reports, by_field)


@pytest.mark.soak
@settings(max_examples=500)
@given(histories(), histories(), st.sampled_from(SURE), st.booleans())
def test_many_days_that_are_restated(history: History, another: History, day: datetime, kept: bool) -> None:
    with history.stored() as reports:
        reports.costs("31d", "api_key")
        restated = replace(history.with_day_of(another, day), kept=kept)
        restated.fill(reports.store)
        a_key_is_the_sum_of_its_hours(restated, reports)
        keys_share_a_settled_day(restated, reports)
        a_settled_day_with_an_hour_that_was_not_read_is_not_shared_out(restated, reports)
