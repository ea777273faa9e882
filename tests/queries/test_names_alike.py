"""Names that do not tell: two of one name, one like a word of ours, none at all, one with blanks around it."""

import pytest

from answers import fixture
from meterdeck.domain.dimensions import Dimension, Kind
from meterdeck.domain.errors import UsageError
from meterdeck.domain.reports import ApiKey, Organization, Workspace
from meterdeck.present.members import called, name_fields
from meterdeck.queries.names import Names, UnknownName
from meterdeck.store.directory import Directory

WORKSPACE, API_KEY = Dimension.WORKSPACE, Dimension.API_KEY
LISTED = tuple(Workspace(row["id"], row["name"]) for row in fixture("same_names")["data"])
A, B, C, D, E = (workspace.id for workspace in LISTED)


def names(*workspaces: Workspace, keys: tuple[ApiKey, ...] = ()) -> Names:
    return Names(Directory(Organization("o", "Acme"), workspaces, keys))


NAMES = names(*LISTED)


def test_each_workspace_is_called_as_no_other_is() -> None:
    shown = [called(NAMES.member(WORKSPACE, of)) for of in (A, B, C, D, E, None)]
    assert shown == ["prod-chat …AAAA", "prod-chat …BBBB", "Default …CCCC", D, "lead", "Default …null"]


def test_where_nobody_is_called_so_the_default_workspace_has_its_word_alone() -> None:
    assert called(names(LISTED[0]).member(WORKSPACE, None)) == "Default"


def test_ends_are_as_long_as_it_takes() -> None:
    alike = names(Workspace("wrkspc_1_XYZ", "a"), Workspace("wrkspc_2_XYZ", "a"), Workspace("wrkspc_3", "b"))
    assert [called(alike.member(WORKSPACE, f"wrkspc_{n}_XYZ")) for n in (1, 2)] == ["a …1_XYZ", "a …2_XYZ"]
    assert called(alike.member(WORKSPACE, "wrkspc_3")) == "b"


def test_keys_of_one_name_show_the_ends_of_their_hints_and_of_their_ids_where_those_are_alike() -> None:
    told = names(
        keys=(ApiKey("apikey_1", "ci", "active", "sk-…xYAA"), ApiKey("apikey_2", "ci", "active", "sk-…zYAA"))
    )
    assert [called(told.member(API_KEY, f"apikey_{n}")) for n in (1, 2)] == ["ci …xYAA", "ci …zYAA"]
    alike = names(
        keys=(
            ApiKey("apikey_1", "ci", "active", "sk-a…igAA"),
            ApiKey("apikey_2", "ci", "active", "sk-b…igAA"),
        )
    )
    assert [called(alike.member(API_KEY, f"apikey_{n}")) for n in (1, 2)] == ["ci …ey_1", "ci …ey_2"]


@pytest.mark.parametrize(
    "name", ["Console", "console", "not allocated", "Not tokens", "other", "null", "total"]
)
def test_a_member_called_like_a_row_of_ours_is_told_from_it(name: str) -> None:
    key = names(keys=(ApiKey("apikey_01WXYZ", name, "active"),)).member(API_KEY, "apikey_01WXYZ")
    assert called(key) == f"{name} …WXYZ"


def test_a_member_called_by_the_id_of_another_is_told_from_it() -> None:
    both = names(Workspace("wrkspc_1", "prod"), Workspace("wrkspc_2", "wrkspc_1"))
    assert called(both.member(WORKSPACE, "wrkspc_2")) == "wrkspc_1 …pc_2"
    assert both.find(WORKSPACE, "wrkspc_1") == "wrkspc_1"


def test_names_that_differ_in_what_cannot_be_seen_are_one_name() -> None:
    both = names(Workspace("wrkspc_1", "prod\u200b"), Workspace("wrkspc_2", " prod"))
    assert [called(both.member(WORKSPACE, f"wrkspc_{n}")) for n in (1, 2)] == ["prod …pc_1", "prod …pc_2"]


@pytest.mark.parametrize("name", ["", "  ", "\u200b"])
def test_an_empty_name_shows_the_id(name: str) -> None:
    assert called(names(Workspace("wrkspc_1", name)).member(WORKSPACE, "wrkspc_1")) == "wrkspc_1"


def test_a_document_has_a_label_only_where_the_name_is_not_what_is_shown() -> None:
    assert name_fields(NAMES.member(WORKSPACE, A)) == {
        "id": A,
        "name": "prod-chat",
        "label": "prod-chat …AAAA",
    }
    assert name_fields(NAMES.member(WORKSPACE, D)) == {"id": D, "name": D}
    assert name_fields(names(Workspace("wrkspc_1", "prod")).member(WORKSPACE, "wrkspc_1")) == {
        "id": "wrkspc_1",
        "name": "prod",
    }


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("lead", E),
        (" lead", E),
        ("LEAD ", E),
        (A, A),
        (D, D),
        ("prod-chat …BBBB", B),
        ("Default …CCCC", C),
        ("null", None),
        ("Default …null", None),
    ],
)
def test_what_tells_one_from_the_others_can_be_typed(typed: str, found: str | None) -> None:
    assert NAMES.find(WORKSPACE, typed) == found


def test_a_name_of_two_is_refused_with_their_ids() -> None:
    with pytest.raises(UsageError, match=f"Several workspaces are named 'prod-chat': {A}, {B}. Give the id"):
        NAMES.find(WORKSPACE, "prod-chat")


@pytest.mark.parametrize("typed", ["Default", "default", "DEFAULT", " default "])
def test_the_word_for_the_default_workspace_is_refused_where_one_is_called_so(typed: str) -> None:
    with pytest.raises(UsageError) as caught:
        NAMES.find(WORKSPACE, typed)
    assert f"is the default workspace, and a name of {C}." in caught.value.what
    assert caught.value.next == "Write null for the default workspace, or give the id."


def test_so_is_the_word_for_the_console() -> None:
    both = names(keys=(ApiKey("apikey_1", "Console", "active"),))
    with pytest.raises(UsageError, match="is use of the Console, and a name of apikey_1"):
        both.find(API_KEY, "console")
    assert both.find(API_KEY, "null") is None
    assert both.find(API_KEY, "apikey_1") == "apikey_1"


def test_of_names_that_differ_in_case_the_one_that_is_typed_is_meant() -> None:
    both = names(Workspace("wrkspc_1", "Prod"), Workspace("wrkspc_2", "prod"))
    assert (both.find(WORKSPACE, "Prod"), both.find(WORKSPACE, "prod")) == ("wrkspc_1", "wrkspc_2")
    with pytest.raises(UsageError, match="Several workspaces"):
        both.find(WORKSPACE, "PROD")


@pytest.mark.parametrize("typed", ["prod", "", " "])
def test_a_name_of_nobody_is_unknown_and_those_that_are_known_are_told_apart(typed: str) -> None:
    with pytest.raises(UnknownName) as caught:
        NAMES.find(WORKSPACE, typed)
    assert caught.value.next == f"Known: Default …CCCC, lead, prod-chat …AAAA, prod-chat …BBBB, {D}."


def test_the_members_have_their_kinds() -> None:
    assert NAMES.member(WORKSPACE, C).kind is Kind.MEMBER
    assert NAMES.member(WORKSPACE, None).kind is Kind.DEFAULT
