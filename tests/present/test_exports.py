"""Exports: what is written is what is on show, under a name that is safe whatever names there are."""

import asyncio
import csv
import io
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meterdeck.domain.buckets import Window, rfc3339
from meterdeck.domain.dimensions import Dimension, Kind
from meterdeck.domain.measure import Measure
from meterdeck.domain.questions import Question as Asking
from meterdeck.domain.scope import Scope, Since, Span
from meterdeck.present import incident
from meterdeck.present.crumbs import breadcrumb
from meterdeck.present.exports import (
    Export,
    breakdown_export,
    costs_export,
    file_name,
    rates_export,
    text_of,
)
from meterdeck.present.numbers import ESTIMATED, change, usd
from meterdeck.queries.cost_table import DayRow
from meterdeck.queries.deck import Deck, DeckReader
from meterdeck.queries.names import Member
from meterdeck.queries.question import Question
from meterdeck.queries.usage_window import BucketState
from meterdeck.service.simulated.options import Options
from meterdeck.sync.plan import Feed
from world import World

NOW = datetime(2026, 11, 20, 14, 37, 20, tzinfo=UTC)
PROD_CHAT = "wrkspc_01SimProdChat00000000"


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeckReader]:
    world = World(tmp_path_factory.mktemp("acme") / "store.db", NOW, Options(size="small"))
    asyncio.run(world.fill())
    world.engine.want_answer_here(Asking(Dimension.SPEED))
    asyncio.run(world.read(Feed.ON_DEMAND))
    yield DeckReader(world.store)
    asyncio.run(world.close())


def scopes(reader: DeckReader) -> list[Question]:
    chat = Scope().filtered(Dimension.WORKSPACE, reader.find(Dimension.WORKSPACE, "prod-chat"))
    past = Window(NOW.replace(hour=9, minute=0, second=0), NOW.replace(hour=12, minute=0, second=0))
    return [
        Question(Scope()),
        Question(replace(chat, by=Dimension.API_KEY, span=Span.HOUR), measure=Measure.USD),
        Question(replace(chat, by=Dimension.TOKEN_TYPE, span=Span.WEEK)),
        Question(Scope(by=Dimension.MODEL, span=Span.MONTH_OF_DAYS), zone=ZoneInfo("Asia/Kolkata")),
        Question(Scope(by=Dimension.MODEL, at=Since(NOW - timedelta(hours=5)))),
        Question(Scope(at=past)),
    ]


def test_the_rows_of_rates_add_up_to_the_bars_of_the_chart(reader: DeckReader) -> None:
    for asked in scopes(reader):
        question = replace(asked, measure=Measure.TOKENS)
        deck = reader.load(question, NOW)
        document = rates_export(deck, reader.rates(question, NOW))
        of_starts: dict[str, int] = defaultdict(int)
        for row in document["rows"]:
            of_starts[row["start"]] += row["total_tokens"]
        assert of_starts == {rfc3339(bar.start): bar.amount for bar in deck.rates.bars if bar.amount}
        assert document["bucket"] == deck.rates.width.value
        known = [bar.amount for bar in deck.rates.bars if bar.amount is not None]
        assert document["total_tokens"] == (sum(known) if known else None), "what was not read is not 0"


def test_minutes_and_hours_that_are_not_reported_yet_are_named_and_not_taken_for_zero(
    reader: DeckReader,
) -> None:
    for scope in (Scope(span=Span.HOUR), Scope(at=Since(NOW - timedelta(hours=1)))):
        question = Question(scope)
        deck = reader.load(question, NOW)
        document = rates_export(deck, reader.rates(question, NOW))
        bars = [bar for bar in deck.rates.bars if bar.state is BucketState.AWAITED]
        first, end = rfc3339(bars[0].start), rfc3339(bars[-1].window.end)
        assert document["awaited"] == [{"start": first, "end": end}]
        assert document["complete"] is True, "nothing that was due is missing"
        assert all(row["start"] < first for row in document["rows"])
        assert f"not reported yet: {first} to {end}  \n" in text_of(document, Export.MARKDOWN)
        assert first not in text_of(document, Export.CSV), "a CSV has rows alone"


def test_where_everything_was_reported_nothing_is_said_to_be_awaited(reader: DeckReader) -> None:
    for question in (scopes(reader)[0], scopes(reader)[5]):
        document = rates_export(reader.load(question, NOW), reader.rates(question, NOW))
        assert document["awaited"] == []
        assert "not reported yet" not in text_of(document, Export.MARKDOWN)


def test_the_breakdown_holds_the_rows_on_show_in_their_order_and_no_others(reader: DeckReader) -> None:
    for question in scopes(reader):
        deck = reader.load(question, NOW)
        keys = [row.part.member.key for row in deck.breakdown.rows]
        ids = [row.part.member.id for row in deck.breakdown.rows]
        document = breakdown_export(deck, list(reversed(keys)))
        assert [row["id"] for row in document["rows"]] == list(reversed(ids))
        assert document["total_tokens"] == deck.rates.whole.tokens.total
        assert "rows_left_out" not in document
        one = breakdown_export(deck, keys[1:2])
        assert [row["id"] for row in one["rows"]] == ids[1:2]
        assert one["total_tokens"] == one["rows"][0]["total_tokens"]
        assert one["rows_left_out"] == len(ids) - 1


def test_rows_that_were_filtered_say_so_in_every_form_and_notes_are_of_them(reader: DeckReader) -> None:
    deck = reader.load(Question(Scope(by=Dimension.SERVICE_TIER)), NOW)
    ids = [row.part.member.key for row in deck.breakdown.rows]
    assert "priority" in ids
    assert "rows_filtered_by" not in breakdown_export(deck, ids)
    assert "of the Priority Tier" in breakdown_export(deck, ids)["note"]
    document = breakdown_export(deck, ["standard"], "!prio")
    assert document["rows_filtered_by"] == "!prio"
    assert document["rows_left_out"] == len(ids) - 1
    assert "note" not in document, "what is exported has none of these tokens"
    assert json.loads(text_of(document, Export.JSON))["rows_filtered_by"] == "!prio"
    told = text_of(document, Export.MARKDOWN)
    assert f"filtered by !prio: 1 of {len(ids)} rows; sums are theirs, shares are of all rows" in told
    assert "-breakdown-by-service_tier-filtered-not-prio-24h-" in file_name(deck, "breakdown", "!prio")
    assert "-by-service_tier-filtered-24h-" in file_name(deck, "breakdown", "/../")


def test_a_filter_that_leaves_every_row_is_told_too(reader: DeckReader) -> None:
    deck = reader.load(Question(Scope()), NOW)
    document = breakdown_export(deck, [row.part.member.key for row in deck.breakdown.rows], "e")
    assert (document["rows_filtered_by"], document["rows_left_out"]) == ("e", 0)


def test_dollars_that_lack_a_part_have_the_mark_of_the_screen_and_words_below(reader: DeckReader) -> None:
    deck = reader.load(Question(Scope()), NOW)
    document = breakdown_export(deck, [row.part.member.key for row in deck.breakdown.rows])
    first = document["rows"][0]
    assert "+" not in text_of(document, Export.MARKDOWN)
    document["rows"] = [
        first | {"name": "in part", "usd": "26.679", "lacks": ["unpriced"], "unpriced_tokens": 1200},
        first | {"name": "whole", "usd": "26.679"},
        first | {"name": "without", "usd": None, "lacks": ["unpriced"], "unpriced_tokens": 34},
    ]
    told = text_of(document, Export.MARKDOWN)
    cells = {line.split(" | ")[0]: line for line in told.splitlines() if line.startswith("| ")}
    assert "~$26.68+ |" in cells["| in part"]
    assert "~$26.68 |" in cells["| whole"]
    assert "unpriced |" in cells["| without"]
    assert "1,234 tokens have no price: dollars with a + behind them lack their part" in told


def test_markdown_has_the_columns_on_show_and_csv_all_their_figures(reader: DeckReader) -> None:
    deck = reader.load(Question(Scope(), change=True), NOW)
    row = deck.breakdown.rows[0]
    assert row.pace
    assert row.pace_before
    assert row.change
    assert row.today
    document = breakdown_export(deck, [row.part.member.key])
    shown = ("name", "pace", "change", "before", "usd_pace", "today", "cache", "most", "spark")
    head, _, cells, *_ = text_of(document, Export.MARKDOWN, shown).splitlines()
    told = dict(zip(head.strip("| ").split(" | "), cells.strip("| ").split(" | "), strict=True))
    assert list(told) == [
        *("name", "tok/h", "Δ1h", "Δ before", "~$/h", "~today", "cache", "max"),
        *("total_tokens", "share", "usd", "web_searches"),
    ]
    assert told["tok/h"] == f"{row.pace.tokens_per_hour:,}"
    assert told["Δ1h"] == change(row.pace_before.tokens_per_hour, row.pace.tokens_per_hour)
    assert told["Δ before"] == change(*row.change)
    assert told["~today"] == usd(row.today.dollars.amount, sign=ESTIMATED)
    assert told["max"] == f"{max(amount or 0 for amount in row.buckets):,}"
    (exact,) = csv.DictReader(io.StringIO(text_of(document, Export.CSV)))
    assert exact["tokens_per_hour"] == str(row.pace.tokens_per_hour)
    assert exact["tokens_per_hour_before"] == str(row.pace_before.tokens_per_hour)
    assert (exact["compared_tokens_before"], exact["compared_tokens"]) == tuple(map(str, row.change))
    assert exact["largest_bucket_tokens"] == str(max(amount or 0 for amount in row.buckets))
    of = row.part.tokens
    assert Decimal(exact["cache_read_percent"]) == Decimal(of.cache_read * 10_000 // of.input) / 100


def test_in_dollars_the_largest_bucket_is_dollars(reader: DeckReader) -> None:
    deck = reader.load(Question(Scope(), measure=Measure.USD), NOW)
    (row,) = breakdown_export(deck, [deck.breakdown.rows[0].part.member.key])["rows"]
    cents = max(amount or 0 for amount in deck.breakdown.rows[0].buckets)
    assert Decimal(row["largest_bucket_usd"]) * 100 == cents
    assert "largest_bucket_tokens" not in row


def test_a_pace_that_lacks_a_part_is_marked_as_on_the_screen(reader: DeckReader) -> None:
    deck = reader.load(Question(Scope()), NOW)
    document = breakdown_export(deck, [deck.breakdown.rows[0].part.member.key])
    document["rows"][0] |= {"usd_now_per_hour": "3.104", "lacks_now_per_hour": ["unpriced"]}
    assert "| ~$3.10+ |" in text_of(document, Export.MARKDOWN, ("name", "usd_pace"))


def test_the_costs_of_a_day_add_up_to_its_row(reader: DeckReader) -> None:
    deck = reader.load(Question(Scope(by=Dimension.MODEL)), NOW)
    of_days: dict[str, Decimal] = defaultdict(Decimal)
    for row in costs_export(deck)["rows"]:
        of_days[row["day"]] += Decimal(row["usd"] or 0)
    days = [row for row in deck.costs.rows if isinstance(row, DayRow)]
    assert days
    for day in days:
        assert of_days[f"{day.day:%Y-%m-%d}"] == day.total.amount


def test_json_says_scope_time_coverage_and_estimates_and_csv_has_the_same_rows(reader: DeckReader) -> None:
    question = scopes(reader)[1]
    deck = reader.load(question, NOW)
    document = breakdown_export(deck, [row.part.member.key for row in deck.breakdown.rows])
    found = json.loads(text_of(document, Export.JSON))
    assert list(found)[:3] == ["version", "report", "scope"]
    assert found["scope"] == f"Acme ▸ prod-chat ({PROD_CHAT})"
    assert found["filters"] == {"workspace": [PROD_CHAT]}
    assert found["as_of"]
    assert found["complete"] is True
    assert all(row["estimated"] for row in found["rows"])
    rows = list(csv.DictReader(io.StringIO(text_of(document, Export.CSV))))
    assert [row["total_tokens"] for row in rows] == [str(row["total_tokens"]) for row in found["rows"]]
    assert found["scope"] in text_of(document, Export.MARKDOWN)


@pytest.mark.parametrize("name", ['=HYPERLINK("http://x")', "+1+1", "-2+3", "@sum", "\t=1", "\r=1"])
def test_no_name_is_a_formula_in_a_spreadsheet_and_json_has_it_as_it_is(
    reader: DeckReader, name: str
) -> None:
    deck = reader.load(Question(Scope()), NOW)
    document = breakdown_export(deck, [row.part.member.key for row in deck.breakdown.rows])
    document["rows"] = [document["rows"][0] | {"name": name, "usd": "-3.20"}]
    (row,) = csv.DictReader(io.StringIO(text_of(document, Export.CSV)))
    assert row["name"] == f"'{name.strip()}"
    assert row["usd"] == "-3.20", "an amount stays a number"
    assert json.loads(text_of(document, Export.JSON))["rows"][0]["name"] == name


def test_the_days_of_a_zone_say_whose_they_are(reader: DeckReader) -> None:
    question = scopes(reader)[3]
    document = rates_export(reader.load(question, NOW), reader.rates(question, NOW))
    assert document["timezone"] == "Asia/Kolkata"
    assert all(row["start"].endswith("T19:00:00Z") for row in document["rows"])


def test_a_file_is_named_by_scope_and_time(reader: DeckReader) -> None:
    names = [file_name(reader.load(question, NOW), "rates") for question in scopes(reader)]
    assert names == [
        "meterdeck-acme-rates-by-workspace-24h-20261120T1437Z",
        "meterdeck-acme-prod-chat-rates-by-api_key-1h-20261120T1437Z",
        "meterdeck-acme-prod-chat-rates-by-token_type-7d-20261120T1437Z",
        "meterdeck-acme-rates-by-model-31d-20261120T1437Z",
        "meterdeck-acme-rates-by-model-20261120T0937Z-20261120T1437Z",
        "meterdeck-acme-rates-by-workspace-20261120T0900Z-20261120T1200Z",
    ]
    costs = [file_name(reader.load(question, NOW), "costs") for question in scopes(reader)[3:]]
    assert costs == [
        "meterdeck-acme-costs-by-model-20261001-20261120T1437Z",
        "meterdeck-acme-costs-by-model-20261001-20261120T1437Z",
        "meterdeck-acme-costs-by-workspace-20261001-20261120T1437Z",
    ]


def called(deck: Deck, *names: str) -> Deck:
    """The deck narrowed to workspaces of such names."""
    members = [Member(f"wrkspc_{i}", name, Kind.MEMBER) for i, name in enumerate(names)]
    scope = deck.scope.filtered(Dimension.WORKSPACE, {member.id for member in members})
    return replace(
        deck,
        question=replace(deck.question, scope=scope),
        filter_names={(Dimension.WORKSPACE, member.id): member for member in members},
    )


HOSTILE = st.text(max_size=300) | st.sampled_from(
    [
        "../../etc/passwd",
        "..",
        "a/b\\c",
        "\x1b]52;c;AAAA\a",
        "x\0y\n",
        "🚀",
        "$(rm -rf ~)",
        "CON",
        "-rf",
        "ünï\u202e",
    ]
)


@given(st.lists(HOSTILE, min_size=1, max_size=4))
def test_no_name_makes_a_file_name_that_is_not_safe(reader: DeckReader, names: list[str]) -> None:
    name = file_name(called(reader.load(Question(Scope()), NOW), *names), "costs")
    assert re.fullmatch(r"meterdeck-[a-z0-9][a-z0-9._-]*-costs-by-workspace-20261001-20261120T1437Z", name), (
        name
    )
    assert ".." not in name
    assert len(name) < 230


def test_a_name_without_a_safe_letter_is_told_by_its_id(reader: DeckReader) -> None:
    deck = reader.load(Question(Scope()), NOW)
    assert "-wrkspc_1-wrkspc_0-costs" in file_name(called(deck, "🚀", "项目"), "costs")
    assert "-3-workspaces-costs" in file_name(called(deck, "a", "b", "c"), "costs")


@given(st.lists(HOSTILE, min_size=1, max_size=4))
def test_what_is_copied_is_one_line_whatever_names_there_are(reader: DeckReader, names: list[str]) -> None:
    deck = called(reader.load(Question(Scope()), NOW), *names)
    for line in (
        incident.incident(deck),
        incident.breakdown_row(deck, deck.breakdown.rows[0].part.member.key) or "",
        incident.cost_row(deck, deck.costs.rows[0].day if isinstance(deck.costs.rows[0], DayRow) else None)
        or "",
    ):
        assert line
        assert line.isprintable()
        assert "  " not in line


def test_a_row_is_copied_with_its_id_and_exact_figures(reader: DeckReader) -> None:
    deck = reader.load(Question(Scope()), NOW)
    row = deck.breakdown.rows[0]
    assert row.pace
    line = incident.breakdown_row(deck, row.part.member.key)
    assert line
    assert line.startswith(
        f"{row.part.member.name} ({row.part.member.id}): {row.pace.tokens_per_hour:,} tok/h "
    )
    assert re.search(
        r"in 1 h, ~\$[\d,]+\.\d\d\+?/h, ~\$[\d,]+\.\d\d\+? today; "
        r"[\d,]+ tokens, ~\$[\d,]+\.\d\d\+?, \d+% of tokens in 24 h; Acme",
        line,
    )
    assert re.search(r"; 2026-11-20T14:37Z, data \S+ min old$", line)
    assert incident.breakdown_row(deck, "nobody") is None


def test_a_row_of_a_time_up_to_now_tells_what_it_took_of_that_time_too(reader: DeckReader) -> None:
    deck = reader.load(scopes(reader)[4], NOW)
    part = deck.breakdown.rows[0].part
    line = incident.breakdown_row(deck, part.member.key) or ""
    spent = usd(part.spend.dollars.amount, sign=ESTIMATED)
    assert f"; {part.tokens.total:,} tokens, {spent}" in line
    assert re.search(r", \d+% of tokens since 09:37Z; Acme", line)


def test_a_row_that_was_read_on_demand_tells_what_it_took_and_no_pace(reader: DeckReader) -> None:
    deck = reader.load(Question(Scope(by=Dimension.SPEED)), NOW)
    part = next(row.part for row in deck.breakdown.rows if row.part.spend.known)
    line = incident.breakdown_row(deck, part.member.key) or ""
    spent = usd(part.spend.dollars.amount, sign=ESTIMATED)
    assert line.startswith(f"{part.member.name}: {part.tokens.total:,} tokens, {spent}")
    assert re.search(r"\d+% of tokens in 24 h; Acme", line)
    assert "pace" not in line


def test_a_row_of_a_past_time_tells_what_it_took_then(reader: DeckReader) -> None:
    deck = reader.load(scopes(reader)[5], NOW)
    row = deck.breakdown.rows[0]
    line = incident.breakdown_row(deck, row.part.member.key) or ""
    assert f"{row.part.tokens.total:,} tokens " in line
    assert " on as long before" in line
    assert "tok/h" not in line
    assert "today" not in line
    assert "Fri 20 Nov 09:00–12:00Z" in line


def test_a_day_is_copied_as_billed_once_it_is_settled_and_till_then_as_its_worth(reader: DeckReader) -> None:
    """A bill that may still rise is no fact: what is billed so far stands beside the day's worth."""
    deck = reader.look_ahead(reader.load(Question(Scope(by=Dimension.MODEL)), NOW), lambda: True)
    days = [row for row in deck.costs.rows if isinstance(row, DayRow)]
    today, yesterday = days[:2]
    usd = r"\$[\d,]+\.\d\d"
    line = incident.cost_row(deck, today.day) or ""
    assert re.match(rf"2026-11-20 \(UTC\): ~{usd}, billed so far {usd}, ~{usd} at its end, ", line)
    line = incident.cost_row(deck, yesterday.day) or ""
    assert re.match(
        rf"2026-11-19 \(UTC\): ~{usd}, billed so far {usd}, ~\S+ on the day before; \S+ ~{usd}", line
    )
    settled = next(row for row in days if row.settled)
    line = incident.cost_row(deck, settled.day) or ""
    assert re.match(
        rf"{settled.day:%Y-%m-%d} \(UTC\): {usd} billed, [^~]\S+ on the day before; \S+ {usd}", line
    )
    month = next(row for row in deck.costs.rows if not isinstance(row, DayRow))
    assert (incident.cost_row(deck, ("month", month.month)) or "").startswith("Nov 2026")


def test_an_incident_tells_where_how_fast_how_much_who_and_as_of_when(reader: DeckReader) -> None:
    for question in scopes(reader):
        deck = reader.load(question, NOW)
        line = incident.incident(deck)
        assert line.startswith(breadcrumb(deck))
        assert "most tokens by " in line
        assert re.search(r"; Nov ~\$[\d,]+\.\d\d", line)
        assert line.endswith(" old")
        assert [amount for amount in re.findall(r".\$", line) if amount != "~$"] == [], line
        assert ("tok/h" in line) == deck.scope.is_live
