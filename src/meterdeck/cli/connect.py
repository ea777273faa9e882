"""Puts the parts together: which server, which key, whose store."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from meterdeck import config, paths
from meterdeck.app.session import Session, UnknownKey
from meterdeck.cli import destination, keymap, organizations
from meterdeck.cli.local_zone import local_zone
from meterdeck.credentials import KEY_VARIABLES, EnvironmentKey, Key, KeyFile, KeyUnavailable
from meterdeck.domain.budgets import Budget, Period
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.errors import MeterdeckError, UsageError
from meterdeck.domain.secret import Secret

if TYPE_CHECKING:
    from meterdeck.api import AdminClient
    from meterdeck.domain.reports import Organization
    from meterdeck.store import Store, Transaction
    from meterdeck.store.clock import Clock
    from meterdeck.sync.engine import Changed, SyncEngine
    from meterdeck.sync.plan import Cadence

DEMO_URL = "http://localhost"
"""Never resolved or dialled: the embedded organisation answers without a socket."""


DEMO_BUDGETS = (
    Budget(Decimal(150_000), Period.MONTH),
    Budget(Decimal(2_500), Period.DAY, Dimension.WORKSPACE, "prod-chat"),
)
"""Those of the embedded organisation; the budgets of the configuration are another's."""


@dataclass(frozen=True, slots=True)
class Place:
    """What the global options and the configuration say: folder, server, pace, and where the key lies."""

    data_dir: Path
    config: config.Config
    poll: timedelta | None = None
    """How often the newest minutes are asked for; None where the command line does not say."""

    @property
    def base_url(self) -> str:
        """The server to ask."""
        return self.config.base_url.value

    @property
    def requests_per_hour(self) -> int:
        """The budget of all sessions together."""
        return self.config.requests_per_hour.value

    def store_of(self, organization: str) -> Path:
        """The store of an organisation on this server."""
        return paths.live_store(self.data_dir, self.base_url, organization)

    @property
    def themes_dir(self) -> Path:
        """Where the user's theme files lie: beside the configuration."""
        return self.config.file.with_name("themes")

    def cadence(self, usual: Cadence) -> Cadence:
        """How often each feed asks."""
        return usual if self.poll is None else replace(usual, live=self.poll)

    def known_organizations(self) -> list[Organization]:
        """The organisations that have a store on this server; one that can't be read is left out."""
        from meterdeck.store import ownership

        stores = paths.known_live_stores(self.data_dir, self.base_url)
        return [owner for path in stores if (owner := ownership.owner_of(path)) is not None]


def utc_now() -> datetime:
    """This machine's clock; everything below takes the time as an argument."""
    return datetime.now(UTC)


def clock_by(transaction: Transaction) -> Clock:
    """The clock of a store's organisation: this machine's, put right by what the API last said of the time."""
    from meterdeck.store import budget
    from meterdeck.store.clock import Clock

    return Clock(utc_now, budget.skew(transaction))


def clock_of(store: Store) -> Clock:
    """The same, of a store that is open."""
    with store.read() as transaction:
        return clock_by(transaction)


def place_of(arguments: argparse.Namespace) -> Place:
    """Read the global options and the configuration file; raises `UsageError`."""
    for option, given in (("--base-url", arguments.base_url), ("--org", arguments.org)):
        if arguments.demo and given:
            raise UsageError(f"--demo has one organisation and no server; leave out either it or {option}.")
    settings = config.load(
        arguments.config or paths.default_config(),
        required=arguments.config is not None,
        profile=arguments.profile,
        base_url=arguments.base_url,
        theme=arguments.theme,
    )
    poll = None if arguments.poll is None else timedelta(seconds=arguments.poll)
    keymap.registry_of(settings)  # the whole file is checked, whatever it is read for
    place = Place(arguments.data_dir or paths.default_data_dir(), settings, poll)
    if arguments.org is None:
        return place
    chosen: config.Setting[str | None] = config.Setting(
        organizations.chosen(place.known_organizations(), arguments.org), config.COMMAND_LINE
    )
    return replace(place, config=replace(settings, organization=chosen))


async def other_session(place: Place) -> Session | UnknownKey:
    """The session of another place while the screen is up: a key command is out of reach of the terminal.

    Raises `MeterdeckError`, also where there is no key.
    """
    key = await place.config.key_again()
    if key is None:
        raise no_key()
    import asyncio

    return await asyncio.to_thread(_session_or_question, place, key)


def key_of(place: Place) -> Key | None:
    """Read the key where the configuration says it lies, and warn of an odd one; None without a key.

    Raises `KeyUnavailable`. May talk to the terminal (a key command can ask for a passphrase), so it is called
    before the screen opens.
    """
    key = place.config.key()
    if key is not None and key.warning:
        print(f"meterdeck: {key.warning}", file=sys.stderr)
    return key


def client_of(place: Place, key: Key) -> AdminClient:
    """The client of the place's server; raises `UsageError` where the key must not go there."""
    from meterdeck.api import AdminClient

    destination.check(place.config.base_url, key)
    return AdminClient(place.base_url, key, ca_bundle=place.config.ca_bundle.value)


def live_session(place: Place) -> Session | UnknownKey | None:
    """The organisation of the configured key; whoever's it is, if that is not known yet; None without a key."""
    key = key_of(place)
    return None if key is None else _session_or_question(place, key)


def _session_or_question(place: Place, key: Key) -> Session | UnknownKey:
    destination.check(place.config.base_url, key)  # before the screen opens
    organization = organization_of(place, key)
    if organization is not None:
        return _session(place, key, organization)

    async def ask() -> Session:
        import asyncio

        async with client_of(place, key) as client:
            found = await client.organization()
        return await asyncio.to_thread(_first_session, place, key, found)

    return UnknownKey(place.base_url, ask)


def organization_of(place: Place, key: Key) -> str | None:
    """The id of the organisation that a key belongs to: the API's word of an earlier time, or the configuration's.

    None where the API must be asked first: ``--org`` alone may be another's than the key's, and would show that
    organisation's figures. From then on the key believes no other organisation's answers. Raises
    `WrongOrganization` where the key is known to be another's than the one that is named.
    """
    from meterdeck.store import ownership
    from meterdeck.store.index import KeyIndex

    named = place.config.organization
    known = KeyIndex(place.data_dir, place.base_url).find(key.identity)
    if known and named.value and known.lower() != named.value.lower():
        if key.identity is key:
            raise ownership.other_named(known, f"{named.value} ({named.origin})")
        known = None  # a place that gives passing keys can give another organisation's by now
    if known is None and named.origin == config.COMMAND_LINE:
        return None
    key.organization = known or key.organization
    return key.organization


def remember(place: Place, key: Key, found: Organization) -> None:
    """Keep what `/me` said of a key, for the next time; from now on it believes no other organisation's answers."""
    from meterdeck.store.index import KeyIndex

    KeyIndex(place.data_dir, place.base_url).remember(key.identity, found.id)
    key.organization = found.id


def claim(place: Place, store: Store, organization: str, asked: Organization | None = None) -> None:
    """Make a new store the organisation's; raises `WrongOrganization` where it is another's.

    The request that `/me` took (``asked``: its answer) is counted in the store's budget.
    """
    from meterdeck.store import budget, ownership

    if store.read_only:
        with store.read() as transaction:
            ownership.check(transaction, organization)
        return
    with store.write() as transaction:
        ownership.claim(transaction, organization, asked.name if asked else "")
        if asked:
            budget.take(transaction, clock_by(transaction)(), budget.Priority.USER, place.requests_per_hour)


def _first_session(place: Place, key: Key, found: Organization) -> Session:
    remember(place, key, found)
    return _session(place, key, found.id, found)


def _session(place: Place, key: Key, organization: str, asked: Organization | None = None) -> Session:
    """A session on a store that can be opened and is the organisation's; raises `StoreError` where it is not."""
    from meterdeck.store import Store

    store = Store(place.store_of(organization))
    try:
        claim(place, store, organization, asked)
        clock = clock_of(store)
    finally:
        store.close()
    session = Session(store.path, clock, _live_engine(place, key, clock), notice=store.notice)
    money = money_of(place, demo=False)
    return replace(session, requests_per_hour=place.requests_per_hour, **money._asdict())


class Money(NamedTuple):
    """What the configuration says of time and money."""

    timezone: tzinfo
    budgets: tuple[Budget, ...]
    local: Callable[[], tzinfo]


def money_of(place: Place, *, demo: bool) -> Money:
    """The zone and the budgets; the embedded organisation has budgets of its own."""
    budgets = DEMO_BUDGETS if demo else tuple(setting.value for setting in place.config.budgets)
    timezone = place.config.timezone.value
    return Money(timezone, budgets, partial(local_zone, timezone))


def witnesses(place: Place, *, demo: bool, offline: bool) -> list[str] | None:
    """The files and variables that decide, with the command line, which store a session shows.

    None where something else decides too (another program, the names of other stores), or where the key is odd, for
    the user is to read what is said of it.
    """
    source = place.config.key_source.value
    if demo:
        key: list[str] = []
    elif offline or place.config.organization.origin == config.COMMAND_LINE:
        return None
    elif isinstance(source, EnvironmentKey):
        key = [f"variable {name}" for name in source.variables]
    elif isinstance(source, KeyFile):
        key = [f"file {source.path}"]
    else:
        return None
    found = None if demo else place.config.key()
    if found is not None and found.warning:
        return None
    named = [f"file {place.config.file}", *key]
    return None if any("\n" in name for name in named) else named


def offline_store(place: Place, *, passing_keys: bool = True) -> Path:
    """The store to look at without asking anybody: the named organisation's, the key's, or the server's only one.

    Raises `UsageError` where there is none, or several to choose from. Makes none. Without ``passing_keys`` no command
    and no keyring is asked for a key: a status bar looks every few seconds, and nobody can answer it.
    """
    organization = place.config.organization.value
    if organization is not None:
        _refuse_key_of_another(place)
    elif (passing_keys or _is_key_at_hand(place)) and (key := key_of(place)) is not None:
        organization = organization_of(place, key)
        if organization is None:
            raise organizations.never_read(place.known_organizations())
    stores = paths.known_live_stores(place.data_dir, place.base_url)
    if organization is not None:
        if place.store_of(organization) in stores:
            return place.store_of(organization)
        raise organizations.no_store(place.known_organizations(), organization)
    if len(stores) == 1:
        return stores[0]
    if not stores:
        raise organizations.nothing()
    raise organizations.choose(place.known_organizations())


def _refuse_key_of_another(place: Place) -> None:
    """Raise `WrongOrganization` for a key at hand that is known to be another's than the organisation that is named.

    No key is needed to look at a store, so none is asked for of a command or a keyring.
    """
    if _is_key_at_hand(place):
        with suppress(KeyUnavailable):
            key = place.config.key()
            if key is not None:
                organization_of(place, key)


def _is_key_at_hand(place: Place) -> bool:
    """Whether the key can be read without asking a program for it."""
    return isinstance(place.config.key_source.value, EnvironmentKey | KeyFile)


def offline_session(place: Place, *, demo: bool) -> Session:
    """A session that shows a store and asks nobody."""

    def start(_: Store, __: Callable[[Changed], None]) -> SyncEngine:
        raise MeterdeckError(
            "Nothing new is read by this session: it was started with --offline.",
            next="What another session reads appears all the same.",
        )

    session = demo_session(place) if demo else Session(offline_store(place), utc_now, start)
    return replace(
        session,
        start_engine=start,
        is_offline=True,
        requests_per_hour=place.requests_per_hour,
        **money_of(place, demo=demo)._asdict(),
    )


def demo_session(place: Place) -> Session:
    """The embedded organisation: no key, no network, a store of its own."""
    from meterdeck.service.simulated.edition import EDITION
    from meterdeck.store import Store

    store = Store(paths.demo_store(place.data_dir, EDITION))
    store.close()
    session = Session(store.path, utc_now, _demo_engine(place), is_demo=True, notice=store.notice)
    return replace(session, **money_of(place, demo=True)._asdict())


def no_key() -> UsageError:
    """How to give a key."""
    return UsageError(
        "There is no Admin key.",
        next=f"Set {KEY_VARIABLES[0]} (or {KEY_VARIABLES[1]}), say where the key lies in the configuration "
        "(meterdeck config init), or look around with --demo.",
    )


_StartEngine = Callable[["Store", "Callable[[Changed], None]"], "SyncEngine"]


def _live_engine(place: Place, key: Key, clock: Clock) -> _StartEngine:
    def start(store: Store, on_change: Callable[[Changed], None]) -> SyncEngine:
        from meterdeck.sync.engine import SyncEngine
        from meterdeck.sync.pacing import Paces
        from meterdeck.sync.plan import Cadence
        from meterdeck.sync.readers import Sources

        paces = Paces(store, clock, hourly=place.requests_per_hour)
        return SyncEngine(
            Sources(client_of(place, key), store, clock, paces.of, place.cadence(Cadence())), on_change
        )

    return start


def _demo_engine(place: Place) -> _StartEngine:
    def start(store: Store, on_change: Callable[[Changed], None]) -> SyncEngine:
        import httpx

        from meterdeck.api import AdminClient
        from meterdeck.api.client import UNPACED
        from meterdeck.service import demo_app
        from meterdeck.sync.engine import SyncEngine
        from meterdeck.sync.plan import DEMO_CADENCE
        from meterdeck.sync.readers import Sources

        app = httpx.ASGITransport(app=demo_app(clock=utc_now))
        client = AdminClient(DEMO_URL, Secret("demo"), via=app)
        cadence = place.cadence(DEMO_CADENCE)
        sources = Sources(client, store, utc_now, lambda _: UNPACED, cadence, one_clock=True)
        return SyncEngine(sources, on_change)

    return start
