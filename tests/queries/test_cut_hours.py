"""A time that begins or ends within an hour: the hour's minutes are asked for, and until then it counts as partial."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meterdeck.domain.buckets import BucketWidth, Window, whole_and_parts
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.measure import Measure
from meterdeck.domain.scope import Filter, Scope, Since, Span
from meterdeck.present import incident
from meterdeck.present.charts import Subject
from meterdeck.present.documents import breakdown_document, rates_document
from meterdeck.present.measures import TOKENS
from meterdeck.present.rates import bars
from meterdeck.present.readout import readout
from meterdeck.queries.deck import Deck, DeckReader
from meterdeck.queries.question import Question
from meterdeck.queries.rates import unread_hours
from meterdeck.queries.usage_window import BucketState
from meterdeck.service.simulated.options import Options
from meterdeck.sync.plan import Feed
from rawpages import RawUsage, usage_rows
from world import World

NOW = datetime(2026, 11, 20, 14, 37, 20, tzinfo=UTC)
MINUTE, HOUR, DAY = (width.delta for width in BucketWidth)
FIVE_PAST = datetime(2026, 11, 15, 14, 5, tzinfo=UTC)
PROD = (Filter(Dimension.MODEL, frozenset({"claude-sonnet-5", "claude-opus-5"})),)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A small organisation whose days are held by the hour; minutes come as they are asked for."""
    made = World(tmp_path_factory.mktemp("cut") / "store.db", NOW, Options(size="small"))
    asyncio.run(made.fill())
    yield made
    asyncio.run(made.close())


@pytest.fixture
def unread(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The same, of which nobody has asked for any minute yet."""
    made = World(tmp_path_factory.mktemp("unread") / "store.db", NOW, Options(size="small"))
    asyncio.run(made.fill())
    yield made
    asyncio.run(made.close())


def deck(world: World, question: Question) -> Deck:
    return DeckReader(world.store).load(question, NOW)


def read_minutes(world: World, shown: Deck) -> int:
    """Read the minutes that a deck lacks; returns how many hours they are of."""
    lacking = unread_hours(shown.rates, NOW)
    for hour in sorted(lacking):
        world.engine.want_minutes_here(hour)
    asyncio.run(world.read(Feed.MINUTES))
    return len(lacking)


def raw(world: World, window: Window) -> list[RawUsage]:
    hours, parts = whole_and_parts(window, BucketWidth.HOUR)
    rows = usage_rows(world, hours) if hours else []
    return rows + [row for part in parts for row in usage_rows(world, part, BucketWidth.MINUTE)]


@pytest.mark.parametrize("by", [Dimension.WORKSPACE, Dimension.TOKEN_TYPE])
def test_until_the_minutes_of_a_cut_hour_are_there_its_part_is_a_gap_everywhere(
    unread: World, by: Dimension
) -> None:
    question = Question(Scope(at=Since(FIVE_PAST), by=by))
    gap = Window(FIVE_PAST, FIVE_PAST + 55 * MINUTE)
    shown = deck(unread, question)
    assert shown.rates.hours.gaps == shown.breakdown.breakdown.hours.gaps == (gap,)
    first = shown.rates.bars[0]
    assert (first.window, first.state, first.amount, first.is_cut) == (gap, BucketState.GAP, None, True)
    assert sum(bar.amount or 0 for bar in shown.rates.bars) == shown.rates.whole.tokens.total
    exported = rates_document(DeckReader(unread.store).rates(question, NOW), fresh=True)
    assert (exported["complete"], len(exported["gaps"])) == (False, 1)
    assert not breakdown_document(shown.breakdown, fresh=True)["complete"]
    assert "read in part, 55 min missing" in incident.incident(shown)
    assert unread_hours(shown.rates, NOW) == {FIVE_PAST.replace(minute=0)}

    assert read_minutes(unread, shown) == 1
    shown = deck(unread, question)
    assert shown.rates.hours.complete
    assert shown.rates.bars[0].amount is not None
    assert shown.rates.bars[0].state is BucketState.CLOSED
    assert rates_document(DeckReader(unread.store).rates(question, NOW), fresh=True)["complete"]
    assert "missing" not in incident.incident(shown)
    assert unread_hours(shown.rates, NOW) == set()


minutes_ago = st.integers(1, 13 * 24 * 60)


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(
    ends=st.tuples(minutes_ago, minutes_ago).filter(lambda both: both[0] != both[1]),
    by=st.sampled_from([Dimension.WORKSPACE, Dimension.API_KEY, Dimension.TOKEN_TYPE]),
    filters=st.sampled_from([(), PROD]),
    zone=st.sampled_from(["UTC", "Asia/Kolkata"]),
    is_live=st.booleans(),
)
def test_bars_and_rows_and_exports_of_any_time_to_the_minute_add_up_to_the_raw_pages(
    world: World,
    ends: tuple[int, int],
    by: Dimension,
    filters: tuple[Filter, ...],
    zone: str,
    is_live: bool,
) -> None:
    newest = BucketWidth.MINUTE.floor(NOW)
    start, end = (newest - minutes * MINUTE for minutes in sorted(ends, reverse=True))
    scope = Scope(filters, by=by, at=Since(start) if is_live else Window(start, end))
    question = Question(scope, zone=ZoneInfo(zone))
    read_minutes(world, deck(world, question))
    shown = deck(world, question)
    window = question.window(NOW)
    expected: Counter[str | None] = Counter()
    for row in raw(world, window):
        if not filters or row.member(Dimension.MODEL) in filters[0].members:
            if by is Dimension.TOKEN_TYPE:
                expected.update({of.value: count for of, count in row.tokens.items()})
            else:
                expected[row.member(by)] += row.tokens.total
    of_members = {member: count for member, count in expected.items() if count}

    assert shown.rates.hours.gaps == ()
    rows = [row.part for row in shown.breakdown.rows if not row.part.member.is_beside]
    assert {part.member.id: part.tokens.total for part in rows} == of_members
    assert shown.rates.whole.tokens.total == expected.total()
    assert sum(bar.amount or 0 for bar in shown.rates.bars) == expected.total()
    found = DeckReader(world.store).rates(question, NOW)
    exported: Counter[str | None] = Counter()
    for rate in found.rows:
        exported[rate.member.id] += rate.tokens.total
    assert {member: count for member, count in exported.items() if count} == of_members
    assert found.hours.gaps == ()
    assert (shown.rates.bars[0].start, shown.rates.bars[-1].window.end) == (window.start, window.end)


def test_dollars_of_a_cut_time_come_to_its_estimate_but_for_cents(world: World) -> None:
    question = Question(Scope(at=Window(FIVE_PAST, FIVE_PAST + DAY)), measure=Measure.USD)
    read_minutes(world, deck(world, question))
    pane = deck(world, question).rates
    cents = sum(bar.amount or 0 for bar in pane.bars)
    assert 0 <= (pane.whole.spend.dollars.amount or 0) * 100 - cents < len(pane.bars) * 6


def test_the_readout_of_a_cut_bar_tells_its_true_times(world: World) -> None:
    def said(question: Question, place: int) -> str:
        pane = deck(world, question).rates
        drawn = bars(pane)
        subject = Subject(tuple(drawn), measure=TOKENS, width=pane.width.delta)
        return " ".join(part.text for part in readout(drawn[place], subject))

    by_hours = Question(Scope(at=Window(FIVE_PAST, FIVE_PAST + DAY)))
    assert said(by_hours, 0).startswith("Sun 15 Nov 14:05–15:00Z")
    assert said(by_hours, -1).startswith("Mon 16 Nov 14:00–14:05Z")
    assert said(by_hours, 1).startswith("Sun 15 Nov 15:00–16:00Z")
    by_days = Question(Scope(at=Window(FIVE_PAST - 10 * DAY, FIVE_PAST)))
    assert said(by_days, 0).startswith("Thu 5 Nov 14:05–00:00Z")
    assert said(by_days, -1).startswith("Sun 15 Nov 00:00–14:05Z")
    assert "Z" not in said(by_days, 1).split("tokens")[0]


def test_a_cut_bar_is_not_compared_with_a_whole_one(world: World) -> None:
    question = Question(Scope(at=Window(FIVE_PAST, FIVE_PAST + DAY)))
    read_minutes(world, deck(world, question))
    shown = deck(world, question)
    first, second, third = (incident.bucket_row(shown, bar.start) or "" for bar in shown.rates.bars[:3])
    assert first.startswith("part of hour 2026-11-15T14:05Z/2026-11-15T15:00Z: ")
    assert "on the hour before" not in first + second
    assert "on the hour before" in third


def test_the_live_hour_is_partial_until_its_minutes_are_there(unread: World) -> None:
    with unread.store.write() as transaction:
        transaction.run(
            "DELETE FROM coverage WHERE width = 60 AND start = ?",
            (int(NOW.timestamp()) // 3600 * 3600 - 600,),
        )
    shown = deck(unread, Question(Scope(span=Span.HOUR)))
    assert [gap.duration for gap in shown.rates.hours.gaps] == [MINUTE]
