"""Filters of a report: by id or by name, several at once, and what can't be told apart."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from cli.commands import Ended

Meterdeck = Callable[..., Ended]
CHAT, SEARCH = "wrkspc_01SimProdChat00000000", "wrkspc_01SimProdSearch000000"


def total(ended: Ended) -> int:
    """All tokens of a report."""
    assert ended.code == 0
    return int(ended.document["total_tokens"])


@pytest.mark.parametrize("typed", [CHAT, "prod-chat", "PROD-Chat"])
def test_a_workspace_is_found_by_its_id_and_by_its_name(demo: Meterdeck, typed: str) -> None:
    ended = demo("report", "breakdown", "--workspace", typed, "--format", "json")
    document = ended.document
    assert document["filters"] == {"workspace": [CHAT]}
    assert [(row["id"], row["name"]) for row in document["rows"]] == [(CHAT, "prod-chat")]


def test_members_of_one_filter_add_up_and_filters_narrow_each_other(demo: Meterdeck) -> None:
    def tokens(*filters: str) -> int:
        return total(demo("report", "rates", *filters, "--format", "json"))

    chat, search = tokens("--workspace", CHAT), tokens("--workspace", SEARCH)
    both = ("--workspace", CHAT, "--workspace", SEARCH)
    assert tokens(*both) == chat + search
    assert 0 < tokens(*both, "--model", "claude-sonnet-5") < chat + search
    assert tokens("--service-tier", "batch") + tokens("--service-tier", "standard") < tokens()
    assert tokens("--context-window", "0-200k") + tokens("--context-window", "200k-1M") == tokens()


def test_the_default_workspace_and_the_console_have_words_for_their_null(demo: Meterdeck) -> None:
    default = demo("report", "breakdown", "--workspace", "default", "--format", "json").document
    assert [(row["id"], row["name"], row["kind"]) for row in default["rows"]] == [
        (None, "Default", "default")
    ]
    assert default["filters"] == {"workspace": [None]}
    console = demo(
        "report", "breakdown", "--by", "api_key", "--api-key", "console", "--format", "json"
    ).document
    assert [(row["id"], row["kind"]) for row in console["rows"]] == [(None, "console")]


def test_an_ambiguous_key_name_lists_the_ids_that_have_it(demo: Meterdeck) -> None:
    ended = demo("report", "rates", "--api-key", "prod-backend")
    assert ended.code == 2
    assert ended.out == ""
    known = demo("report", "breakdown", "--by", "api_key", "--format", "json").document["rows"]
    ids = [row["id"] for row in known if row["name"] == "prod-backend"]
    assert len(ids) == 2
    assert all(key_id in ended.err for key_id in ids)
    for key_id in ids:
        assert demo("report", "rates", "--api-key", key_id, "--format", "json").document["rows"]


def test_an_unknown_workspace_names_those_that_are_known(demo: Meterdeck) -> None:
    ended = demo("report", "costs", "--workspace", "prod-chatt")
    assert (ended.code, ended.out) == (2, "")
    assert "There is no workspace named 'prod-chatt'" in ended.err
    assert "prod-chat," in ended.err
    assert "Traceback" not in ended.err


def test_under_a_model_filter_what_is_not_for_tokens_is_left_out_and_summed(demo: Meterdeck) -> None:
    def costs(*arguments: str) -> dict[str, object]:
        return demo("report", "costs", "--window", "31d", *arguments, "--format", "json").document

    by_type = costs("--by", "cost_type")["rows"]
    assert isinstance(by_type, list)
    other = sum(Decimal(r["usd"]) for r in by_type if r["id"] != "tokens")
    filtered = costs("--by", "model", "--model", "claude-opus-5")
    assert Decimal(str(filtered["excluded_usd"])) == other > 0
    rows = filtered["rows"]
    assert isinstance(rows, list)
    assert {row["id"] for row in rows} == {"claude-opus-5"}


@pytest.mark.parametrize("arguments", [["--by", "api_key"], ["--api-key", "console"]], ids=["by", "filter"])
def test_costs_that_the_bill_does_not_know_are_shared_out_of_settled_days_and_say_so(
    demo: Meterdeck, arguments: list[str]
) -> None:
    """They were all estimates, at the newest price: a settled day's are its own bill now."""
    document = demo("report", "costs", *arguments, "--format", "json").document
    of_keys = [row for row in document["rows"] if row["kind"] != "not_allocated"]
    assert {row["state"] for row in of_keys if row["settled"]} == {"allocated"}
    assert {row["state"] for row in of_keys if not row["settled"]} == {"estimated"}
    assert document["note"].startswith("The bill does not know this split")
    assert document["note"] in demo("report", "costs", *arguments).out


def test_by_key_a_day_is_its_bill_to_the_last_digit_with_what_no_key_can_be_given(demo: Meterdeck) -> None:
    def days(by: str) -> dict[str, str]:
        found = demo("report", "costs", "--by", by, "--format", "json").document["days"]
        return {day["day"]: day["usd"] for day in found}

    assert days("api_key") == days("workspace") == days("cost_type")


def test_a_filter_on_keys_leaves_out_what_no_key_can_be_given_and_no_search_of_theirs(
    demo: Meterdeck,
) -> None:
    by_key = demo("report", "costs", "--by", "api_key", "--format", "json").document["rows"]
    rest = sum(Decimal(row["usd"]) for row in by_key if row["kind"] == "not_allocated")
    of_console = sum(Decimal(row["usd"]) for row in by_key if row["kind"] == "console")
    console = demo("report", "costs", "--api-key", "console", "--format", "json").document
    assert Decimal(console["total_usd"]) == of_console > 0
    assert Decimal(console["excluded_usd"]) == rest > 0


def test_with_a_filter_on_keys_and_one_of_tokens_nothing_is_counted_twice_and_nothing_lost(
    demo: Meterdeck,
) -> None:
    def costs(*more: str) -> dict[str, Any]:
        return demo("report", "costs", "--api-key", "console", *more, "--format", "json").document

    models = {row["id"] for row in costs("--by", "model")["rows"] if row["kind"] == "member"}
    parts = [costs("--by", "model", "--model", model) for model in models]
    left_out = {part["excluded_usd"] for part in parts}
    assert len(left_out) == 1, "whichever model it is, the keys' searches are left out"
    whole = costs("--by", "model")
    tokens = sum(Decimal(part["total_usd"]) for part in parts)
    searches = Decimal(whole["total_usd"]) - tokens
    assert Decimal(left_out.pop()) == Decimal(whole["excluded_usd"]) + searches > 0


@pytest.mark.parametrize("report", ["breakdown", "rates"])
def test_every_report_leaves_out_as_much_as_the_bill_has_beside_tokens(demo: Meterdeck, report: str) -> None:
    ask = ("--window", "month", "--format", "json")
    costs = demo("report", "costs", "--by", "cost_type", *ask).document["rows"]
    other = sum(Decimal(row["usd"]) for row in costs if row["id"] != "tokens")
    for more in (("--model", "claude-opus-5"), ("--service-tier", "batch")):
        assert Decimal(demo("report", report, *more, *ask).document["excluded_usd"]) == other
        assert Decimal(demo("report", "costs", *more, *ask).document["excluded_usd"]) == other
