"""Writes the README's table of keys anew from the command registry: `make keys`."""

from __future__ import annotations

from pathlib import Path

from meterdeck.app.commands import REGISTRY, Where
from meterdeck.cli.keys import markdown

README = Path(__file__).parent.parent / "README.md"
BEGIN, END = "<!-- keys: written by `make keys` -->", "<!-- end of keys -->"


def table() -> str:
    """The commands of the deck; `?` shows those of the other screens too."""
    on_deck = {Where.DECK, Where.EVERYWHERE}
    groups = [group for group in REGISTRY.groups if {command.where for command in group.commands} <= on_deck]
    return markdown(REGISTRY, groups)


def with_table(text: str) -> str:
    """A text with the table between its two marks."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


if __name__ == "__main__":
    README.write_text(with_table(README.read_text(encoding="utf-8")), encoding="utf-8")
