"""Where a terminal shows nothing but ASCII, every sign that we draw has one of its own."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import meterdeck
from meterdeck.present.ascii import spelled, to_ascii
from meterdeck.present.names import cell_width, cut_middle

DRAWING = ("app", "present", "queries", "domain")
FROM_OUTSIDE = {"text.py"}
"""Characters that are looked for in names, and not drawn."""


def literals(file: Path) -> Iterator[str]:
    """The texts of a source file, without its docstrings."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
            yield node.value


def test_every_sign_in_our_own_texts_has_a_stand_in() -> None:
    source = Path(meterdeck.__file__).parent
    drawn = {
        char
        for room in DRAWING
        for file in (source / room).rglob("*.py")
        if file.name not in FROM_OUTSIDE
        for text in literals(file)
        for char in text
        if not char.isascii()
    }
    assert len(drawn) > 20
    assert {char for char in drawn if to_ascii(char) == "?"} == set()


@pytest.mark.parametrize(
    "text", ["prod-chat", "Δ1h ±0.0 % ◆ demo", "料金 dept", "e\u0301tude", "▌2  Breakdown ⏎ ⇧Tab"]
)
def test_a_text_in_ascii_takes_as_many_cells(text: str) -> None:
    assert to_ascii(text).isascii()
    assert cell_width(to_ascii(text)) == cell_width(text)


def test_where_a_name_is_cut_it_does_not_seem_to_have_a_dot() -> None:
    assert to_ascii(cut_middle("support-bot", 9)) == "suppor*ot"
    assert to_ascii(cut_middle("Claude Opus 5.1 Input Tokens", 22)) == "Claude Opus 5.* Tokens"


def test_where_there_is_room_signs_that_are_no_letters_are_spelled_out() -> None:
    assert spelled("Σ 1.98B") == "sum 1.98B"
    assert spelled("loading…") == "loading.."
