"""`report costs --lines --day`: the lines of one day's bill, as the screen shows them."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from cli.commands import Ended

Meterdeck = Callable[..., Ended]
Document = dict[str, Any]
FRIDAY, SATURDAY = "2026-11-20", "2026-11-21"
FIELDS = [
    *("day", "id", "name", "kind", "description", "cost_type", "model", "token_type", "service_tier"),
    *("context_window", "inference_geo", "cents", "usd", "state", "evidence", "lacks", "estimated"),
]


def lines(demo: Meterdeck, day: str, *more: str) -> Document:
    ended = demo("report", "costs", "--lines", "--day", day, "--format", "json", *more)
    assert (ended.code, ended.err) == (0, "")
    return ended.document


def test_every_line_of_a_day_and_a_total_that_is_the_days_of_the_costs_report(demo: Meterdeck) -> None:
    document = lines(demo, FRIDAY)
    costs = demo("report", "costs", "--by", "cost_type", "--format", "json").document
    of_day = [Decimal(row["reported_usd"]) for row in costs["rows"] if row["day"] == FRIDAY]
    (friday,) = (day for day in costs["days"] if day["day"] == FRIDAY)
    told = [name for name in list(document)[8:] if not name.endswith("_tokens")]
    assert told == [
        *("currency", "billed", "settled", "total_usd", "state", "evidence", "lacks", "estimated"),
        *("usd_by_state", "left_out_lines", "left_out_usd", "rows", "worth_usd", "worth_state"),
        *("worth_evidence", "worth_lacks", "worth_estimated", "note"),
    ]
    assert document["usd_by_state"] == {
        "billed": document["total_usd"],
        "allocated": "0",
        "estimated": "0",
    }
    assert {row["state"] for row in document["rows"]} == {document["state"]} == {"billed"}
    assert (document["worth_usd"], document["worth_state"]) == (friday["usd"], "estimated")
    assert Decimal(document["worth_usd"]) >= Decimal(document["total_usd"]), "never below what is billed"
    assert (document["report"], document["by"], document["currency"]) == ("cost_lines", "line", "USD")
    assert document["window"] == {"start": f"{FRIDAY}T00:00:00Z", "end": f"{SATURDAY}T00:00:00Z"}
    assert (document["billed"], document["settled"]) == (True, False)
    assert (document["left_out_lines"], document["left_out_usd"]) == (0, "0")
    assert {tuple(row) for row in document["rows"]} == {tuple(FIELDS)}
    assert {row["day"] for row in document["rows"]} == {FRIDAY}
    assert (
        Decimal(document["total_usd"]) == sum(Decimal(row["usd"]) for row in document["rows"]) == sum(of_day)
    )
    for row in document["rows"]:
        assert Decimal(row["cents"]) == Decimal(row["usd"]) * 100
        assert (row["token_type"] is None) is (row["cost_type"] != "tokens")


def test_filters_leave_lines_out_and_say_how_many_and_how_much(demo: Meterdeck) -> None:
    whole, part = lines(demo, FRIDAY), lines(demo, FRIDAY, "--workspace", "growth", "--model", "haiku-4-5")
    assert {(row["name"], row["model"]) for row in part["rows"]} == {("growth", "claude-haiku-4-5-20251001")}
    assert part["left_out_lines"] == len(whole["rows"]) - len(part["rows"])
    assert Decimal(part["total_usd"]) + Decimal(part["left_out_usd"]) == Decimal(whole["total_usd"])
    assert f"Left out by the filters: {part['left_out_lines']} lines, $" in part["note"]


def test_a_day_without_a_bill_has_its_worth_beside_the_lines_that_came(demo: Meterdeck) -> None:
    document = lines(demo, SATURDAY)
    costs = demo("report", "costs", "--window", "24h", "--format", "json").document
    assert document["billed"] is False
    assert Decimal(document["worth_usd"]) == sum(Decimal(row["usd"] or 0) for row in costs["rows"])
    assert document["worth_usd"] == costs["total_usd"]
    assert Decimal(document["total_usd"]) == sum(Decimal(row["reported_usd"]) for row in costs["rows"])
    assert document["note"].startswith("The bill of this day is not complete yet:")


def test_the_bill_knows_no_keys_and_the_report_says_so(demo: Meterdeck) -> None:
    document = lines(demo, FRIDAY, "--api-key", "growth-ads")
    assert document["note"].startswith("The bill knows no API keys: these are the lines of all of them.")
    assert len(document["rows"]) > 100


def test_csv_holds_the_same_rows_and_a_table_says_the_rest(demo: Meterdeck) -> None:
    asked = ("report", "costs", "--lines", "--day", FRIDAY, "--workspace", "growth")
    document = demo(*asked, "--format", "json").document
    rows = list(csv.DictReader(io.StringIO(demo(*asked, "--format", "csv").out)))
    expected = [{name: row[name] or "" for name in FIELDS} for row in document["rows"]]
    assert rows == [row | {"estimated": "false"} for row in expected]
    table, _, foot = demo(*asked).out.partition("\n\n")
    assert len(table.splitlines()) == 1 + len(rows)
    assert f"total of the lines: ${Decimal(document['total_usd']):f}" in foot
    assert document["note"] in foot


@pytest.mark.parametrize("more", [["--lines"], ["--day", FRIDAY], ["--lines", "--day", "2026-11-31"]])
def test_lines_and_a_day_that_there_is_go_together(demo: Meterdeck, more: list[str]) -> None:
    ended = demo("report", "costs", *more)
    assert ended.code == 2
    assert ended.out == ""
