"""The line as text, and which commands a word means."""

import pytest

from meterdeck.app.commands import COMMANDS
from meterdeck.app.line.matching import found_by, named
from meterdeck.app.line.words import Offer, last_piece, narrowed, split, with_last_piece

WORDS = tuple(command for command in COMMANDS if command.name)


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("workspace prod chat", ("workspace", "prod chat")),
        (":by  api_key ", ("by", "api_key ")),
        ("  refresh", ("refresh", "")),
        ("", ("", "")),
    ],
)
def test_a_line_is_a_word_and_what_stands_behind_it(line: str, parts: tuple[str, str]) -> None:
    assert split(line) == parts


def test_only_the_last_of_a_list_is_being_typed() -> None:
    assert last_piece("prod-chat, ev") == "ev"
    assert with_last_piece("prod-chat, ev", "evals") == "prod-chat, evals"
    assert with_last_piece("ev", "evals") == "evals"


def test_offers_that_begin_with_what_was_typed_come_first() -> None:
    offers = [Offer("old-chat"), Offer("chat"), Offer("evals")]
    assert [offer.text for offer in narrowed(offers, "CHAT")] == ["chat", "old-chat"]


def test_every_word_of_the_registry_means_its_command() -> None:
    assert [named(WORDS, command.name) for command in WORDS] == list(WORDS)
    assert [found_by(WORDS, command.name, anywhere=False)[0].name for command in WORDS if command.takes] == [
        command.name for command in WORDS if command.takes
    ]


def test_the_beginning_of_a_name_comes_before_a_part_of_it_and_that_before_what_it_does() -> None:
    names = [command.name for command in found_by(WORDS, "p", anywhere=False)]
    assert names.index("pane") < names.index("swap") < names.index("back" if "back" in names else "in")


def test_the_palette_finds_a_command_by_any_of_its_words_and_by_letters_of_its_name() -> None:
    assert found_by(WORDS, "newest figures", anywhere=True)[0].name == "refresh"
    assert found_by(WORDS, "prp", anywhere=True)[0].name == "previous-pane"
    assert found_by(WORDS, "prp", anywhere=False) == []
    assert found_by(WORDS, "no such thing", anywhere=True) == []
