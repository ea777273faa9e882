"""Answers that can't be believed: each is an error that names the place, and nothing of it comes through.

What is missing and can be told or taken for nothing is read all the same, and said.
"""

import json
from collections.abc import Callable
from typing import Any

import pytest

from answers import DAY_START, Document, bucket, cost_page, fixture, page, usage_row
from meterdeck.api import BadPayload
from meterdeck.api.wire import (
    parse_api_keys,
    parse_cost_page,
    parse_organization,
    parse_usage_page,
    parse_workspaces,
)
from meterdeck.domain.buckets import BucketWidth
from meterdeck.domain.dimensions import Dimension

HOUR = BucketWidth.HOUR


def one_row(**fields: object) -> Document:
    return page([bucket(DAY_START, [usage_row(**fields)], HOUR)])


def parse(document: object) -> Any:
    return parse_usage_page(json.dumps(document).encode(), (Dimension.MODEL,))


COUNTED: Document = {
    "uncached_input_tokens": 1,
    "cache_read_input_tokens": 2,
    "cache_creation.ephemeral_5m_input_tokens": 3,
    "cache_creation.ephemeral_1h_input_tokens": 4,
    "output_tokens": 5,
    "server_tool_use.web_search_requests": 6,
}


def counted_row() -> Document:
    """A row in which each counter has a number of its own."""
    row = usage_row(model="m")
    for place, count in COUNTED.items():
        outer, _, inner = place.partition(".")
        (row[outer] if inner else row)[inner or outer] = count
    return row


@pytest.mark.parametrize("place", COUNTED)
@pytest.mark.parametrize("is_null", [False, True])
def test_a_counter_that_is_missing_counts_as_nothing_and_is_said_and_all_else_is_read(
    place: str, is_null: bool
) -> None:
    row = counted_row()
    outer, _, inner = place.partition(".")
    held = row[outer] if inner else row
    if is_null:
        held[inner or outer] = None
    else:
        del held[inner or outer]
    found = parse(page([bucket(DAY_START, [counted_row(), row, row], HOUR)]))
    first, spoiled, _ = found.buckets[0].rows
    expected = [0 if name == place else count for name, count in COUNTED.items()]
    assert [*(count for _, count in spoiled.tokens.items()), spoiled.web_searches] == expected
    assert (first.tokens.total, first.web_searches) == (15, 6)
    if place == "server_tool_use.web_search_requests" and not is_null:
        assert found.remarks == (), "where no tool was used it may be missing"
    else:
        (remark,) = found.remarks
        assert remark.sentence.startswith(f"{place} is ")
        assert "in 2 rows (first at data.0.results.1): it counts as 0" in remark.sentence


def test_a_row_without_any_of_its_counters_is_refused_and_not_read_as_no_use() -> None:
    with pytest.raises(BadPayload, match="without any of its token counters") as caught:
        parse(page([bucket(DAY_START, [{"model": "m", "amount": "5"}], HOUR)]))
    assert caught.value.place == "data.0.results.0"


@pytest.mark.parametrize("next_page", [None, "page_2"])
@pytest.mark.parametrize("is_null", [False, True])
def test_where_it_is_not_said_whether_more_follows_the_way_to_it_tells(
    next_page: str | None, is_null: bool
) -> None:
    for parse_page in (lambda body: parse_usage_page(body, ()), parse_cost_page):
        document = page([bucket(DAY_START, [], HOUR)], next_page)
        document["has_more"] = None
        if not is_null:
            del document["has_more"]
        found = parse_page(json.dumps(document).encode())
        assert (found.has_more, found.next_page) == (next_page is not None, next_page)
        (remark,) = found.remarks
        assert remark.sentence.startswith("has_more is missing: next_page tells instead")


NO_COUNTS: list[object] = [-1, 1.5, 2.0, "12", True, 10**16, 2**70, [], {}]
COUNTERS = [
    "output_tokens",
    "cache_creation.ephemeral_5m_input_tokens",
    "server_tool_use.web_search_requests",
]


@pytest.mark.parametrize(
    ("place", "count"),
    [(place, count) for place in COUNTERS for count in NO_COUNTS],
)
def test_a_counter_that_is_no_whole_number_is_refused(place: str, count: object) -> None:
    outer, _, inner = place.partition(".")
    with pytest.raises(BadPayload) as caught:
        parse(one_row(**{outer: {inner: count} if inner else count}))
    assert caught.value.place == f"data.0.results.0.{place}"


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda d: d.pop("data"), "data"),
        (lambda d: d.update(has_more="no"), "has_more"),
        (lambda d: d.update(data=None), "data"),
        (lambda d: d.update(data={}), "data"),
        (lambda d: d.update(next_page=7), "next_page"),
        (lambda d: d["data"][0].pop("results"), "data.0.results"),
        (lambda d: d["data"][0].pop("starting_at"), "data.0.starting_at"),
        (lambda d: d["data"][0].update(ending_at="tomorrow"), "data.0.ending_at"),
        (lambda d: d["data"][0].update(starting_at="2026-11-17T00:00:00"), "data.0.starting_at"),
        (lambda d: d["data"][0].update(ending_at="2026-11-16T00:00:00Z"), "data.0"),
        (lambda d: d["data"][0].update(ending_at=d["data"][0]["starting_at"]), "data.0"),
        (lambda d: d["data"][0].update(results=[None]), "data.0.results.0"),
    ],
)
def test_a_page_of_another_shape_is_refused_in_both_reports(
    change: Callable[[Document], object], place: str
) -> None:
    for parse_page in (lambda body: parse_usage_page(body, ()), parse_cost_page):
        document = page([bucket(DAY_START, [], HOUR)])
        change(document)
        with pytest.raises(BadPayload) as caught:
            parse_page(json.dumps(document).encode())
        assert caught.value.place == place


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b"7", b'"text"', b"{", b"<html>", b"\xff\xfe", b"[" * 100_000]
)
def test_a_body_that_is_no_page_is_refused_whatever_it_is(body: bytes) -> None:
    for parse_body in (
        lambda body: parse_usage_page(body, ()),
        parse_cost_page,
        parse_organization,
        parse_workspaces,
        parse_api_keys,
    ):
        with pytest.raises(BadPayload):
            parse_body(body)


def test_half_a_character_is_refused_where_it_stands_and_not_repeated() -> None:
    body = cost_page(1).replace(b"line 0", b"x\\ud800y")
    with pytest.raises(BadPayload) as caught:
        parse_cost_page(body)
    assert caught.value.place == "data.0.results.0.description"
    str(caught.value).encode()
    with pytest.raises(BadPayload):
        parse_organization(b'{"id": "org", "name": "x\\ud800y"}')


def test_a_whole_character_in_two_escapes_is_text() -> None:
    (day,) = parse_cost_page(cost_page(1).replace(b"line 0", b"x\\ud83d\\ude00y")).buckets
    assert day.rows[0].line.description == "x\N{GRINNING FACE}y"


def test_members_must_be_text() -> None:
    with pytest.raises(BadPayload, match=r"data\.0\.results\.0\.model"):
        parse(one_row(model=5))


def test_what_the_api_may_add_passes() -> None:
    document = one_row(model="claude-future-9", service_tier="turbo", new_counter=5, speed="warp") | {
        "new": 1
    }
    document["data"][0]["results"][0]["cache_creation"]["ephemeral_9h_input_tokens"] = 0
    (only,) = parse(document).buckets
    assert only.rows[0].members == ("claude-future-9",)


@pytest.mark.parametrize(
    ("fields", "writes"),
    [
        ({"cache_creation": {"ephemeral_5m_input_tokens": 5, "ephemeral_1h_input_tokens": 7}}, (5, 7)),
        ({"cache_creation": {"ephemeral_1h_input_tokens": 7}}, (0, 7)),
        (
            {
                "cache_creation": None,
                "cache_creation_5m_input_tokens": 5,
                "cache_creation_1h_input_tokens": 7,
            },
            (5, 7),
        ),
        ({"cache_creation": None, "cache_creation_1h_input_tokens": 7}, (0, 7)),
        ({"cache_creation": None, "cache_creation_input_tokens": 9}, (9, 0)),
        ({"cache_creation": {}, "cache_creation_5m_input_tokens": 5}, (5, 0)),
        ({"cache_creation": None}, (0, 0)),
        (
            {
                "cache_creation": {"ephemeral_5m_input_tokens": 5, "ephemeral_1h_input_tokens": 7},
                "cache_creation_5m_input_tokens": 50,
                "cache_creation_input_tokens": 12,
            },
            (5, 7),
        ),
    ],
)
def test_cache_writes_are_read_from_either_shape_and_never_twice(
    fields: Document, writes: tuple[int, int]
) -> None:
    (only,) = parse(one_row(**fields)).buckets
    tokens = only.rows[0].tokens
    assert (tokens.cache_write_5m, tokens.cache_write_1h) == writes


def test_the_smallest_answer_with_a_new_kind_of_cache_write_is_read_whole() -> None:
    (only,) = parse(fixture("new_counters")).buckets
    (row,) = only.rows
    assert row.members == ("claude-opus-4-6",)
    assert (row.tokens.uncached_input, row.tokens.output, row.tokens.total) == (10, 5, 15)
    assert row.others == (("cache_creation.ephemeral_24h_input_tokens", 1000),)


def test_new_counters_are_kept_by_name_with_the_object_that_they_stand_in() -> None:
    row = usage_row(reasoning_tokens=7, audio_tokens=0, image_tokens=None, output_tokens=1)
    row["cache_creation"] |= {"ephemeral_24h_input_tokens": 1000, "ephemeral_7d_input_tokens": 1}
    row["server_tool_use"] |= {"web_fetch_requests": 3, "code_execution_requests": 0}
    found = parse(page([bucket(DAY_START, [row], HOUR)]))
    assert found.buckets[0].rows[0].others == (
        ("cache_creation.ephemeral_24h_input_tokens", 1000),
        ("cache_creation.ephemeral_7d_input_tokens", 1),
        ("reasoning_tokens", 7),
        ("server_tool_use.web_fetch_requests", 3),
    )
    assert found.remarks == ()


def test_the_old_counter_of_all_cache_writes_is_not_counted_beside_new_ones() -> None:
    row = usage_row(cache_creation={"ephemeral_24h_input_tokens": 9}, cache_creation_input_tokens=9)
    (only,) = parse(page([bucket(DAY_START, [row], HOUR)])).buckets[0].rows
    assert only.tokens.total == 0
    assert only.others == (("cache_creation.ephemeral_24h_input_tokens", 9),)


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"cache_creation": {"x_input_tokens": -1}}, "cache_creation.x_input_tokens"),
        ({"cache_creation": {"x_input_tokens": 1.5}}, "cache_creation.x_input_tokens"),
        ({"cache_creation": {"x_input_tokens": 10**16}}, "cache_creation.x_input_tokens"),
        ({"reasoning_tokens": -1}, "reasoning_tokens"),
        ({"reasoning_tokens": 10**16}, "reasoning_tokens"),
        ({"server_tool_use": {"web_fetch_requests": -1}}, "server_tool_use.web_fetch_requests"),
    ],
)
def test_a_new_counter_that_can_t_be_believed_is_refused(fields: Document, place: str) -> None:
    with pytest.raises(BadPayload) as caught:
        parse(one_row(**fields))
    assert caught.value.place == f"data.0.results.0.{place}"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"reasoning_tokens": {"low": 5}}, "reasoning_tokens holds values that are no counts"),
        ({"reasoning_tokens": 1.5}, "reasoning_tokens holds values that are no counts"),
        ({"server_tool_use": {"mcp": "yes"}}, "server_tool_use.mcp holds values that are no counts"),
        (
            {"cache_creation": {"ephemeral_5m_input_tokens": 5, "ephemeral_1h_input_tokens": 0, "kind": 5}},
            "cache_creation.kind holds values that are no counts",
        ),
        ({"sk-ant-x_tokens": 5}, "counters with a name that can't be kept"),
    ],
)
def test_what_looks_like_a_counter_and_is_none_is_left_out_and_said(fields: Document, said: str) -> None:
    found = parse(one_row(**fields))
    assert found.buckets[0].rows[0].others == ()
    (remark,) = found.remarks
    assert remark.sentence == f"{said} in 1 row (at data.0.results.0): they are left out."


@pytest.mark.parametrize("more", [{"ephemeral_1d_input_tokens": 0}, {"x_input_tokens": None}])
def test_a_new_cache_write_of_nothing_is_none(more: Document) -> None:
    writes = {"ephemeral_5m_input_tokens": 5, "ephemeral_1h_input_tokens": 0}
    found = parse(one_row(cache_creation=writes | more))
    assert found.buckets[0].rows[0].tokens.cache_write_5m == 5
    assert (found.buckets[0].rows[0].others, found.remarks) == ((), ())


@pytest.mark.parametrize("tool_use", [None, {}, {"web_search_requests": None}])
def test_missing_searches_are_none(tool_use: object) -> None:
    (only,) = parse(one_row(server_tool_use=tool_use)).buckets
    assert only.rows[0].web_searches == 0
