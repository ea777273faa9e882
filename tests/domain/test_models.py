"""Names of models: what is meant by what was typed, and the sentence where that can't be told."""

import pytest

from meterdeck.domain.errors import UsageError
from meterdeck.domain.models import UnknownModel, models_called, short_model

OPUS_5, OPUS_5_5 = "claude-opus-5", "claude-opus-5-5"
HAIKU_OLD, HAIKU_NEW = "claude-haiku-4-5-20251001", "claude-haiku-4-5-20260315"
OTHER = "gpt-oss"
KNOWN = (OPUS_5, OPUS_5_5, HAIKU_OLD, HAIKU_NEW, OTHER)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (OPUS_5, {OPUS_5}),
        ("opus-5", {OPUS_5}),
        (" Opus-5 ", {OPUS_5}),
        ("opus", {OPUS_5, OPUS_5_5}),
        ("claude-opus", {OPUS_5, OPUS_5_5}),
        ("5-5", {OPUS_5_5}),
        ("haiku-4-5", {HAIKU_OLD, HAIKU_NEW}),
        ("claude-haiku-4-5", {HAIKU_OLD, HAIKU_NEW}),
        ("haik", {HAIKU_OLD, HAIKU_NEW}),
        (HAIKU_NEW, {HAIKU_NEW}),
        ("20260315", {HAIKU_NEW}),
        ("gpt-oss", {OTHER}),
    ],
)
def test_models_are_meant_by_id_by_short_name_by_family_and_by_a_part_of_one_name(
    typed: str, meant: set[str]
) -> None:
    assert models_called(typed, KNOWN) == meant


def test_an_id_that_is_another_s_name_without_its_date_is_itself_alone() -> None:
    alias = "claude-haiku-4-5"
    assert models_called(alias, {*KNOWN, alias}) == {alias}
    assert models_called("haiku-4-5", {*KNOWN, alias}) == {alias, HAIKU_OLD, HAIKU_NEW}


def test_a_part_of_several_names_is_refused_with_them() -> None:
    with pytest.raises(UsageError, match=r"'opus-' could be 2 models: opus-5, opus-5-5\. Write more of it\."):
        models_called("opus-", KNOWN)
    many = [f"claude-opus-{number}" for number in range(1, 10)]
    with pytest.raises(UsageError, match=r"could be 9 models: opus-1, .*, opus-6 and 3 more\."):
        models_called("opus-", many)


def test_what_no_model_is_called_is_refused_with_names_that_are_near_or_known() -> None:
    with pytest.raises(UnknownModel, match=r"No model 'opsu-5' was ever used\. Near: opus-5"):
        models_called("opsu-5", KNOWN)
    with pytest.raises(UnknownModel, match=r"Known: gpt-oss, haiku-4-5, opus-5, opus-5-5\."):
        models_called("mistral", KNOWN)
    with pytest.raises(UnknownModel, match=r"^No model 'opus' was ever used\.$"):
        models_called("opus", ())


def test_an_id_of_another_date_is_not_taken_for_one_that_was_used() -> None:
    with pytest.raises(UnknownModel):
        models_called("claude-haiku-4-5-20250101", KNOWN)


def test_a_name_is_short_without_the_family_s_prefix_and_the_date() -> None:
    assert [short_model(model) for model in KNOWN] == [
        "opus-5",
        "opus-5-5",
        "haiku-4-5",
        "haiku-4-5",
        "gpt-oss",
    ]
