"""`meterdeck store info`: the store as it is. Asks nobody, and bothers no session that uses it."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from meterdeck import paths
from meterdeck.cli import connect
from meterdeck.domain.errors import UsageError
from meterdeck.present.store_info import store_document, store_lines
from meterdeck.queries.store_info import store_info
from meterdeck.store import looking


def run(arguments: argparse.Namespace) -> int:
    """Print it; return 0."""
    place = connect.place_of(arguments)
    path = demo_store(place) if arguments.demo else connect.offline_store(place)
    with looking.looking(path) as transaction:
        info = store_info(
            transaction, connect.clock_by(transaction)(), place.requests_per_hour, connect.utc_now()
        )
        journal = looking.journal(transaction)
    log = _size(path.with_name(f"{path.name}-wal"))
    if arguments.format == "json":
        text = json.dumps(store_document(info, path, log, journal), indent=1) + "\n"
    else:
        text = "".join(f"{line}\n" for line in store_lines(info, path, log, journal))
    sys.stdout.write(text)
    return 0


def demo_store(place: connect.Place) -> Path:
    """The store of the embedded organisation; raises `UsageError` where there is none yet."""
    from meterdeck.service.simulated.edition import EDITION

    path = paths.demo_store(place.data_dir, EDITION)
    if not path.exists():
        raise UsageError("The demo has no store yet.", next="Open it once: meterdeck --demo")
    return path


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
