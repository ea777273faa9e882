"""ASCII for terminals without UTF-8: every glyph we draw has a stand-in of the same width.

Some of these would be taken for something else; where a text is yet to be laid out, such signs are spelled out.
"""

from __future__ import annotations

from meterdeck.present.names import cell_width

_STAND_INS = {
    **dict(zip("▁▂▃▄▅▆▇█", "_.-=+*%#", strict=True)),  # heights
    **dict(zip("░▒·", ":o.", strict=True)),  # running, settling, gap
    **dict(zip("│┤▏━─┈", "||||-'", strict=True)),  # lines
    **dict(zip("▸▶▷▼▲↓↑→←", ">>>v^v^><", strict=True)),  # directions
    **dict(zip("●◌✕⏸◇⏎◐◆◔○", "*oX=oE%+&0", strict=True)),  # states and keys
    **dict(zip("…—–−×", "*---x", strict=True)),  # punctuation; a name may hold a dot where it is cut
    **dict(zip("≈Δ±÷◆✓⇧⌫⣿Σ", "=d+/#xs<#S", strict=True)),  # signs and keys
    **dict(zip("▌▐▎▍▋▊▉▀▔", "|||||##--", strict=True)),  # edges: ours, and those of Textual's widgets
}

_SPELLED = str.maketrans({"⏎": "Enter", "±": "+-", "…": "..", "Σ": "sum"})


def spelled(text: str) -> str:
    """The text as it is to be laid out for a terminal that shows ASCII: in as many cells as it takes to be clear."""
    return text if text.isascii() else text.translate(_SPELLED)


def to_ascii(text: str) -> str:
    """The text in printable ASCII, cell for cell as wide; what has no stand-in becomes ``?``."""
    return text if text.isascii() else "".join(_stand_in(char) for char in text)


def _stand_in(char: str) -> str:
    return char if char.isascii() else _STAND_INS.get(char, "?" * cell_width(char))
