"""Text from outside, made harmless: what a name is, whoever shows it, and however it is typed."""

from __future__ import annotations

import re
import unicodedata

ELLIPSIS = "…"
"""Stands where a text was cut, and before the end of an id."""

_ESCAPE_SEQUENCES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor movement
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c|$)"  # OSC, DCS: titles, clipboard
    r"|\x1b[ -/]*[0-~]"
)
_BARRED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co"})
_BARRED_CHARACTERS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef\U0001f3fb-\U0001f3ff]")
_UNKNOWN = "\ufffd"


def clean(name: str) -> str:
    """Make a name from outside safe to show: no control characters, escape sequences, bidi marks or line breaks.

    Runs of white space become one space; a character unknown to this Python becomes U+FFFD.
    """
    if name.isascii() and name.isprintable():
        return " ".join(name.split())
    text = _BARRED_CHARACTERS.sub("", _ESCAPE_SEQUENCES.sub("", name))
    text = "".join(_shown(char) for char in text)
    return unicodedata.normalize("NFC", " ".join(text.split()))


def _shown(char: str) -> str:
    if char.isspace():
        return " "
    category = unicodedata.category(char)
    if category in _BARRED_CATEGORIES:
        return ""
    return _UNKNOWN if category == "Cn" else char
