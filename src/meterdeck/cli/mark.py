"""`meterdeck mark`: moments to remember, in the store of the organisation."""

from __future__ import annotations

import argparse
import re
import sys
from datetime import UTC, datetime, time
from pathlib import Path

from meterdeck.cli import connect
from meterdeck.cli.store_info import demo_store
from meterdeck.domain.buckets import rfc3339
from meterdeck.domain.errors import UsageError
from meterdeck.present.names import clean
from meterdeck.store import Store, marks
from meterdeck.store.marks import Mark

LONGEST_NAME = 60
"""In characters: a mark's name stands on the axis of a chart."""


_CLOCK = re.compile(r"\d\d:\d\d(:\d\d)?[Zz]?", re.ASCII)


def run(arguments: argparse.Namespace) -> int:
    """Add a mark, list them all, or take one away; return 0."""
    _check(arguments)
    _moment(arguments.at, connect.utc_now())  # what is no time is refused before anything is opened
    place = connect.place_of(arguments)
    store = Store(_store_of(arguments, place))
    try:
        if arguments.list:
            _list(store)
        elif arguments.remove is not None:
            _remove(store, arguments.remove)
        else:
            _add(store, arguments.name, _moment(arguments.at, connect.clock_of(store)()))
    finally:
        store.close()
    return 0


def _moment(text: str | None, now: datetime) -> datetime:
    """Now, ``13:05`` of this UTC day, or ``2026-11-20T13:05Z``; raises `UsageError`."""
    if text is None:
        return now
    try:
        if _CLOCK.fullmatch(text):
            clock = time.fromisoformat(text.upper().removesuffix("Z"))
            return datetime.combine(now.date(), clock, UTC)
        moment = datetime.fromisoformat(text.upper())
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise UsageError(
        f"{text!r} is no time.", next="Write 13:05 (of today, in UTC) or 2026-11-20T13:05Z (with its zone)."
    )


def _check(arguments: argparse.Namespace) -> None:
    wishes = (arguments.name is not None, arguments.list, arguments.remove is not None)
    if sum(wishes) != 1 or (arguments.at is not None and arguments.name is None):
        raise UsageError(
            "Give one of a name, --list and --remove.",
            next='For example: meterdeck mark "T0 checkout" --at 13:05',
        )


def _store_of(arguments: argparse.Namespace, place: connect.Place) -> Path:
    return demo_store(place) if arguments.demo else connect.offline_store(place)


def _add(store: Store, name: str, at: datetime) -> None:
    shown = clean(name)[:LONGEST_NAME]
    if not shown:
        raise UsageError("A mark needs a name that can be shown.")
    with store.write() as transaction:
        added = marks.add(transaction, at, shown)
    print(_line(added))


def _list(store: Store) -> None:
    with store.read() as transaction:
        found = marks.load(transaction)
    sys.stdout.write("".join(f"{_line(mark)}\n" for mark in found))
    if not found:
        print("meterdeck: There are no marks.", file=sys.stderr)


def _remove(store: Store, of: int) -> None:
    with store.write() as transaction:
        gone = marks.remove(transaction, of)
    if gone is None:
        raise UsageError(f"There is no mark {of}.", next="See them with: meterdeck mark --list")
    print(f"removed {_line(gone)}")


def _line(mark: Mark) -> str:
    return f"{mark.id:>4}  {rfc3339(mark.at)}  {clean(mark.name)}"
