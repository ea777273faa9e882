"""Puts the parts together: which store, which server, which key."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from meterdeck import config, paths
from meterdeck.app.session import Session
from meterdeck.credentials import KEY_VARIABLES, find_key
from meterdeck.domain.errors import UsageError
from meterdeck.domain.secret import Secret

if TYPE_CHECKING:
    from meterdeck.store import Store
    from meterdeck.sync.engine import Changed, SyncEngine

DEMO_URL = "http://localhost"
"""Never resolved or dialled: the embedded organisation answers without a socket."""


@dataclass(frozen=True, slots=True)
class Place:
    """What the global options say: folder, server, pace."""

    data_dir: Path
    base_url: str
    requests_per_hour: int


def utc_now() -> datetime:
    """The one clock; everything below takes the time as an argument."""
    return datetime.now(UTC)


def place_of(arguments: argparse.Namespace) -> Place:
    """Read the global options and the configuration file; raises `UsageError`."""
    settings = config.load(arguments.config or paths.default_config(), required=arguments.config is not None)
    return Place(
        arguments.data_dir or paths.default_data_dir(),
        (arguments.base_url or settings.base_url).rstrip("/"),
        settings.requests_per_hour,
    )


def live_session(place: Place) -> Session | None:
    """The organisation of the key in the environment, or None without a key."""
    key = find_key(os.environ)
    if key is None:
        return None
    store = paths.live_store(place.data_dir, place.base_url, key)
    return Session(store, utc_now, _live_engine(place, key))


def offline_store(place: Place) -> Path:
    """The store to look at without asking anybody: the key's own, or the only one of this server."""
    key = find_key(os.environ)
    if key is not None:
        return paths.live_store(place.data_dir, place.base_url, key)
    known = paths.known_live_stores(place.data_dir, place.base_url)
    if len(known) == 1:
        return known[0]
    raise UsageError(
        "There is no store to read offline."
        if not known
        else "There are stores of several keys, and without a key it can't be told whose to show.",
        next=f"Set {KEY_VARIABLES[0]}, or use --demo.",
    )


def demo_session(place: Place) -> Session:
    """The embedded organisation: no key, no network, a store of its own."""
    from meterdeck.service.simulated.edition import EDITION

    store = paths.demo_store(place.data_dir, EDITION)
    return Session(store, utc_now, _demo_engine, is_demo=True)


def no_key() -> UsageError:
    """How to give a key."""
    return UsageError(
        "There is no Admin key.",
        next=f"Set {KEY_VARIABLES[0]} (or {KEY_VARIABLES[1]}), or look around with --demo.",
    )


_StartEngine = Callable[["Store", "Callable[[Changed], None]"], "SyncEngine"]


def _live_engine(place: Place, key: Secret) -> _StartEngine:
    def start(store: Store, on_change: Callable[[Changed], None]) -> SyncEngine:
        from meterdeck.api import AdminClient
        from meterdeck.sync.engine import SyncEngine
        from meterdeck.sync.pacing import Paces
        from meterdeck.sync.plan import Cadence
        from meterdeck.sync.readers import Sources

        paces = Paces(store, utc_now, hourly=place.requests_per_hour)
        client = AdminClient(place.base_url, key)
        return SyncEngine(Sources(client, store, utc_now, paces.of, Cadence()), on_change)

    return start


def _demo_engine(store: Store, on_change: Callable[[Changed], None]) -> SyncEngine:
    import httpx

    from meterdeck.api import AdminClient
    from meterdeck.api.client import UNPACED
    from meterdeck.service import demo_app
    from meterdeck.sync.engine import SyncEngine
    from meterdeck.sync.plan import DEMO_CADENCE
    from meterdeck.sync.readers import Sources

    client = AdminClient(DEMO_URL, Secret("demo"), via=httpx.ASGITransport(app=demo_app(clock=utc_now)))
    return SyncEngine(Sources(client, store, utc_now, lambda _: UNPACED, DEMO_CADENCE), on_change)
