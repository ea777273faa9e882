"""`meterdeck themes`: the names to give to `--theme`, and what is wrong with theme files."""

from __future__ import annotations

import argparse
import sys

from meterdeck.cli import connect
from meterdeck.present.names import clean


def run(arguments: argparse.Namespace) -> int:
    """Print every theme; return 0, or 1 if a file can't be used."""
    from meterdeck.app.themes import AUTO, OWN, Shelf

    place = connect.place_of(arguments)
    shelf = Shelf.of(place.themes_dir)
    own = {theme.name for theme in OWN}
    rows = [(AUTO, "dark or light", "meterdeck")]
    for name, theme in shelf.themes.items():
        kind = ("dark" if theme.dark else "light") + (", 16 colours" if theme.ansi else "")
        rows.append((name, kind, str(shelf.files.get(name, "meterdeck" if name in own else "Textual"))))
    chosen = place.config.theme.value
    width, of_kind = (max(len(row[column]) for row in rows) for column in (0, 1))
    for name, kind, origin in rows:
        print(f"{'▶' if name == chosen else ' '} {name:<{width}}  {kind:<{of_kind}}  {clean(origin)}")
    for sentence in shelf.refused.values():
        print(f"meterdeck: {clean(sentence)}", file=sys.stderr)
    return 1 if shelf.refused else 0
