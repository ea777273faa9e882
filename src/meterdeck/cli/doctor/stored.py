"""The store: where it lies, who may read it, whether it opens, who collects."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from meterdeck.cli.doctor.verdicts import Check, broken, fail, ok, warn
from meterdeck.domain.errors import MeterdeckError
from meterdeck.store import Store, budget, feeds, lease
from meterdeck.store.budget import BudgetState


def opened(path: Path) -> tuple[Store | None, Check | None]:
    """The store, or what keeps it from being opened."""
    try:
        return Store(path), None
    except MeterdeckError as error:
        return None, broken("store", error)


def check(store: Store, now: datetime, *, was_there: bool) -> Check:
    """Judge a store that opened."""
    try:
        with store.read() as transaction:
            failing = sum(feed.failing for feed in feeds.load(transaction).values())
        collects = None if store.read_only else _collector(store, now)
    except MeterdeckError as error:
        return broken("store", error)
    if store.read_only:
        return fail("store", f"{store.path}: {store.notice}", "Until then nothing new is read.")
    who = "nobody collects now" if collects is None else f"process {collects} collects"
    trouble = f", {failing} feed{'s' * (failing > 1)} failed last time" if failing else ""
    says = f"{store.path}{'' if was_there else ' (made just now)'}, {who}{trouble}"
    if store.journal != "wal":
        says += ", on a disk without shared memory: sessions wait for each other there"
    if store.notice:
        return warn(
            "store", f"{says}. {store.notice}", "What the API still has is read anew; nothing else to do."
        )
    for open_path, mode in _open_to_others(store.path):
        hint = f"Close it with: chmod {'700' if open_path.is_dir() else '600'} {open_path}"
        return warn("store", f"{says}. Others have rights on {open_path.name} (mode {mode:04o}).", hint)
    return ok("store", says)


def spent(store: Store, now: datetime, hourly: int) -> BudgetState:
    """The sliding hour of all sessions; raises `StoreError`."""
    with store.read() as transaction:
        return budget.state(transaction, now, hourly)


class _Undone(Exception):
    """Takes back what a transaction did."""


def _collector(store: Store, now: datetime) -> int | None:
    """The process that holds the lease. It can be asked only by taking it, so that is taken back at once."""
    me = lease.Lease("doctor", os.getpid())
    holder = me
    with suppress(_Undone), store.write() as transaction:
        holder = lease.acquire(transaction, me, now)
        raise _Undone
    return None if holder == me else holder.pid


def _open_to_others(path: Path) -> Iterator[tuple[Path, int]]:
    """What of the store others than its owner have rights on."""
    if os.name != "posix":
        return
    beside = [path.with_name(path.name + suffix) for suffix in ("", "-wal", "-shm")]
    for each in (*beside, path.parent):
        with suppress(FileNotFoundError):
            mode = stat.S_IMODE(each.stat().st_mode)
            if mode & (stat.S_IRWXG | stat.S_IRWXO):
                yield each, mode
