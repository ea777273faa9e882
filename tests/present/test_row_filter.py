import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meterdeck.present.columns import Row
from meterdeck.present.row_filter import row_filter

NAMES = ["prod-chat", "prod-search", "evals", "Größe (test)", "日本語"]
ROWS = [Row(name, (), words=(name, f"wrkspc_{index}")) for index, name in enumerate(NAMES)]
TYPED = st.text(st.sampled_from("abcdeprot-!/([{*+?\\^$.|1234567890_ ß日"), max_size=12)


def left(text: str) -> list[object]:
    return [row.key for row in row_filter(text).left(ROWS)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", NAMES),
        ("PROD", NAMES[:2]),
        ("spc_2", ["evals"]),
        ("!prod", NAMES[2:]),
        ("! prod", NAMES[2:]),
        ("!", NAMES),
        ("GRÖSSE", ["Größe (test)"]),
        ("(test)", ["Größe (test)"]),
        ("本", ["日本語"]),
        ("/", NAMES),
        ("//", NAMES),
        ("/^prod-[cs]/", NAMES[:2]),
        ("/CHAT$", ["prod-chat"]),
        ("!/chat|search/", NAMES[2:]),
        ("nobody", []),
    ],
)
def test_a_part_of_a_name_or_id_an_inversion_and_an_expression_leave_rows(
    text: str, expected: list[str]
) -> None:
    assert left(text) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("/(", "missing )"),
        ("!/[a/", "unterminated character set"),
        ("/a{99999999999}/", "the repetition number is too large"),
        ("/*", "nothing to repeat"),
    ],
)
def test_a_broken_expression_says_why_and_leaves_every_row(text: str, reason: str) -> None:
    typed = row_filter(text)
    assert typed.left(ROWS) == ROWS
    assert typed.trouble == reason


@given(TYPED)
def test_whatever_is_typed_leaves_some_of_the_rows_in_their_order(text: str) -> None:
    found = row_filter(text).left(ROWS)
    assert found == [row for row in ROWS if row in found]


@given(TYPED.filter(lambda text: row_filter(text.lstrip(" !")).matches is not None))
def test_an_inversion_leaves_exactly_the_others(text: str) -> None:
    wanted = text.lstrip(" !")
    assert set(left(wanted)) ^ set(left(f"!{wanted}")) == set(NAMES)


@given(st.text(max_size=6))
def test_a_word_is_no_expression(word: str) -> None:
    if word.strip().startswith(("!", "/")):
        return
    typed = row_filter(word)
    wanted = word.strip().casefold()
    assert typed.left(ROWS) == [
        row for row in ROWS if any(re.search(re.escape(wanted), of.casefold()) for of in row.words)
    ]


def test_a_sum_is_left_only_where_all_that_it_adds_up_is() -> None:
    rows = [
        Row("a1", (), words=("Sat Nov",)),
        Row("a2", (), words=("Fri Nov",)),
        Row("A", (), words=("Nov",), is_sum=True),
        Row("b1", (), words=("Sat Oct",)),
        Row("B", (), words=("Oct",), is_sum=True),
    ]
    assert [row.key for row in row_filter("nov").left(rows)] == ["a1", "a2", "A"]
    assert [row.key for row in row_filter("sat").left(rows)] == ["a1", "b1", "B"]


ENDLESS = [r"/(\w+)+!/", r"/(a|a)*$!", r"!/^(.*)*(.*)*x{3}!$/"]
LONG_NAMES = [Row(index, (), words=(f"{'a' * 60}-{index}",)) for index in range(50)]


@pytest.mark.parametrize("text", ENDLESS)
def test_an_expression_that_would_never_end_is_given_up_and_leaves_every_row(text: str) -> None:
    typed = row_filter(text)
    assert typed.left(LONG_NAMES) == LONG_NAMES
    assert typed.is_too_slow
    assert typed.sentence is not None
    assert "every row is shown" in typed.sentence


def test_one_that_was_given_up_is_not_tried_again() -> None:
    typed = row_filter(ENDLESS[0])
    typed.left(LONG_NAMES)
    assert typed.matches is None


def test_after_one_that_was_given_up_others_work_as_ever() -> None:
    row_filter(ENDLESS[0]).left(LONG_NAMES)
    assert left("/^prod-[cs]/") == NAMES[:2]
    assert left("prod") == NAMES[:2]
