"""`meterdeck` itself: the deck, in a terminal that can show it."""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from meterdeck.app.desk import Desk, SavedViews
from meterdeck.app.session import PaintedScreen, Profiles, Session, ShownScreen, Terminal, UnknownKey
from meterdeck.cli import connect, heap, keymap, last_screen, terminal
from meterdeck.config import COMMAND_LINE
from meterdeck.credentials import KeyCommand
from meterdeck.domain.errors import UsageError

# Before anything imports Textual: no animation on a bad line, few frames, and enough patience to tell a lone
# Escape from an escape sequence that the network cut in two.
_TEXTUAL_DEFAULTS = {"TEXTUAL_ANIMATIONS": "none", "TEXTUAL_FPS": "15", "ESCDELAY": "250"}


def run(arguments: argparse.Namespace) -> NoReturn:
    """Open the deck; the process ends with it."""
    heap.keep_small()
    gc.disable()  # a fifth of the way to the first figures, and nothing is garbage yet; the app enables it again
    sys.setswitchinterval(0.0005)  # else the screen waits 5 ms for each turn while a thread computes
    place = connect.place_of(arguments)
    terminal.check()
    desk = _desk(place, arguments)
    for name, value in _TEXTUAL_DEFAULTS.items():
        os.environ.setdefault(name, value)
    from meterdeck.app.app import DeckApp
    from meterdeck.app.themes import Shelf
    from meterdeck.present.forms import Form

    theme, shelf = place.config.theme, Shelf.of(place.themes_dir)
    shelf.find(theme.value, "--theme" if theme.origin == COMMAND_LINE else theme.origin)
    # What is wrong with the key or the store is said in the terminal itself, before the screen is taken over.
    if arguments.offline:
        session: Session | UnknownKey | None = connect.offline_session(place, demo=arguments.demo)
    else:
        session = connect.demo_session(place) if arguments.demo else connect.live_session(place)
    attributes = last_screen.attributes()
    app = DeckApp(
        session,
        demo=lambda: connect.demo_session(place),
        theme=theme.value,
        chart=Form(place.config.chart.value),
        shelf=shelf,
        registry=keymap.registry_of(place.config),
        profiles=_profiles(arguments, place),
        desk=desk,
        terminal=Terminal(
            mouse=arguments.mouse,
            is_ascii=_is_ascii(arguments),
            painted=None if attributes is None else PaintedScreen(attributes, last_screen.hand_over),
            keep=_keeper(arguments, place, session),
        ),
    )
    app.run_to_the_end()


def _desk(place: connect.Place, arguments: argparse.Namespace) -> Desk:
    """The saved views, and what of them to open; raises `UsageError` for a view that nobody saved."""
    held = place.config
    saved = SavedViews(held.file.with_name("views.toml"), held.views)
    if arguments.view is not None:
        saved.find(arguments.view)
    return Desk(saved, held.export_folder.value or Path(), arguments.view, arguments.resume)


def _profiles(arguments: argparse.Namespace, place: connect.Place) -> Profiles:
    """The other organisations of the file. What the command line says of one organisation holds for no other."""

    async def opened(name: str) -> Session | UnknownKey:
        of_profile = {"profile": name, "org": None, "base_url": None, "demo": False}
        other = connect.place_of(argparse.Namespace(**{**vars(arguments), **of_profile}))
        if arguments.offline:
            if other.config.organization.value is None and isinstance(
                other.config.key_source.value, KeyCommand
            ):
                raise UsageError(
                    "Whose store to look at is known from its key alone, and a command gives that.",
                    next=f"Name its organization in the configuration, or start with --profile {name}.",
                )
            return await asyncio.to_thread(connect.offline_session, other, demo=False)
        return await connect.other_session(other)

    return Profiles(place.config.profiles, opened)


def _is_ascii(arguments: argparse.Namespace) -> bool:
    """What the user says, else what the locale says."""
    if arguments.ascii is None:
        return not terminal.speaks_utf8(os.environ, sys.stdout.encoding)
    return bool(arguments.ascii)


def _keeper(
    arguments: argparse.Namespace, place: connect.Place, session: Session | UnknownKey | None
) -> Callable[[ShownScreen], None] | None:
    """What keeps the screen for the next start; None where only a look at more than files tells whose store it is."""
    if not isinstance(session, Session):
        return None
    witnesses = connect.witnesses(place, demo=arguments.demo, offline=arguments.offline)
    if witnesses is None:
        return None
    return last_screen.keeper(arguments.words, place.data_dir, session.store, witnesses)
