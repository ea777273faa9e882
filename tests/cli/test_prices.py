"""`meterdeck prices`: what a token costs, where that comes from, and how well it holds against the bill."""

import csv
import io
from decimal import Decimal

from cli.conftest import Meterdeck
from meterdeck.service.simulated.prices import LIST_PRICES

DISCOUNT = Decimal("0.88")


def test_prices_are_the_list_less_the_discount_that_only_the_bill_tells(demo: Meterdeck) -> None:
    ended = demo("prices", "--offline", "--format", "json")
    assert ended.code == 0
    document = ended.document
    assert (document["version"], document["report"], document["complete"]) == (2, "prices", True)
    assert document["unit"] == "USD per million tokens"
    plain = {
        row["model"]: Decimal(row["usd_per_million"])
        for row in document["rows"]
        if row["workspace"] is None
        and (row["token_type"], row["service_tier"], row["context_window"])
        == ("output", "standard", "0-200k")
    }
    assert plain.keys() == LIST_PRICES.keys()
    exact = {model for model, usd in plain.items() if usd == Decimal(LIST_PRICES[model][1]) * DISCOUNT}
    assert {"claude-opus-5", "claude-haiku-4-5-20251001", "claude-fable-5"} <= exact


def test_each_price_says_what_it_rests_on(demo: Meterdeck) -> None:
    rows = demo("prices", "--offline", "--format", "json").document["rows"]
    assert {row["origin"] for row in rows} == {"organisation", "workspace", "unbilled"}
    for row in rows:
        if row["origin"] == "unbilled":
            assert row["service_tier"] == "priority"
            assert row["usd_per_million"] is None
            assert row["days"] == 0
        else:
            assert row["days"] > 20
            assert row["since"] == "2026-10-21"
            low, high, usd = (Decimal(row[name]) for name in ("low", "high", "usd_per_million"))
            assert low <= usd * (1 + Decimal("1e-9"))
            assert usd <= high * (1 + Decimal("1e-9"))
        assert (row["workspace"] is not None) == (row["origin"] == "workspace")


def test_the_back_test_holds_every_day_against_its_bill(demo: Meterdeck) -> None:
    document = demo("prices", "--backtest", "--offline", "--format", "json").document
    assert (document["report"], document["currency"]) == ("backtest", "USD")
    assert [row["settled"] for row in document["rows"]] == [False] + [True] * 7
    settled = [row for row in document["rows"] if row["settled"]]
    assert all(abs(Decimal(row["gap_percent"])) < Decimal("0.5") for row in settled)
    for name in ("estimated_usd", "billed_usd", "gap_usd"):
        assert Decimal(document["settled"][name]) == sum(Decimal(row[name]) for row in settled)


def test_csv_has_every_row_and_every_digit_of_the_json(demo: Meterdeck) -> None:
    for words in (("prices",), ("prices", "--backtest")):
        document = demo(*words, "--offline", "--format", "json").document
        lines = list(csv.DictReader(io.StringIO(demo(*words, "--offline", "--format", "csv").out)))
        assert len(lines) == len(document["rows"])
        for line, row in zip(lines, document["rows"], strict=True):
            for name, value in row.items():
                if not isinstance(value, dict | bool | None):
                    assert line[name] == str(value)


def test_the_tables_say_what_a_reader_must_know(demo: Meterdeck) -> None:
    prices = demo("prices", "--offline").out
    assert "USD per million tokens, learned from settled days of the bill: cost ÷ tokens" in prices
    assert "28 settled days, 2026-10-21 to 2026-11-17" in prices
    tested = demo("prices", "--backtest", "--offline").out
    assert "7 settled days: estimated ~$" in tested
    assert "may still change" in tested
    assert "\x1b" not in prices + tested


def test_an_empty_store_has_no_prices_and_says_so(meterdeck: Meterdeck) -> None:
    ended = meterdeck("--demo", "prices", "--offline")
    assert ended.code == 1
    assert "nothing was ever read" in ended.err
