"""One spelling in all that is written, several in what is read: token types, dimensions, models, and money as text."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cli.commands import Ended

Meterdeck = Callable[..., Ended]

TOKEN_TYPES = {"uncached_input", "cache_read", "cache_write_5m", "cache_write_1h", "output"}
OLD_WORDS = re.compile(r"\w+_tokens|cache_creation\..*|ephemeral_.*")
OPUS = {"claude-opus-4-7", "claude-opus-5", "claude-opus-5-5"}
REPORTS = (
    ("rates", "--by", "token_type"),
    ("minutes", "--hour", "2026-11-21T13:00Z", "--by", "token_type"),
    ("costs", "--by", "token_type"),
    ("breakdown", "--by", "token_type"),
    ("costs", "--lines", "--day", "2026-11-18"),
    ("forecast",),
)
MOST_DECIMALS = 14
"""Of a dollar: a price has 12 of a cent, and no amount of the simulated organisation's bill has more."""


def texts(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Every text of a document with the name of its field."""
    if isinstance(value, dict):
        for field, inner in value.items():
            yield from texts(inner, field)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner, name)
    elif isinstance(value, str):
        yield name, value


@pytest.mark.parametrize("report", REPORTS, ids=" ".join)
def test_a_report_writes_the_short_token_types_alone(demo: Meterdeck, report: tuple[str, ...]) -> None:
    document = demo("report", *report, "--format", "json").document
    assert document["version"] == 2
    if document["by"] == "token_type":
        assert {row["id"] for row in document["rows"]} - {None} == TOKEN_TYPES
    if document["by"] == "line":
        assert {row["token_type"] for row in document["rows"]} - {None} == TOKEN_TYPES
    assert [text for _, text in texts(document) if OLD_WORDS.fullmatch(text)] == []


def test_prices_and_a_query_write_the_short_token_types(demo: Meterdeck) -> None:
    prices = demo("prices", "--format", "json").document
    assert {row["token_type"] for row in prices["rows"]} == TOKEN_TYPES
    assert prices["version"] == demo("prices", "--backtest", "--format", "json").document["version"] == 2
    asked = demo("query", "cost", "--start", "2026-11-18", "--end", "2026-11-19", "--group-by", "description")
    lines = [json.loads(line) for line in asked.out.splitlines()]
    assert {line["token_type"] for line in lines} - {None} == TOKEN_TYPES


@pytest.mark.parametrize("report", REPORTS, ids=" ".join)
def test_no_amount_has_more_digits_than_a_price_or_the_bill_gave_it(
    demo: Meterdeck, report: tuple[str, ...]
) -> None:
    document = demo("report", *report, "--format", "json").document
    amounts = {text for name, text in texts(document) if "usd" in name or name == "cents"}
    assert amounts
    assert [text for text in amounts if not re.fullmatch(r"-?\d+(\.\d{1,14})?", text)] == []


def test_what_is_foreseen_is_told_to_the_cent(demo: Meterdeck) -> None:
    rows = demo("report", "forecast", "--format", "json").document["rows"]
    ends = [
        text for row in rows for name, text in row.items() if re.fullmatch("usd_end_(low|middle|high)", name)
    ]
    assert len(ends) >= 6
    assert [end for end in ends if not re.fullmatch(r"\d+(\.\d{1,2})?", end)] == []


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("workspace_id", "workspace"),
        ("api-key", "api_key"),
        ("API key", "api_key"),
        ("api_key_id", "api_key"),
        ("Token-Type", "token_type"),
    ],
)
@pytest.mark.parametrize("report", ["rates", "breakdown"])
def test_a_dimension_has_several_names_and_one_is_written(
    demo: Meterdeck, report: str, typed: str, written: str
) -> None:
    ended = demo("report", report, "--by", typed, "--format", "json")
    assert ended.document["by"] == written
    assert ended.out == demo("report", report, "--by", written, "--format", "json").out


@pytest.mark.parametrize(
    ("typed", "written"), [("geo", "inference_geo"), ("account_id", "account"), ("speed", "speed")]
)
def test_what_is_read_on_demand_has_several_names_too(
    meterdeck: Meterdeck, demo_copy: Path, typed: str, written: str
) -> None:
    ended = meterdeck(
        "--demo", "--data-dir", demo_copy, "report", "breakdown", "--by", typed, "--format", "json"
    )
    assert ended.document["by"] == written
    assert ended.document["rows"]


def test_what_is_no_dimension_is_refused_with_those_that_are_written(demo: Meterdeck) -> None:
    ended = demo("report", "rates", "--by", "colour")
    assert (ended.code, ended.out) == (2, "")
    assert "'colour'" in ended.err
    assert "api_key" in ended.err
    assert "api_key_id" not in ended.err


@pytest.mark.parametrize(
    ("typed", "column"),
    [
        *((typed, "workspace_id") for typed in ("workspace", "workspace_id")),
        *((typed, "api_key_id") for typed in ("api_key", "api-key", "api_key_id")),
        *((typed, "inference_geo") for typed in ("geo", "inference_geo")),
        *((typed, "service_account_id") for typed in ("service_account", "service-account-id")),
        *((typed, "account_id") for typed in ("account", "account_id")),
    ],
)
def test_a_query_is_grouped_by_the_words_of_reports_and_of_the_api(
    demo: Meterdeck, typed: str, column: str
) -> None:
    asked = demo("query", "usage", "--start", "2026-11-21", "--group-by", typed, "--format", "csv")
    assert asked.out.splitlines()[0].split(",")[:3] == ["start", "end", column]


def test_a_query_is_filtered_by_flags_of_both_names(demo: Meterdeck) -> None:
    ask = ("query", "usage", "--start", "2026-11-21")
    assert demo(*ask, "--geo", "us").out == demo(*ask, "--inference-geo", "us").out != demo(*ask).out
    key = demo("report", "breakdown", "--by", "api_key", "--format", "json").document["rows"][0]["id"]
    of_key = demo(*ask, "--api-key", key).out
    assert demo(*ask, "--api-key-id", key).out == of_key != demo(*ask).out


def test_a_report_is_filtered_by_flags_of_both_names(demo: Meterdeck) -> None:
    ask = ("report", "breakdown", "--format", "json")
    assert demo(*ask, "--workspace-id", "prod-chat").out == demo(*ask, "--workspace", "prod-chat").out
    both = demo(*ask, "--workspace-id", "prod-chat", "--workspace", "prod-search").document
    assert {row["name"] for row in both["rows"]} == {"prod-chat", "prod-search"}


def models_of(ended: Ended) -> set[str]:
    """The models that a report keeps, by its filter and by its rows."""
    document = ended.document
    kept = set(document["filters"]["model"])
    assert {row["id"] for row in document["rows"]} <= kept
    return kept


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("opus", OPUS),
        ("OPUS", OPUS),
        ("opus-5", {"claude-opus-5"}),
        ("claude-opus-5", {"claude-opus-5"}),
        ("haiku-4-5", {"claude-haiku-4-5-20251001"}),
        ("haik", {"claude-haiku-4-5-20251001"}),
    ],
)
def test_a_model_is_found_by_its_family_its_short_name_its_id_or_a_part(
    demo: Meterdeck, typed: str, meant: set[str]
) -> None:
    assert models_of(demo("report", "rates", "--by", "model", "--model", typed, "--format", "json")) == meant


def test_a_part_of_several_models_is_refused_with_them(demo: Meterdeck) -> None:
    ended = demo("report", "costs", "--model", "opus-")
    assert (ended.code, ended.out) == (2, "")
    assert "'opus-' could be 3 models: opus-4-7, opus-5, opus-5-5. Write more of it." in ended.err


def test_a_model_that_nobody_used_is_refused_with_one_that_is_near(demo: Meterdeck) -> None:
    ended = demo("report", "costs", "--model", "opsu-5")
    assert (ended.code, ended.out) == (2, "")
    assert "No model 'opsu-5' was ever used. Near: opus-5" in ended.err


def test_a_query_finds_models_as_reports_do(demo: Meterdeck) -> None:
    ask = ("query", "usage", "--start", "2026-11-20", "--end", "2026-11-21", "--group-by", "model")

    def models(*typed: str) -> set[str]:
        lines = demo(*ask, *(word for model in typed for word in ("--model", model))).out.splitlines()
        return {json.loads(line)["model"] for line in lines}

    assert models("opus") == OPUS
    assert models("opus-5", "claude-sonnet-5") == {"claude-opus-5", "claude-sonnet-5"}
    assert models("claude-opus") == set(), "a whole id goes to the API as it is"
    refused = demo(*ask, "--model", "opus-")
    assert (refused.code, refused.out) == (2, "")
    assert "could be 3 models: opus-4-7, opus-5, opus-5-5" in refused.err
