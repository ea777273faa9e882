"""`meterdeck serve` on a loopback port, and reports that must equal sums of its raw pages, made independently here."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from cli.commands import environment, run_process

Row = dict[str, Any]
TRIES = 3
"""The clock is the real one: if an hour ends, or late figures come, between two readings, all is read again."""
COUNTERS = {
    "uncached_input": "uncached_input_tokens",
    "cache_read": "cache_read_input_tokens",
    "output": "output_tokens",
}


@contextmanager
def served(shape: str, size: str, home: Path) -> Iterator[str]:
    """Run `meterdeck serve` until the block ends; gives its base URL."""
    command = [sys.executable, "-m", "meterdeck", "serve", "--demo", "--port", "0"]
    command += ["--shape", shape, "--size", size]
    with subprocess.Popen(
        command, env=environment(home), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            assert process.stdout
            line = process.stdout.readline()
            found = re.search(r"http://127\.0\.0\.1:\d+", line)
            assert found, line
            yield found[0]
        finally:
            process.terminate()


def buckets(url: str, path: str, *parameters: tuple[str, str]) -> Iterator[tuple[str, list[Row]]]:
    """Every bucket of a report, page by page."""
    headers = {"x-api-key": "sk-ant-admin01-any", "anthropic-version": "2023-06-01"}
    page: list[tuple[str, str]] = []
    with httpx.Client(base_url=url, headers=headers, trust_env=False) as client:
        while True:
            answer = client.get(f"/v1/organizations/{path}", params=[*parameters, *page])
            assert answer.status_code == 200, answer.text
            document = answer.json()
            for bucket in document["data"]:
                yield bucket["starting_at"], bucket["results"]
            assert document["has_more"] is (document["next_page"] is not None)
            if not document["has_more"]:
                return
            page = [("page", document["next_page"])]


def raw_tokens(url: str, now: datetime) -> dict[tuple[str, str], dict[str, int]]:
    """Five counters for each closed hour (older than 3 h, and its corrections) and model of the last 7 days."""
    start = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=167)
    final = start + timedelta(hours=167 - 4)
    sums: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    query = [("starting_at", text(start)), ("bucket_width", "1h"), ("limit", "50"), ("group_by[]", "model")]
    for hour, rows in buckets(url, "usage_report/messages", *query):
        for row in rows if hour < text(final) else ():
            counts = sums[hour, row["model"]]
            for name, field in COUNTERS.items():
                counts[name] += row[field]
            for life in ("5m", "1h"):
                flat = f"cache_creation_{life}_input_tokens"
                nested = f"ephemeral_{life}_input_tokens"
                counts[f"cache_write_{life}"] += (
                    row[flat] if "cache_creation" not in row else row["cache_creation"][nested]
                )
    return {key: dict(counts) for key, counts in sums.items()}


def raw_dollars(url: str, now: datetime) -> dict[tuple[str, str | None], Decimal]:
    """Dollars for each of the last 31 days, today left out, and each workspace."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    sums: dict[tuple[str, str | None], Decimal] = defaultdict(Decimal)
    query = [("starting_at", text(today - timedelta(days=30))), ("group_by[]", "workspace_id")]
    query += [("ending_at", text(today)), ("limit", "7")]
    for day, rows in buckets(url, "cost_report", *query):
        for row in rows:
            assert row["currency"] == "USD"
            sums[day[:10], row["workspace_id"]] += Decimal(row["amount"]).scaleb(-2)
    return dict(sums)


def text(moment: datetime) -> str:
    """A time as the API takes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def report(url: str, home: Path, *arguments: str) -> Row:
    """A report of `meterdeck` that was complete."""
    ended = run_process(
        *("--data-dir", str(home / "data"), "--base-url", url, "report", *arguments, "--format", "json"),
        home=home,
        ANTHROPIC_ADMIN_KEY="sk-ant-admin01-any",
    )
    assert (ended.code, ended.err) == (0, "")
    return ended.document


@pytest.mark.parametrize(("shape", "size"), [("nested", "normal"), ("flat", "small")])
def test_reports_equal_the_sums_of_the_raw_pages_to_the_last_digit(
    tmp_path: Path, shape: str, size: str
) -> None:
    with served(shape, size, tmp_path) as url:
        for _ in range(TRIES):
            now = datetime.now(UTC)
            raw = raw_tokens(url, now), raw_dollars(url, now)
            rates = report(url, tmp_path, "rates", "--window", "7d", "--by", "model")
            costs = report(url, tmp_path, "costs", "--window", "31d", "--by", "workspace")
            if text(now)[:13] == text(datetime.now(UTC))[:13] and raw[1] == raw_dollars(url, now):
                break
        else:
            pytest.fail("the server's figures changed between each two readings")

    tokens, dollars = raw
    hours = {hour for hour, _ in tokens}
    assert len(hours) == 163
    of_tokens = [row for row in rates["rows"] if row["start"] in hours and row["kind"] != "not_token"]
    assert {(row["start"], row["id"]): row["tokens"] for row in of_tokens} == tokens

    settled = {(r["day"], r["id"]): Decimal(r["usd"]) for r in costs["rows"] if r["state"] == "billed"}
    days = {day for day, _ in settled}
    assert len(days) >= 27, "read for the first time, a day is settled 72 h after it ended"
    assert settled == {key: usd for key, usd in dollars.items() if key[0] in days}
    billed_so_far = {
        (r["day"], r["id"]): Decimal(r["reported_usd"])
        for r in costs["rows"]
        if r["day"] not in days and r["day"] < text(now)[:10] and "reported_usd" in r
    }
    assert billed_so_far == {key: usd for key, usd in dollars.items() if key[0] not in days}
    assert Decimal(costs["usd_by_state"]["billed"]) == sum(settled.values())
    assert re.fullmatch(r"\d+\.\d+", costs["total_usd"])
