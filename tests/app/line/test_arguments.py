"""What an argument of the command line says, and the sentence for what it can't."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from meterdeck.app.line import arguments
from meterdeck.domain.buckets import Window
from meterdeck.domain.dimensions import Dimension, Kind
from meterdeck.domain.errors import UsageError
from meterdeck.domain.scope import Span
from meterdeck.queries.names import Member, UnknownName

NOW = datetime(2026, 11, 21, 14, 32, 10, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
WORKSPACES = (
    Member("wrkspc_1", "prod-chat", Kind.MEMBER),
    Member("wrkspc_2", "prod-chat eu", Kind.MEMBER),
    Member("wrkspc_3", "a, b", Kind.MEMBER),
    Member(None, "Default", Kind.DEFAULT),
)
MODELS = (
    Member("claude-sonnet-5", "claude-sonnet-5", Kind.MEMBER),
    Member("claude-haiku-4-5-20251001", "claude-haiku-4-5-20251001", Kind.MEMBER),
    Member("claude-haiku-5", "claude-haiku-5", Kind.MEMBER),
)
KEYS = (
    Member("apikey_1", "backend", Kind.MEMBER, "aaaa"),
    Member("apikey_2", "backend", Kind.MEMBER, "bbbb"),
)


def workspaces(text: str) -> frozenset[str | None]:
    return arguments.members(Dimension.WORKSPACE, text, WORKSPACES)


def models(text: str) -> frozenset[str | None]:
    return arguments.members(Dimension.MODEL, text, MODELS)


def test_members_are_named_by_name_by_id_and_by_a_part_that_is_one_s_alone() -> None:
    assert workspaces("prod-chat") == {"wrkspc_1"}
    assert workspaces("PROD-CHAT EU") == {"wrkspc_2"}
    assert workspaces("wrkspc_3") == {"wrkspc_3"}
    assert workspaces("eu, default") == {"wrkspc_2", None}
    assert workspaces("a, b") == {"wrkspc_3"}
    assert models("sonnet") == {"claude-sonnet-5"}
    assert models("haiku-4-5") == {"claude-haiku-4-5-20251001"}


def test_all_takes_a_filter_away() -> None:
    assert workspaces("all") == frozenset()


def test_a_part_of_several_names_is_refused_with_them() -> None:
    with pytest.raises(
        UsageError, match=r"'haik' could be 2 models: haiku-4-5, haiku-5\. Write more of it\."
    ):
        models("haik")


def test_a_family_of_models_is_all_of_them() -> None:
    assert models("haiku") == {"claude-haiku-4-5-20251001", "claude-haiku-5"}
    assert models("haiku-5") == {"claude-haiku-5"}


def test_a_short_name_is_all_of_its_dated_versions_and_a_label_is_one_of_them() -> None:
    dated = [Member(of, of, Kind.MEMBER) for of in ("claude-haiku-4-5-20251001", "claude-haiku-4-5-20260315")]
    both = arguments.members(Dimension.MODEL, "haiku-4-5", dated)
    assert both == {member.id for member in dated}
    assert arguments.members(Dimension.MODEL, "haiku-4-5 …0315", dated) == {"claude-haiku-4-5-20260315"}
    assert arguments.members(Dimension.MODEL, "sonnet-5, haiku-4-5", [*MODELS[:1], *dated]) == {
        "claude-sonnet-5",
        *both,
    }


def test_usage_without_a_model_is_named_by_its_label() -> None:
    known = (*MODELS, Member(None, "not stated", Kind.MEMBER))
    assert arguments.members(Dimension.MODEL, "not stated, sonnet", known) == {None, "claude-sonnet-5"}


def test_a_model_s_name_can_bring_nothing_to_the_screen_but_text() -> None:
    known = [Member(of, of, Kind.MEMBER) for of in ("claude-\x1b[31mred-1", "claude-\x1b[31mred-2")]
    with pytest.raises(UsageError) as refused:
        arguments.members(Dimension.MODEL, "red-", known)
    assert str(refused.value) == "'red-' could be 2 models: red-1, red-2. Write more of it."


def test_two_keys_of_one_name_are_told_apart_by_the_end_of_their_hint() -> None:
    with pytest.raises(UsageError, match="could be 2 API keys: backend …aaaa, backend …bbbb"):
        arguments.members(Dimension.API_KEY, "backend", KEYS)
    assert arguments.members(Dimension.API_KEY, "backend …bbbb", KEYS) == {"apikey_2"}


def test_a_name_that_nobody_has_is_refused_with_names_that_are_near_or_known() -> None:
    with pytest.raises(UsageError, match=r"There is no workspace 'prod-caht'\. Near: prod-chat"):
        workspaces("prod-caht")
    with pytest.raises(
        UsageError, match=r"No model 'gpt' was ever used\. Known: haiku-4-5, haiku-5, sonnet-5\."
    ):
        models("gpt")
    with pytest.raises(UsageError, match="No workspaces are known"):
        arguments.members(Dimension.WORKSPACE, "x", ())


def test_a_dimension_is_named_by_its_word_its_title_how_it_begins_or_a_word_in_it() -> None:
    known = (Dimension.WORKSPACE, Dimension.API_KEY, Dimension.TOKEN_TYPE)
    for text in ("api_key", "API key", "api-key", "api", "key", "Key"):
        assert arguments.dimension(text, known) is Dimension.API_KEY
    for text in ("api_key_id", "API_KEY_ID", "workspace-id"):
        assert arguments.dimension(text, known) is Dimension.called(text)
    assert arguments.dimension("geo", (*known, Dimension.INFERENCE_GEO)) is Dimension.INFERENCE_GEO
    assert (
        arguments.dimension("account_id", (Dimension.SERVICE_ACCOUNT, Dimension.ACCOUNT)) is Dimension.ACCOUNT
    )
    with pytest.raises(UsageError, match="What can: workspace, api_key, token_type"):
        arguments.dimension("colour", known)
    assert arguments.dimension("type", known) is Dimension.TOKEN_TYPE
    with pytest.raises(UsageError, match="'type' could be token_type or cost_type"):
        arguments.dimension("type", (*known, Dimension.COST_TYPE))


def test_a_length_is_one_that_can_be_looked_at() -> None:
    assert (arguments.span("7d"), arguments.span("1 D"), arguments.span("month")) == (
        Span.WEEK,
        Span.DAY,
        Span.CALENDAR_MONTH,
    )
    with pytest.raises(UsageError, match="There are 1h, 6h, 24h, 7d, 31d, month"):
        arguments.span("3h")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("14:05", datetime(2026, 11, 21, 13, 5, tzinfo=UTC)),
        ("9:30", datetime(2026, 11, 21, 8, 30, tzinfo=UTC)),
        ("15:40", datetime(2026, 11, 20, 14, 40, tzinfo=UTC)),
        ("15:40Z", datetime(2026, 11, 20, 15, 40, tzinfo=UTC)),
        ("14:05Z", datetime(2026, 11, 21, 14, 5, tzinfo=UTC)),
        ("2026-11-20", datetime(2026, 11, 19, 23, 0, tzinfo=UTC)),
        ("2026-11-20 14:05", datetime(2026, 11, 20, 13, 5, tzinfo=UTC)),
        ("2026-11-20T14:05Z", datetime(2026, 11, 20, 14, 5, tzinfo=UTC)),
        ("2026-10-24 12:00", datetime(2026, 10, 24, 10, 0, tzinfo=UTC)),
    ],
)
def test_a_time_is_of_the_zone_on_show_and_yesterday_s_if_it_lies_ahead(text: str, moment: datetime) -> None:
    assert arguments.moment(text, NOW, BERLIN) == moment


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("soon", "is no time: write 14:05"),
        ("25:00", "is no time that there is"),
        ("2026-02-30", "is no time that there is"),
        ("2026-11-21 18:00", "lies ahead: it is 15:32 CET now"),
        ("2019-01-01", "is too long ago: hours are kept for 400 days"),
        ("0001-01-01", "(is too long ago|is no time that there is)"),
    ],
)
def test_what_is_no_time_is_refused_with_what_would_be_one(text: str, reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        arguments.moment(text, NOW, BERLIN)


def test_a_moment_stands_for_its_hour_and_a_date_for_its_day() -> None:
    hour = datetime(2026, 11, 21, 13, 0, tzinfo=UTC)
    assert arguments.bucket("14:05", NOW, BERLIN) == Window(hour, hour + timedelta(hours=1))
    day = datetime(2026, 11, 19, 23, 0, tzinfo=UTC)
    assert arguments.bucket("2026-11-20", NOW, BERLIN) == Window(day, day + timedelta(days=1))
    of_25_hours = arguments.bucket("2026-10-25", NOW, BERLIN)
    assert of_25_hours.duration == timedelta(hours=25)


def test_one_of_some_words_may_be_shortened() -> None:
    panes = ("rates", "breakdown", "costs")
    assert arguments.word("c", panes, "pane") == "costs"
    with pytest.raises(UsageError, match=r"There is no pane 'x'\. Known panes: rates, breakdown, costs"):
        arguments.word("x", panes, "pane")
    with pytest.raises(UsageError, match="could be dark, darker"):
        arguments.word("d", ("dark", "darker"), "theme")


ALIKE = (
    Member("wrkspc_1", "Default", Kind.MEMBER, "pc_1", shared=True),
    Member("wrkspc_2", " lead", Kind.MEMBER),
    Member("wrkspc_3", "Prod", Kind.MEMBER),
    Member("wrkspc_4", "prod", Kind.MEMBER),
    Member(None, "Default", Kind.DEFAULT, "null", shared=True),
)


def alike(text: str) -> frozenset[str | None]:
    return arguments.members(Dimension.WORKSPACE, text, ALIKE)


def test_a_member_called_like_the_one_without_an_id_is_not_taken_for_it() -> None:
    for text in ("Default", "default", "DEFAULT"):
        with pytest.raises(
            UsageError, match=r"could be 2 workspaces: Default …pc_1, Default …null\. Write more of it\."
        ):
            alike(text)
    assert alike("null") == alike("Default …null") == {None}
    assert alike("wrkspc_1") == alike("Default …pc_1") == {"wrkspc_1"}


def test_a_name_is_typed_with_its_blanks_or_without_and_its_case_tells_two_apart() -> None:
    assert alike(" lead") == alike("lead") == alike("Lead ") == {"wrkspc_2"}
    assert alike("Prod") == {"wrkspc_3"}
    assert alike("prod") == {"wrkspc_4"}
    with pytest.raises(UsageError, match="could be 2 workspaces"):
        alike("PROD")


def test_a_name_of_nobody_may_be_younger_than_what_is_known_a_model_s_may_not() -> None:
    with pytest.raises(UnknownName):
        alike("nobody")
    with pytest.raises(UsageError) as caught:
        models("nobody")
    assert not isinstance(caught.value, UnknownName)
