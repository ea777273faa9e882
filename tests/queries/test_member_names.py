from datetime import UTC, datetime

import pytest

from meterdeck.domain.dimensions import Dimension, Kind
from meterdeck.domain.errors import UsageError
from meterdeck.domain.reports import ApiKey, Organization, Workspace
from meterdeck.queries.names import Member, Names
from meterdeck.store.directory import Directory

WORKSPACE, API_KEY = Dimension.WORKSPACE, Dimension.API_KEY
DIRECTORY = Directory(
    Organization("o", "Acme"),
    (
        Workspace("wrkspc_prod", "Production"),
        Workspace("wrkspc_old", "Old", datetime(2026, 2, 1, tzinfo=UTC)),
        Workspace("wrkspc_1", "Twin"),
        Workspace("wrkspc_2", "TWIN"),
    ),
    (
        ApiKey(
            "apikey_01AAAA", "prod-backend", "active", "sk-ant-api03-abc...xYAA", "wrkspc_prod", "wrkspc_prod"
        ),
        ApiKey("apikey_01BBBB", "prod-backend", "active", None, None, "wrkspc_default"),
        ApiKey("apikey_01CCCC", "jane-laptop", "inactive", "sk-ant-api03-jan...pTAA"),
    ),
)
NAMES = Names(DIRECTORY)
NOTHING_READ = Names(Directory(None, (), ()))


@pytest.mark.parametrize(
    ("dimension", "typed", "found"),
    [
        (WORKSPACE, "wrkspc_prod", "wrkspc_prod"),
        (WORKSPACE, "Production", "wrkspc_prod"),
        (WORKSPACE, "production", "wrkspc_prod"),
        (WORKSPACE, "Old", "wrkspc_old"),
        (WORKSPACE, "wrkspc_not_read_yet", "wrkspc_not_read_yet"),
        (WORKSPACE, "default", None),
        (WORKSPACE, "DEFAULT", None),
        (WORKSPACE, "wrkspc_default", None),
        (API_KEY, "console", None),
        (API_KEY, "Console", None),
        (API_KEY, "jane-laptop", "apikey_01CCCC"),
        (API_KEY, "apikey_01BBBB", "apikey_01BBBB"),
        (API_KEY, "apikey_01ZZZZ", "apikey_01ZZZZ"),
        (Dimension.MODEL, "claude-of-tomorrow", "claude-of-tomorrow"),
        (Dimension.SERVICE_TIER, "batch", "batch"),
    ],
)
def test_what_a_user_types_is_found_by_id_by_name_or_by_the_word_for_null(
    dimension: Dimension, typed: str, found: str | None
) -> None:
    assert NAMES.find(dimension, typed) == found


def test_a_name_that_several_share_is_refused_and_lists_their_ids() -> None:
    with pytest.raises(UsageError) as caught:
        NAMES.find(API_KEY, "prod-backend")
    assert "Several API keys are named 'prod-backend': apikey_01AAAA, apikey_01BBBB." in str(caught.value)
    assert "Give the id instead." in str(caught.value)
    with pytest.raises(UsageError, match="wrkspc_1, wrkspc_2"):
        NAMES.find(WORKSPACE, "twin")


def test_a_name_that_nobody_has_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(UsageError) as caught:
        NAMES.find(WORKSPACE, "Produktion")
    assert "There is no workspace named 'Produktion'" in str(caught.value)
    assert caught.value.next.casefold() == "known: old, production, twin, twin."


def test_before_the_directory_is_read_a_name_is_refused_and_says_why() -> None:
    with pytest.raises(UsageError, match="has not been read yet"):
        NOTHING_READ.find(API_KEY, "prod-backend")
    assert NOTHING_READ.find(WORKSPACE, "default") is None


@pytest.mark.parametrize(
    ("dimension", "member_id", "member"),
    [
        (WORKSPACE, "wrkspc_prod", Member("wrkspc_prod", "Production", Kind.MEMBER)),
        (WORKSPACE, "wrkspc_gone", Member("wrkspc_gone", "wrkspc_gone", Kind.MEMBER)),
        (WORKSPACE, None, Member(None, "Default", Kind.DEFAULT)),
        (API_KEY, None, Member(None, "Console", Kind.CONSOLE)),
        (API_KEY, "apikey_01AAAA", Member("apikey_01AAAA", "prod-backend", Kind.MEMBER, "xYAA", shared=True)),
        (API_KEY, "apikey_01BBBB", Member("apikey_01BBBB", "prod-backend", Kind.MEMBER, "BBBB", shared=True)),
        (Dimension.MODEL, "claude-opus-5", Member("claude-opus-5", "claude-opus-5", Kind.MEMBER)),
        (Dimension.MODEL, None, Member(None, "not stated", Kind.MEMBER)),
        (
            Dimension.TOKEN_TYPE,
            "cache_write_5m",
            Member("cache_write_5m", "cache write 5m", Kind.MEMBER),
        ),
    ],
)
def test_a_member_has_its_name_or_its_id_and_null_has_its_word(
    dimension: Dimension, member_id: str | None, member: Member
) -> None:
    assert NAMES.member(dimension, member_id) == member


def test_in_the_bill_null_means_costs_that_are_not_for_tokens() -> None:
    for dimension in (Dimension.MODEL, Dimension.TOKEN_TYPE, Dimension.SERVICE_TIER):
        assert NAMES.member(dimension, None, in_bill=True) == Member(None, "Not tokens", Kind.NOT_TOKEN)
    assert NAMES.member(WORKSPACE, None, in_bill=True).kind is Kind.DEFAULT
