"""Puts the parts together: which store, which server, which key."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from meterdeck import config, paths
from meterdeck.app.session import Session
from meterdeck.credentials import KEY_VARIABLES, Key, organization_identity
from meterdeck.domain.errors import UsageError
from meterdeck.domain.secret import Secret

if TYPE_CHECKING:
    from meterdeck.store import Store
    from meterdeck.sync.engine import Changed, SyncEngine

DEMO_URL = "http://localhost"
"""Never resolved or dialled: the embedded organisation answers without a socket."""


@dataclass(frozen=True, slots=True)
class Place:
    """What the global options and the configuration say: folder, server, pace, and where the key lies."""

    data_dir: Path
    config: config.Config

    @property
    def base_url(self) -> str:
        """The server to ask."""
        return self.config.base_url.value

    @property
    def requests_per_hour(self) -> int:
        """The budget of all sessions together."""
        return self.config.requests_per_hour.value


def utc_now() -> datetime:
    """The one clock; everything below takes the time as an argument."""
    return datetime.now(UTC)


def place_of(arguments: argparse.Namespace) -> Place:
    """Read the global options and the configuration file; raises `UsageError`."""
    if arguments.demo and arguments.base_url:
        raise UsageError("--demo asks no server; leave out either it or --base-url.")
    settings = config.load(
        arguments.config or paths.default_config(),
        required=arguments.config is not None,
        profile=arguments.profile,
        base_url=arguments.base_url,
    )
    return Place(arguments.data_dir or paths.default_data_dir(), settings)


def key_of(place: Place) -> Key | None:
    """Read the key where the configuration says it lies, and warn of an odd one; None without a key.

    Raises `KeyUnavailable`. May talk to the terminal (a key command can ask for a passphrase), so it is called
    before the screen opens.
    """
    key = place.config.key()
    if key is not None and key.warning:
        print(f"meterdeck: {key.warning}", file=sys.stderr)
    return key


def live_session(place: Place) -> Session | None:
    """The organisation of the configured key, or None without a key."""
    key = key_of(place)
    if key is None:
        return None
    store = paths.live_store(place.data_dir, place.base_url, key.identity)
    return Session(store, utc_now, _live_engine(place, key), requests_per_hour=place.requests_per_hour)


def offline_store(place: Place) -> Path:
    """The store to look at without asking anybody: the organisation's or the key's, or the server's only one."""
    organization = place.config.organization.value
    if organization is not None:
        return paths.live_store(place.data_dir, place.base_url, organization_identity(organization))
    key = key_of(place)
    if key is not None:
        return paths.live_store(place.data_dir, place.base_url, key.identity)
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
        next=f"Set {KEY_VARIABLES[0]} (or {KEY_VARIABLES[1]}), say where the key lies in the configuration "
        "(meterdeck config init), or look around with --demo.",
    )


_StartEngine = Callable[["Store", "Callable[[Changed], None]"], "SyncEngine"]


def _live_engine(place: Place, key: Key) -> _StartEngine:
    def start(store: Store, on_change: Callable[[Changed], None]) -> SyncEngine:
        from meterdeck.api import AdminClient
        from meterdeck.sync.engine import SyncEngine
        from meterdeck.sync.pacing import Paces
        from meterdeck.sync.plan import Cadence
        from meterdeck.sync.readers import Sources

        paces = Paces(store, utc_now, hourly=place.requests_per_hour)
        client = AdminClient(place.base_url, key, ca_bundle=place.config.ca_bundle.value)
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
