from meterdeck.domain.dimensions import Dimension, Kind
from meterdeck.present.members import counted, labels
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
