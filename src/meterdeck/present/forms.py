"""What charts and sparklines are drawn with: their glyphs, and letters where colours can't tell parts apart."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Form(StrEnum):
    """The glyphs in use: eighth blocks, braille dots (twice as many bars in a line), or ASCII alone."""

    BLOCKS = "blocks"
    BRAILLE = "braille"
    ASCII = "ascii"


@dataclass(frozen=True, slots=True)
class Pen:
    """What a chart is drawn with."""

    form: Form = Form.BLOCKS
    letters: bool = False
    """Whether the parts of a bar are told apart by letters, not by colours alone."""

    @property
    def lettered(self) -> bool:
        """Whether parts are letters; in ASCII they always are."""
        return self.letters or self.form is Form.ASCII

    @property
    def splits(self) -> bool:
        """Whether bars show their parts: dots hold no letters, so without colours they show the whole alone."""
        return not (self.letters and self.form is Form.BRAILLE)


PLAIN = Pen()
"""Blocks and colours."""
