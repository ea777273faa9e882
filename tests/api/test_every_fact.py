"""A case for every parameter, field and enum value that the public descriptions of both reports name (facts.toml).

The client and `meterdeck query` send each parameter; each field and value is read off the wire, kept by the store and
shown by a report. Nothing depends on somebody's memory of the descriptions.
"""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from answers import ADMIN_KEY, DAY_START, Document, bucket, page, usage_row
from meterdeck.api import AdminClient, BucketWidth, CostQuery, NotAllowed, Secret, UsageQuery
from meterdeck.api.wire import parse_cost_page, parse_error, parse_usage_page
from meterdeck.cli import connect, main
from meterdeck.cli.arguments.reports import BREAKDOWN_BY, COSTS_BY
from meterdeck.domain.buckets import Window
from meterdeck.domain.dimensions import SERIES_DIMENSIONS, Dimension
from meterdeck.domain.questions import Asked, Question
from meterdeck.domain.scope import Scope, Span
from meterdeck.present.documents import breakdown_document, costs_document
from meterdeck.present.line_documents import lines_document
from meterdeck.queries.breakdown import breakdown_pane
from meterdeck.queries.costs import day_costs, days_of
from meterdeck.queries.day_lines import day_lines
from meterdeck.queries.learning import learn
from meterdeck.queries.look import Look
from meterdeck.queries.on_demand import on_demand
from meterdeck.queries.question import Question as DeckQuestion
from meterdeck.store import Store, answers, costs, counters, sums, usage
from meterdeck.store.index import KeyIndex

FACTS: Document = tomllib.loads((Path(__file__).parent / "facts.toml").read_text(encoding="utf-8"))
USAGE, COST = FACTS["usage"], FACTS["cost"]
REPORTS = [("usage", USAGE), ("cost", COST)]
HOUR, DAY = BucketWidth.HOUR, BucketWidth.DAY
URL = "https://api.example"
NOW = DAY_START + timedelta(days=1, minutes=30)
FIRST_HOUR = Window(DAY_START, DAY_START + HOUR.delta)
FIRST_DAY = Window(DAY_START, DAY_START + DAY.delta)
BY_FIELD = {dimension.value: dimension for dimension in Dimension}
COUNTER_NAMES = {
    "uncached_input_tokens": "uncached_input",
    "cache_read_input_tokens": "cache_read",
    "output_tokens": "output",
    "cache_creation.ephemeral_5m_input_tokens": "cache_write_5m",
    "cache_creation.ephemeral_1h_input_tokens": "cache_write_1h",
    "cache_creation_5m_input_tokens": "cache_write_5m",
    "cache_creation_1h_input_tokens": "cache_write_1h",
    "server_tool_use.web_search_requests": "web_searches",
}


# --- Parameters: the command, and through it the client, sends each of them.


class Command:
    """`meterdeck query` before a server that answers with nothing, and what it was asked."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.requests: list[httpx.Request] = []
        self.pages: list[Document] = []

    def __call__(self, *words: str) -> httpx.Request:
        assert main(["--data-dir", str(self.data), "--base-url", URL, "query", *words]) == 0
        return self.requests[0]

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return httpx.Response(200, json=self.pages.pop(0) if self.pages else page([]))


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Command:
    for name in os.environ:
        if name.startswith(("ANTHROPIC", "METERDECK", "XDG")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("ANTHROPIC_ADMIN_KEY", ADMIN_KEY)
    monkeypatch.setattr(connect, "utc_now", lambda: NOW)
    command = Command(tmp_path / "data")
    KeyIndex(command.data, URL).remember(Secret(ADMIN_KEY), "org-1")
    monkeypatch.setattr(
        connect,
        "client_of",
        lambda place, key: AdminClient(place.base_url, key, via=httpx.MockTransport(command.answer)),
    )
    return command


def asked_of(report: str, *words: str) -> tuple[str, ...]:
    return (report, "--start", "2026-11-17", "--end", "2026-11-18", *words)


@pytest.mark.parametrize(("report", "facts"), REPORTS, ids=["usage", "cost"])
def test_the_command_asks_the_report_with_its_times_width_and_headers(
    command: Command, report: str, facts: Document
) -> None:
    request = command(*asked_of(report, "--beta", facts["headers"]["anthropic-beta"]))
    assert request.url.path == facts["path"]
    assert [request.url.params[name] for name in facts["times"]] == [
        "2026-11-17T00:00:00Z",
        "2026-11-18T00:00:00Z",
    ]
    assert {name: request.headers[name] for name in facts["headers"]} == facts["headers"]


@pytest.mark.parametrize("width", USAGE["bucket_width"])
def test_the_usage_report_is_asked_in_every_width_and_its_largest_pages(command: Command, width: str) -> None:
    most = str(USAGE["limit"][width])
    request = command(*asked_of("usage", "--width", width, "--limit", most))
    assert (request.url.params["bucket_width"], request.url.params["limit"]) == (width, most)


@pytest.mark.parametrize("width", COST["bucket_width"])
def test_the_cost_report_is_asked_in_its_width_and_its_largest_pages(command: Command, width: str) -> None:
    most = str(COST["limit"][width])
    request = command(*asked_of("cost", "--limit", most))
    assert (request.url.params["bucket_width"], request.url.params["limit"]) == (width, most)


GROUPS = [(report, field) for report, facts in REPORTS for field in facts["group_by"]]


@pytest.mark.parametrize(("report", "field"), GROUPS)
def test_each_report_is_grouped_by_each_of_its_dimensions(command: Command, report: str, field: str) -> None:
    request = command(*asked_of(report, "--group-by", BY_FIELD[field].word))
    assert request.url.params.get_list("group_by[]") == [field]


FILTERS = [(name, value) for name, values in USAGE["filters"].items() for value in values]
FIELD_OF = dict(zip(USAGE["filters"], USAGE["fields"], strict=True))


@pytest.mark.parametrize(("name", "value"), FILTERS)
def test_usage_is_filtered_by_each_value_of_each_filter(command: Command, name: str, value: str) -> None:
    request = command(*asked_of("usage", f"--{FIELD_OF[name].replace('_', '-')}", value))
    assert request.url.params.get_list(name) == [value]


@pytest.mark.parametrize(("report", "facts"), REPORTS, ids=["usage", "cost"])
def test_the_next_page_is_asked_for_with_the_token_that_came(
    command: Command, report: str, facts: Document
) -> None:
    command.pages = [page([], "2019-12-27T18:11:19.117Z")]
    command(*asked_of(report))
    assert [request.url.params.get("page") for request in command.requests] == [
        None,
        "2019-12-27T18:11:19.117Z",
    ]
    assert facts["page_fields"] == list(page([]))


@pytest.mark.parametrize("field", COST["contradicted"]["group_by"])
def test_what_the_two_descriptions_say_two_things_of_is_never_sent(field: str) -> None:
    with pytest.raises(NotAllowed, match="by workspace and description, and by nothing else"):
        CostQuery(FIRST_DAY, (BY_FIELD[field],))


@pytest.mark.parametrize("words", [("--workspace-id", "wrkspc_1"), ("--width", "1h")])
def test_the_bill_has_neither_filters_nor_another_width(words: tuple[str, str], tmp_path: Path) -> None:
    assert len(words) == len(COST["contradicted"]["filters"]) + len(COST["contradicted"]["bucket_width"])
    with pytest.raises(SystemExit) as left:
        main(["--data-dir", str(tmp_path), "query", *asked_of("cost", *words)])
    assert left.value.code == 2


# --- Fields and their values: read, kept, shown.


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "facts.db")
    yield opened
    opened.close()


OfLook = Callable[[Look], Any]


def used(store: Store, row: Document) -> None:
    """Carry one row of usage from the wire into the store, as a reader does."""
    body = json.dumps(page([bucket(DAY_START, [row], HOUR)])).encode()
    read = parse_usage_page(body, SERIES_DIMENSIONS)
    assert read.remarks == ()
    with store.write() as transaction:
        usage.replace(transaction, HOUR, FIRST_HOUR, read.buckets, NOW)


def billed(store: Store, row: Document) -> None:
    """Carry one line of the bill from the wire into the store."""
    body = json.dumps(page([bucket(DAY_START, [row], DAY)])).encode()
    read = parse_cost_page(body)
    assert read.remarks == ()
    with store.write() as transaction:
        costs.replace(transaction, FIRST_DAY, read.buckets, NOW)


def shown(store: Store, of: OfLook) -> Any:
    with store.read() as transaction:
        return of(Look(transaction))


def breakdown(look: Look, by: Dimension) -> list[Document]:
    pane = breakdown_pane(look, DeckQuestion(Scope(span=Span.WEEK, by=by)), NOW, learn(look, NOW))
    rows: list[Document] = breakdown_document(pane, fresh=True)["rows"]
    return rows


def put(row: Document, place: str, value: object) -> Document:
    """The row with a value at a dotted place."""
    outer, _, inner = place.partition(".")
    if inner:
        row[outer] = row.get(outer) or {}
    (row[outer] if inner else row)[inner or outer] = value
    return row


@pytest.mark.parametrize("counter", [*USAGE["counters"], *USAGE["flat_counters"]])
def test_each_counter_of_usage_is_read_kept_and_shown(store: Store, counter: str) -> None:
    row = usage_row(
        model="m", workspace_id="w", api_key_id="k", service_tier="standard", context_window="0-200k"
    )
    if counter in USAGE["flat_counters"]:
        row |= {"cache_creation": None, **dict.fromkeys(USAGE["flat_counters"], 0)}
    used(store, put(row, counter, 41))
    (found,) = shown(store, lambda look: sums.by_series(look.transaction, FIRST_HOUR).values())
    assert sum(found) == 41
    rows = shown(store, lambda look: breakdown(look, Dimension.MODEL))
    (line,) = (row for row in rows if row["kind"] == "member")  # money of searches has no model, and a row
    name = COUNTER_NAMES[counter]
    assert (line["web_searches"] if name == "web_searches" else line["tokens"][name]) == 41


VALUES = [(field, value) for field, values in USAGE["fields"].items() for value in values]
KEPT = [(field, value) for field, value in VALUES if BY_FIELD[field] in SERIES_DIMENSIONS]
ASKED = [(field, value) for field, value in VALUES if BY_FIELD[field] not in SERIES_DIMENSIONS]


@pytest.mark.parametrize(("field", "value"), KEPT)
@pytest.mark.parametrize("is_null", [False, True])
def test_each_value_of_each_dimension_of_usage_is_kept_and_shown_and_so_is_null(
    store: Store, field: str, value: str, is_null: bool
) -> None:
    row = usage_row(output_tokens=7, model="m", service_tier="standard", context_window="0-200k")
    used(store, row | {field: None if is_null else value})
    (line,) = shown(store, lambda look: breakdown(look, BY_FIELD[field]))
    assert line["id"] == (None if is_null else value)
    assert line["tokens"]["output"] == 7


@pytest.mark.parametrize(("field", "value"), ASKED)
@pytest.mark.parametrize("is_null", [False, True])
def test_each_value_that_is_read_on_demand_is_kept_and_shown_and_so_is_null(
    store: Store, field: str, value: str, is_null: bool
) -> None:
    scope = Scope(span=Span.DAY, by=BY_FIELD[field])
    question = Question.of(scope)
    body = json.dumps(
        page([bucket(DAY_START, [usage_row(output_tokens=7, **{field: None if is_null else value})], HOUR)])
    ).encode()
    read = parse_usage_page(body, question.group_by)
    with store.write() as transaction:
        answers.put(transaction, question, Asked(FIRST_HOUR, HOUR), read.buckets, NOW)
    found = shown(store, lambda look: on_demand(look, scope, NOW, learn(look, NOW)))
    (line,) = breakdown_document(found.pane, fresh=True)["rows"]
    assert line["id"] == (None if is_null else value)
    assert line["tokens"]["output"] == 7


LINE: Document = {"amount": "123.45", "currency": "USD", "cost_type": "tokens", "model": "m"}
LINES = [(field, value) for field, values in COST["fields"].items() for value in values]


@pytest.mark.parametrize(("field", "value"), LINES)
@pytest.mark.parametrize("is_null", [False, True])
def test_each_value_of_each_field_of_the_bill_is_kept_and_shown_and_so_is_null(
    store: Store, field: str, value: str, is_null: bool
) -> None:
    said = None if is_null else value
    billed(store, LINE | {field: said})
    document = shown(
        store,
        lambda look: lines_document(day_lines(look, Scope(), DAY_START, NOW, learn(look, NOW)), fresh=True),
    )
    (line,) = document["rows"]
    told = line["id"] if field == "workspace_id" else line[field]
    # A token type may stand under the short name that it has in every report.
    assert told == said or (field == "token_type" and told == COUNTER_NAMES[value])
    assert line["usd"] == "1.2345"


@pytest.mark.parametrize(("field", "value"), LINES)
def test_the_bill_is_split_by_each_of_its_fields(store: Store, field: str, value: str) -> None:
    billed(store, LINE | {field: value})
    scope = Scope(span=Span.WEEK, by=BY_FIELD[field])
    found = shown(store, lambda look: day_costs(look, scope, days_of(scope, NOW), NOW, learn(look, NOW)))
    rows = [row for row in costs_document(found, fresh=True)["rows"] if row["day"] == f"{DAY_START:%Y-%m-%d}"]
    (row,) = rows
    assert row["usd"] == "1.2345"
    assert row["id"] in {value, COUNTER_NAMES.get(value)}


@pytest.mark.parametrize("amount", COST["amounts"])
@pytest.mark.parametrize("currency", [*COST["currencies"], None])
def test_each_amount_is_kept_digit_by_digit(store: Store, amount: str, currency: str | None) -> None:
    row = LINE | {"amount": amount, "currency": currency}
    if currency is None:
        del row["currency"]
    billed(store, row)
    (line,) = shown(store, lambda look: costs.lines(look.transaction, FIRST_DAY))
    assert (str(line.cents), line.line.currency) == (amount, "USD")


@pytest.mark.parametrize(("report", "facts"), REPORTS, ids=["usage", "cost"])
def test_a_bucket_and_a_page_hold_the_described_fields(report: str, facts: Document) -> None:
    document = page([bucket(DAY_START, [], DAY)], "page_2")
    assert set(document) == set(facts["page_fields"])
    assert set(document["data"][0]) == set(facts["bucket_fields"])
    body = json.dumps(document).encode()
    read: Any = parse_usage_page(body, ()) if report == "usage" else parse_cost_page(body)
    assert read.buckets[0].window == FIRST_DAY
    assert (read.has_more, read.next_page, read.remarks) == (True, "page_2", ())


def test_an_error_is_read_with_each_of_its_fields() -> None:
    document: Document = {}
    for place in FACTS["errors"]["fields"]:
        put(document, place, f"the {place}")
    assert parse_error(json.dumps(document).encode()) == (
        "the error.type",
        "the error.message",
        "the request_id",
    )


def test_a_counter_of_another_server_tool_is_kept_by_its_name(store: Store) -> None:
    row = usage_row(output_tokens=1, model="m")
    row["server_tool_use"]["web_fetch_requests"] = 3
    used(store, row)
    kept = shown(store, lambda look: counters.by_series(look.transaction, FIRST_HOUR))
    assert list(kept.values()) == [{"server_tool_use.web_fetch_requests": 3}]


def test_the_command_line_offers_every_field_of_both_reports_to_split_by() -> None:
    words = {dimension.value for dimension in BREAKDOWN_BY}
    assert set(USAGE["fields"]) <= words
    assert set(COST["fields"]) <= {dimension.value for dimension in COSTS_BY}


def test_every_dimension_of_usage_is_a_case() -> None:
    """Where the client learns another dimension, its values belong into the facts."""
    window = Window(datetime(2026, 11, 17, tzinfo=UTC), datetime(2026, 11, 18, tzinfo=UTC))
    for field in USAGE["group_by"]:
        assert UsageQuery(window, DAY, (BY_FIELD[field],)).group_by
    assert set(USAGE["group_by"]) == set(USAGE["fields"])
