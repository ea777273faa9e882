"""Keys as people write them (``?``, ``ctrl+t``, ``F5``), as Textual names them, and as the screen shows them."""

from __future__ import annotations

import string
import unicodedata

_TEXTUALS_OWN = {
    "solidus": "slash",
    "reverse_solidus": "backslash",
    "commercial_at": "at",
    "hyphen_minus": "minus",
    "plus_sign": "plus",
    "low_line": "underscore",
}
_LABELS = {
    "enter": "⏎", "escape": "esc", "tab": "Tab", "shift+tab": "⇧Tab", "space": "space", "backspace": "⌫",
    "delete": "Del", "insert": "Ins", "home": "Home", "end": "End", "pageup": "PgUp", "pagedown": "PgDn",
    "up": "↑", "down": "↓", "left": "←", "right": "→", **{f"f{number}": f"F{number}" for number in range(1, 13)},
}  # fmt: skip
_MODIFIERS = {"ctrl": "^", "shift": "⇧", "alt": "alt+"}


def name_of_sign(sign: str) -> str:
    """Textual's name of a key that types one printable character."""
    if sign.isalnum():
        return sign
    if sign == " ":
        return "space"
    name = unicodedata.name(sign, sign).lower().replace("-", "_").replace(" ", "_")
    return _TEXTUALS_OWN.get(name, name)


_SIGNS = {name_of_sign(sign): sign for sign in string.punctuation}


def read(written: str) -> str:
    """Textual's name of a key that a person wrote; raises `ValueError` with the reason."""
    if len(written) == 1 and written.isprintable():
        return name_of_sign(written)
    *modifiers, last = written.lower().split("+")
    last = {"esc": "escape", "return": "enter", "pgup": "pageup", "pgdn": "pagedown", "del": "delete"}.get(
        last, last
    )
    last = name_of_sign(last) if len(last) == 1 and last in string.punctuation else last
    is_known = last in _LABELS or last in _SIGNS or (len(last) == 1 and last.isalnum() and last.isascii())
    if not is_known or not set(modifiers) <= set(_MODIFIERS) or len(set(modifiers)) < len(modifiers):
        raise ValueError('is no key: write a character, or such as "ctrl+t", "f5", "space", "pagedown"')
    if not modifiers or last in _LABELS:
        return "+".join([*(each for each in ("alt", "ctrl", "shift") if each in modifiers), last])
    if "shift" in modifiers:
        raise ValueError("can't be told from the key without Shift: write the character that it types")
    return "+".join([*(each for each in ("alt", "ctrl") if each in modifiers), last])


def types(key: str) -> bool:
    """Whether a key (in Textual's name) types something in a field."""
    return len(key) == 1 or key in _SIGNS or key == "space"


def label(key: str) -> str:
    """A key in Textual's name as the screen shows it."""
    if key in _LABELS:
        return _LABELS[key]
    if key in _SIGNS:
        return _SIGNS[key]
    *modifiers, last = key.split("+")
    return "".join(_MODIFIERS[each] for each in modifiers) + (label(last) if modifiers else last)
