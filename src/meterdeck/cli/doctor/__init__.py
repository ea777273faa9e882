"""`meterdeck doctor`: looks at everything that has to work, and says what is wrong and what to do."""

from __future__ import annotations

import argparse
import json
import sys
from contextlib import AsyncExitStack
from pathlib import Path

from meterdeck import paths
from meterdeck.api import AdminClient, Organization, Pacing
from meterdeck.api.client import UNPACED
from meterdeck.cli import connect, running
from meterdeck.cli.doctor import here, server, stored
from meterdeck.cli.doctor.asking import Asker, Listener
from meterdeck.cli.doctor.verdicts import (
    EXIT_CODES,
    Check,
    Verdict,
    broken,
    ok,
    overall,
    scrubbed,
    skipped,
)
from meterdeck.credentials import Key
from meterdeck.domain.errors import MeterdeckError, UsageError
from meterdeck.domain.secret import Secret
from meterdeck.store import Store
from meterdeck.store.budget import Priority

ORDER = ("configuration", "key", *server.ONLINE, "terminal", "store")
DOCUMENT_VERSION = 1
_NEEDS_STORE = "requests need the store, which holds their budget"


def run(arguments: argparse.Namespace) -> int:
    """Print a line for each check; return 0 if all is well, 1 if something needs attention, 2 if it is broken."""
    if arguments.offline:
        raise UsageError("The doctor asks the API; leave out --offline.")
    doctor = _Doctor(arguments)
    doctor.look()
    checks = [scrubbed(doctor.found[name], doctor.secrets) for name in ORDER]
    verdict = overall(checks)
    print(_document(checks, verdict) if arguments.json else _printable(_lines(checks, verdict)))
    return EXIT_CODES[verdict]


class _Doctor:
    """Makes the checks, each with what the ones before it found."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self.found: dict[str, Check] = {}
        self.secrets: list[Secret] = []
        self._arguments = arguments
        self._store: Store | None = None

    def look(self) -> None:
        """Make every check, or say why it can't be made."""
        self._note(here.terminal())
        try:
            place = connect.place_of(self._arguments)
        except MeterdeckError as error:
            self._note(broken("configuration", error))
            self._skip_rest("the configuration is wrong")
            return
        self._note(here.configuration(place))
        key = self._key(place)
        if key is None and not self._arguments.demo:
            self._skip_rest("there is no key")
            return
        try:
            is_known = key is None or connect.organization_of(place, key) is not None
        except MeterdeckError as error:
            self._note(broken("store", error))
            self._skip_rest("the key is another organisation's")
            return
        if is_known:
            self._open_store(place, key)
            if self._store is None:
                self._skip_rest(_NEEDS_STORE)
                return
        try:
            running.run(self._ask(place, key))
        finally:
            if self._store is not None:
                self._store.close()

    def _note(self, check: Check) -> None:
        self.found[check.name] = check

    def _skip_rest(self, why: str) -> None:
        for name in ORDER:
            self.found.setdefault(name, skipped(name, why))

    def _key(self, place: connect.Place) -> Key | None:
        if self._arguments.demo:
            self._note(ok("key", "none is needed: the embedded organisation"))
            return None
        key, check = here.key(place)
        if key is not None:
            self.secrets.append(key)
        self._note(check)
        return key

    def _open_store(self, place: connect.Place, key: Key | None, asked: Organization | None = None) -> None:
        """Open the store and judge it; one that can't be used is closed again."""
        path = _store_path(place, key)
        was_there = path.exists()
        store, trouble = stored.opened(path)
        if store is not None:
            trouble = self._claimed(place, key, store, asked) or stored.check(
                store, connect.utc_now(), was_there=was_there
            )
        if trouble is not None:
            self._note(trouble)
        if store is not None and self.found["store"].verdict is Verdict.FAIL:
            store.close()
            store = None
        self._store = store

    def _claimed(
        self, place: connect.Place, key: Key | None, store: Store, asked: Organization | None
    ) -> Check | None:
        """Make sure that the store is the key's organisation's; what is wrong, if it is not."""
        if key is None or key.organization is None:
            return None
        try:
            connect.claim(place, store, key.organization, asked)
        except MeterdeckError as error:
            return broken("store", error)
        return None

    async def _ask(self, place: connect.Place, key: Key | None) -> None:
        async with AsyncExitStack() as stack:
            try:
                client = _client(place, key)
            except (MeterdeckError, OSError, ValueError) as error:
                self._note(server.cannot_connect(error))
                self._skip_rest("the connection can't be prepared")
                return
            await stack.enter_async_context(client)
            listener = Listener(UNPACED, connect.utc_now)
            asker = Asker(listener)
            if key is not None and self._store is not None:
                listener.keep_to(_pace(self._store, place))
            kind = here.ADMIN if key is None else here.kind(key)
            checks = server.Checks(asker, client, connect.utc_now(), kind)
            self._note(await server.guarded(server.SERVER, checks.server))
            if self._store is None and key is not None:
                self._meet(place, key, checks, asker)
            for name, check in (
                (server.USAGE, checks.usage),
                (server.COST, checks.cost),
                (server.DIRECTORY, checks.directory),
            ):
                self._note(await server.guarded(name, check))
            self._note(checks.freshness())
            if key is None:
                self._note(ok(server.CLOCK, "the embedded organisation has this machine's"))
                self._note(ok(server.BUDGET, "the embedded organisation has none to keep to"))
            else:
                self._note(checks.clock())
                self._note(_budget(checks, self._store, place))
            self._forgive()

    def _meet(self, place: connect.Place, key: Key, checks: server.Checks, asker: Asker) -> None:
        """Open the store of a key whose organisation has only now been told: the budget of what follows lies in it."""
        if checks.organization is None:
            self._note(skipped("store", "which one to open is known when the API has said whose key this is"))
            asker.blocked = asker.blocked or "whose key this is was not told"
            return
        connect.remember(place, key, checks.organization)
        self._open_store(place, key, checks.organization)
        if self._store is None:
            asker.blocked = asker.blocked or _NEEDS_STORE
        else:
            asker.listener.keep_to(_pace(self._store, place))

    def _forgive(self) -> None:
        """A key of an odd kind that reads both reports is as good as any."""
        reads = all(self.found[name].verdict is Verdict.OK for name in (server.USAGE, server.COST))
        if reads and self.found["key"].verdict is Verdict.WARN:
            key = self.found["key"]
            self._note(ok(key.name, f"{key.says}; it reads the reports"))


def _budget(checks: server.Checks, store: Store | None, place: connect.Place) -> Check:
    if store is None:
        return skipped(server.BUDGET, "it is kept in the store")
    try:
        return checks.budget(stored.spent(store, connect.clock_of(store)(), place.requests_per_hour))
    except MeterdeckError as error:
        return broken(server.BUDGET, error)


def _store_path(place: connect.Place, key: Key | None) -> Path:
    if key is not None and key.organization is not None:
        return place.store_of(key.organization)
    from meterdeck.service.simulated.edition import EDITION

    return paths.demo_store(place.data_dir, EDITION)


def _client(place: connect.Place, key: Key | None) -> AdminClient:
    """A client of the embedded organisation, or of the server."""
    if key is not None:
        return connect.client_of(place, key)
    import httpx

    from meterdeck.service import demo_app

    app = httpx.ASGITransport(app=demo_app(clock=connect.utc_now))
    return AdminClient(connect.DEMO_URL, Secret("demo"), via=app)


def _pace(store: Store, place: connect.Place) -> Pacing:
    """The budget that all sessions share."""
    from meterdeck.sync.pacing import Paces

    return Paces(store, connect.clock_of(store), hourly=place.requests_per_hour).of(Priority.USER)


_ENDINGS = {
    Verdict.OK: "All is well.",
    Verdict.WARN: "It works; something needs attention.",
    Verdict.FAIL: "Something is broken.",
}


def _lines(checks: list[Check], verdict: Verdict) -> str:
    lines = []
    for check in checks:
        lines.append(f"{check.verdict.value:<7}  {check.name:<13}  {check.says}")
        if check.hint:
            lines.append(f"{'':<7}  {'':<13}  {check.hint}")
    return "\n".join([*lines, "", _ENDINGS[verdict]])


def _document(checks: list[Check], verdict: Verdict) -> str:
    """ASCII, whatever a name holds."""
    rows = [_row(check) for check in checks]
    return json.dumps({"version": DOCUMENT_VERSION, "verdict": verdict.value, "checks": rows}, indent=2)


def _row(check: Check) -> dict[str, str]:
    return {"name": check.name, "verdict": check.verdict.value, "says": check.says, "hint": check.hint}


def _printable(text: str) -> str:
    """The text as this terminal's encoding can carry it: a doctor must not fall over a C locale."""
    encoding = sys.stdout.encoding or "ascii"
    return text.encode(encoding, "replace").decode(encoding)
