"""`meterdeck` itself: the deck, in a terminal that can show it."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import NoReturn

from meterdeck.app.desk import Desk, SavedViews
from meterdeck.app.session import Session, UnknownKey
from meterdeck.cli import connect
from meterdeck.domain.errors import UsageError

# Before anything imports Textual: no animation on a bad line, few frames, and enough patience to tell a lone
# Escape from an escape sequence that the network cut in two.
_TEXTUAL_DEFAULTS = {"TEXTUAL_ANIMATIONS": "none", "TEXTUAL_FPS": "15", "ESCDELAY": "250"}


def run(arguments: argparse.Namespace) -> NoReturn:
    """Open the deck; the process ends with it."""
    place = connect.place_of(arguments)
    _check_terminal()
    desk = _desk(place, arguments)
    for name, value in _TEXTUAL_DEFAULTS.items():
        os.environ.setdefault(name, value)
    from meterdeck.app.app import DeckApp

    # What is wrong with the key or the store is said in the terminal itself, before the screen is taken over.
    if arguments.offline:
        session: Session | UnknownKey | None = connect.offline_session(place, demo=arguments.demo)
    else:
        session = connect.demo_session(place) if arguments.demo else connect.live_session(place)
    DeckApp(session, demo=lambda: connect.demo_session(place), desk=desk).run_to_the_end()


def _desk(place: connect.Place, arguments: argparse.Namespace) -> Desk:
    """The saved views, and what of them to open; raises `UsageError` for a view that nobody saved."""
    held = place.config
    saved = SavedViews(held.file.with_name("views.toml"), held.views)
    if arguments.view is not None:
        saved.find(arguments.view)
    return Desk(saved, held.export_folder.value or Path(), arguments.view, arguments.resume)


def _check_terminal() -> None:
    """Textual reads standard input and writes to standard error; it needs both to be a terminal."""
    instead = "To print the same figures, use: meterdeck report rates|costs|breakdown (see meterdeck report --help)."
    if not (sys.stdin.isatty() and sys.stdout.isatty() and sys.stderr.isatty()):
        raise UsageError("The deck needs a terminal, and this is none.", next=instead)
    if os.environ.get("TERM", "") in {"", "dumb"}:
        raise UsageError("This terminal (TERM=dumb) can't show the deck.", next=instead)
