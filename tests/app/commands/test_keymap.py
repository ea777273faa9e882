"""Keys of the user's own: what can be a key, what is refused and why."""

import string

import pytest
from textual.keys import _character_to_key

from meterdeck.app.commands import COMMANDS, REGISTRY, Where
from meterdeck.app.commands.keymap import NEVER, Wish, with_wishes
from meterdeck.app.commands.keynames import label, name_of_sign, read, types
from meterdeck.domain.errors import UsageError

PLACE = "config.toml:7"


def wishing(**keys: str | tuple[str, ...]) -> dict[str, Wish]:
    """Wishes for commands whose ids are written with two underscores for the point."""
    return {
        name.replace("__", "."): Wish((key,) if isinstance(key, str) else key, PLACE)
        for name, key in keys.items()
    }


@pytest.mark.parametrize("sign", [*string.punctuation, " ", "a", "Z", "7", "é", "§"])
def test_a_sign_is_named_as_textual_names_it(sign: str) -> None:
    assert read(sign) == name_of_sign(sign) == _character_to_key(sign)


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("L", "L"),
        ("?", "question_mark"),
        ("F5", "f5"),
        ("Ctrl+T", "ctrl+t"),
        ("esc", "escape"),
        ("PgDn", "pagedown"),
        ("shift+tab", "shift+tab"),
        ("shift+alt+left", "alt+shift+left"),
        ("question_mark", "question_mark"),
        ("+", "plus"),
    ],
)
def test_a_key_is_read_as_a_person_writes_it(written: str, key: str) -> None:
    assert read(written) == key


@pytest.mark.parametrize("written", ["hyper+x", "ab", "", "ctrl+", "f13", "ctrl+ctrl+x", "shift+a", "\x07"])
def test_what_is_no_key_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="key"):
        read(written)


@pytest.mark.parametrize("command", [c for c in COMMANDS if c.keys], ids=lambda command: command.id)
def test_every_key_of_the_registry_can_be_written_in_the_configuration(command: object) -> None:
    assert [read(key) for key in command.keys] == list(command.keys)  # type: ignore[attr-defined]


def test_a_key_is_shown_as_it_stands_on_a_keyboard() -> None:
    shown = {
        key: label(key) for key in ("L", "comma", "ctrl+t", "f5", "shift+tab", "alt+x", "pagedown", "enter")
    }
    assert list(shown.values()) == ["L", ",", "^t", "F5", "⇧Tab", "alt+x", "PgDn", "⏎"]


def test_other_keys_take_the_place_of_all_that_a_command_had() -> None:
    registry = with_wishes(wishing(deck__refresh=("f5", "ctrl+r"), time__longer="L"))
    assert registry.of("deck.refresh").keys == ("f5", "ctrl+r")
    assert registry.of("deck.refresh").key_label == "F5 ^r"
    assert registry.of("time.longer").key_label == "L"
    assert registry.of("time.shorter") == REGISTRY.of("time.shorter")
    assert registry.keymap == {"deck.refresh": ("f5", "ctrl+r"), "time.longer": ("L",)}


def test_two_commands_may_change_their_keys_with_each_other() -> None:
    registry = with_wishes(wishing(time__longer="T", time__shorter="t"))
    assert (registry.of("time.longer").keys, registry.of("time.shorter").keys) == (("T",), ("t",))


def refusal(**keys: str | tuple[str, ...]) -> str:
    with pytest.raises(UsageError) as refused:
        with_wishes(wishing(**keys))
    assert str(refused.value).startswith(f"{PLACE}: ")
    return str(refused.value)


def test_a_key_that_is_taken_in_the_same_place_is_refused_with_whose_it_is() -> None:
    assert "it is that of deck.refresh (Read the newest figures now)" in refusal(time__longer="r")
    assert "it is that of app.quit" in refusal(deck__refresh="q")
    assert "it is that of deck.refresh" in refusal(app__quit="r")
    assert "it is that of time.shorter" in refusal(time__longer="x", time__shorter="x")


def test_the_same_key_may_mean_something_else_on_another_screen() -> None:
    assert with_wishes(wishing(day__close="r")).of("day.close").keys == ("r",)


@pytest.mark.parametrize("key", ["[", "O", "A", "B", "C", "D"])
def test_what_is_left_of_an_arrow_key_that_was_cut_in_two_is_refused(key: str) -> None:
    assert read(key) in NEVER
    assert "cuts in two" in refusal(deck__refresh=key)


@pytest.mark.parametrize("key", ["ctrl+c", "ctrl+z", "ctrl+i", "ctrl+m", "ctrl+h", "ctrl+["])
def test_what_terminals_act_on_or_cannot_tell_apart_is_refused(key: str) -> None:
    assert "can't be a key" in refusal(deck__refresh=key)


def test_what_is_typed_in_a_field_is_no_key_there() -> None:
    assert "it is typed in the picker" in refusal(picker__apply="x")
    assert "it is typed in the command line" in refusal(line__leave="?")
    typed = [
        (command.id, key)
        for command in COMMANDS
        for key in command.keys
        if command.where.is_typed_in and types(key)
    ]
    assert typed == [("picker.mark", "space")]


def test_an_unknown_command_is_refused_with_one_that_is_near() -> None:
    assert "there is no command 'time.longr' (did you mean time.longer?)" in refusal(time__longr="x")


def test_what_has_no_key_or_must_keep_it_is_refused() -> None:
    assert "time.since has no key to change; it is :since TIME" in refusal(time__since="x")
    assert "the way out from anywhere" in refusal(app__interrupt="x")


def test_words_of_a_wrong_configuration_reach_the_screen_without_control_characters() -> None:
    assert "\\x1b" in refusal(deck__refresh="\x1b[31m")


def test_every_place_is_one_that_commands_live_in() -> None:
    assert {command.where for command in COMMANDS} == set(Where)
