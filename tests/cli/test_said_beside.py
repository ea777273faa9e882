"""What a report says on standard error beside its figures: counters that are new, answers that were odd."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from cli.commands import SATURDAY, Ended
from meterdeck import paths
from meterdeck.domain.remarks import Remark
from meterdeck.service.simulated.edition import EDITION
from meterdeck.store import Store, feeds
from meterdeck.store.topics import Topic

Meterdeck = Callable[..., Ended]
COUNTS = "The API counts ephemeral_24h_input_tokens, which this version does not know: in the totals, without a price."
REPORTS = [
    ("report", "rates"),
    ("report", "costs"),
    ("report", "breakdown"),
    ("report", "minutes", "--hour", "2026-11-21T13:00Z"),
]


def with_new_counters(data: Path) -> None:
    store = Store(paths.demo_store(data, EDITION))
    with store.write() as transaction:
        transaction.run(
            "INSERT INTO counter (width, start, series, name, count)"
            " SELECT width, start, series, 'cache_creation.ephemeral_24h_input_tokens', 5 FROM usage"
            " WHERE width = 3600 AND start >= ?",
            (int((SATURDAY - timedelta(hours=5)).timestamp()),),
        )
        transaction.revise(Topic.USAGE)
    store.close()


@pytest.mark.parametrize("words", REPORTS, ids=lambda words: words[1])
def test_every_report_names_counters_that_are_new(
    meterdeck: Meterdeck, demo_copy: Path, words: tuple[str, ...]
) -> None:
    with_new_counters(demo_copy)
    ended = meterdeck("--demo", "--data-dir", demo_copy, *words, "--format", "json")
    assert ended.code == 0
    assert ended.err == f"meterdeck: {COUNTS}\n"
    assert ended.document["rows"]


def test_a_report_of_another_time_does_not_name_them(meterdeck: Meterdeck, demo_copy: Path) -> None:
    with_new_counters(demo_copy)
    ended = meterdeck("--demo", "--data-dir", demo_copy, "report", "minutes", "--hour", "2026-11-20T13:00Z")
    assert (ended.code, ended.err) == (0, "")


@pytest.mark.parametrize(
    "words", [*REPORTS, ("report", "forecast"), ("prices",)], ids=lambda words: words[-1]
)
def test_every_report_says_what_was_odd_about_an_answer(
    meterdeck: Meterdeck, demo_copy: Path, words: tuple[str, ...]
) -> None:
    store = Store(paths.demo_store(demo_copy, EDITION))
    with store.write() as transaction:
        remark = Remark("output_tokens is missing", "it counts as 0", "data.0.results.3", 2)
        feeds.remarked(transaction, "hours", SATURDAY - timedelta(minutes=5), [remark])
    store.close()
    ended = meterdeck("--demo", "--data-dir", demo_copy, "--offline", *words)
    assert ended.err == (
        "meterdeck: In an answer for hours, output_tokens is missing in 2 rows (first at data.0.results.3):"
        " it counts as 0.\n"
    )
    assert ended.out


def test_costs_are_split_by_the_geo_of_their_lines(demo: Meterdeck) -> None:
    by_geo = demo("report", "costs", "--by", "inference_geo", "--format", "json").document
    by_type = demo("report", "costs", "--by", "cost_type", "--format", "json").document
    assert by_geo["total_usd"] == by_type["total_usd"]
    assert {"global", "us"} <= {row["id"] for row in by_geo["rows"]}


def test_lines_of_a_day_are_kept_by_geo_and_whole_days_are_not(demo: Meterdeck) -> None:
    day = ("report", "costs", "--lines", "--day", "2026-11-20", "--inference-geo", "us")
    document = demo(*day, "--format", "json").document
    assert {row["inference_geo"] for row in document["rows"]} == {"us"}
    assert document["filters"] == {"inference_geo": ["us"]}
    assert document["left_out_lines"] > 0
    refused = demo("report", "costs", "--inference-geo", "us")
    assert refused.code == 2
    assert "--by inference_geo splits every day of the bill." in refused.err
