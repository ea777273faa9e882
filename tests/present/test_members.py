from meterdeck.domain.dimensions import Dimension, Kind
from meterdeck.present.members import counted, filter_words, labels
from meterdeck.present.row_filter import row_filter
from meterdeck.queries.names import Member


def test_two_keys_of_one_name_show_the_end_of_their_hints() -> None:
    keys = [
        Member("apikey_1", "prod", Kind.MEMBER, hint="xYAA"),
        Member("apikey_2", "prod", Kind.MEMBER),
        Member("apikey_3", "batch\n", Kind.MEMBER, hint="igAA"),
        Member("apikey_4", "", Kind.MEMBER),
        Member(None, "Console", Kind.CONSOLE),
    ]
    assert list(labels(Dimension.API_KEY, keys).values()) == [
        "prod …xYAA",
        "prod …ey_2",
        "batch",
        "apikey_4",
        "Console",
    ]


def test_a_key_alone_is_told_apart_from_one_of_its_name_that_is_not_on_show() -> None:
    first, second = (Member(f"apikey_{hint}", "prod", Kind.MEMBER, hint=hint) for hint in ("14AA", "15AA"))
    assert labels(Dimension.API_KEY, [first], [first, second]) == {first: "prod …14AA"}
    assert labels(Dimension.API_KEY, [first], [first]) == {first: "prod"}


def test_models_are_named_without_their_family_prefix() -> None:
    model = Member("claude-haiku-4-5-20251001", "claude-haiku-4-5-20251001", Kind.MEMBER)
    not_tokens = Member(None, "Not tokens", Kind.NOT_TOKEN)
    assert list(labels(Dimension.MODEL, [model, not_tokens]).values()) == ["haiku-4-5", "Not tokens"]


def test_one_member_is_counted_without_an_s() -> None:
    assert counted(1, Dimension.MODEL) == "1 model"
    assert counted(3, Dimension.API_KEY) == "3 API keys"
    assert counted(1, Dimension.WORKSPACE, "more ") == "1 more workspace"


def test_a_token_type_is_filtered_for_by_every_spelling_that_it_has() -> None:
    member = Member("cache_write_5m", "cache write 5m", Kind.MEMBER)
    words = filter_words(Dimension.TOKEN_TYPE, member, "cache write 5m")
    for typed in (
        "cache_write_5m",
        "Cache Write 5m",
        "cache_creation.ephemeral_5m_input_tokens",
        "ephemeral_5m",
        "/^cache_write_5m_tokens$/",
    ):
        assert row_filter(typed).kept([member], lambda _: words) == [member]
    assert row_filter("cache_write_1h").kept([member], lambda _: words) == []


def test_another_member_is_filtered_for_by_its_name_and_id() -> None:
    assert filter_words(Dimension.WORKSPACE, Member("wrkspc_1", "output", Kind.MEMBER), "output …pc_1") == (
        "output …pc_1",
        "output",
        "wrkspc_1",
    )
    assert filter_words(Dimension.TOKEN_TYPE, Member(None, "Not tokens", Kind.NOT_TOKEN), "Not tokens") == (
        "Not tokens",
        "Not tokens",
        "",
    )
