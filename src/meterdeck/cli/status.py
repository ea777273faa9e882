"""`meterdeck status`: one line for a status bar or a prompt, from the store alone.

The figures are those that the session that collects kept when it showed them: to work them out takes the prices, and
those the whole bill, which is more than a prompt can wait for. Where nobody collects they are old, and say so.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from meterdeck import paths
from meterdeck.cli import connect
from meterdeck.present.ascii import to_ascii
from meterdeck.present.glance import State, glance_document, glance_line, standing
from meterdeck.store import feeds, glance, looking

OK, NOTHING_KNOWN, INCOMPLETE = 0, 1, 3


def run(arguments: argparse.Namespace) -> int:
    """Print it; return 0, 3 if the figures are stale or lack a part, 1 if there are none."""
    place = connect.place_of(arguments)
    found, states, now = None, {}, connect.utc_now()
    path = _store(place, demo=arguments.demo)
    if path is not None:
        with looking.looking(path) as transaction:
            found, states = glance.last(transaction), feeds.load(transaction)
            now = connect.clock_by(transaction)()
    how = standing(found, states, now)
    budgets = connect.money_of(place, demo=arguments.demo).budgets
    if arguments.format == "json":
        text = json.dumps(glance_document(found, how, budgets, now))
    else:
        text = glance_line(found, how, budgets, now)
        if arguments.ascii or not _is_utf8():
            text = to_ascii(text)
    sys.stdout.write(f"{text}\n")
    if found is None:
        return NOTHING_KNOWN
    lacks = any(amount is None or amount.lacks for amount in (found.hour, found.today, found.month))
    return INCOMPLETE if lacks or how.state is not State.CURRENT else OK


def _store(place: connect.Place, *, demo: bool) -> Path | None:
    """The store to look into; None where nothing was ever read."""
    if demo:
        from meterdeck.service.simulated.edition import EDITION

        path = paths.demo_store(place.data_dir, EDITION)
        return path if path.exists() else None
    if not paths.known_live_stores(place.data_dir, place.base_url):
        return None
    return connect.offline_store(place, passing_keys=False)


def _is_utf8() -> bool:
    return (sys.stdout.encoding or "ascii").lower().replace("-", "") == "utf8"
