"""The directory: names for ids. Names are labels; two keys may share one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from meterdeck.domain.reports import ApiKey, Organization, Workspace
from meterdeck.store import feeds, ownership
from meterdeck.store.database import Transaction
from meterdeck.store.times import from_seconds, to_seconds
from meterdeck.store.topics import Topic

ASKED_BY_NAME = "directory.by name"
"""The record of the last read because of a name that nobody had; its next time is when there may be another."""
BY_NAME_EVERY = timedelta(minutes=5)
UNREADABLE = "directory.unreadable"
"""The record whose sentence says what of the directory could not be read, beside all that was."""


@dataclass(frozen=True, slots=True)
class Directory:
    """All names that were read."""

    organization: Organization | None
    workspaces: tuple[Workspace, ...]
    api_keys: tuple[ApiKey, ...]

    @property
    def default_workspace_id(self) -> str | None:
        """The default workspace's real id: never listed, but bound keys of it tell (api-facts 6.2)."""
        return next(
            (
                key.scope_workspace_id
                for key in self.api_keys
                if key.scope_workspace_id and not key.workspace_id
            ),
            None,
        )


def replace(
    transaction: Transaction,
    organization: Organization,
    workspaces: Iterable[Workspace],
    api_keys: Iterable[ApiKey],
) -> None:
    """Put what was read in the place of what was known; raises `WrongOrganization` for another's directory."""
    ownership.check(transaction, organization.id)
    transaction.revise(Topic.DIRECTORY)
    for table in ("organization", "workspace", "api_key"):
        transaction.run(f"DELETE FROM {table}")
    transaction.run("INSERT INTO organization (id, name) VALUES (?, ?)", (organization.id, organization.name))
    transaction.run_many(
        "INSERT OR REPLACE INTO workspace (id, name, archived_at) VALUES (?, ?, ?)",
        ((w.id, w.name, to_seconds(w.archived_at) if w.archived_at else None) for w in workspaces),
    )
    transaction.run_many(
        "INSERT OR REPLACE INTO api_key (id, name, status, hint, workspace_id, scope_workspace_id)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        ((k.id, k.name, k.status, k.hint, k.workspace_id, k.scope_workspace_id) for k in api_keys),
    )


def load(transaction: Transaction) -> Directory:
    """Everything that is known by name."""
    organization = transaction.one("SELECT id, name FROM organization")
    workspaces = transaction.all("SELECT id, name, archived_at FROM workspace ORDER BY name, id")
    api_keys = transaction.all(
        "SELECT id, name, status, hint, workspace_id, scope_workspace_id FROM api_key ORDER BY name, id"
    )
    return Directory(
        Organization(*organization) if organization else None,
        tuple(Workspace(i, n, from_seconds(a) if a is not None else None) for i, n, a in workspaces),
        tuple(ApiKey(*row) for row in api_keys),
    )


def unnamed(transaction: Transaction) -> list[str]:
    """The ids of workspaces and API keys in usage and bill that have no name, and were never asked about early."""
    rows = transaction.all(
        "SELECT workspace_id FROM series UNION SELECT api_key_id FROM series UNION SELECT workspace_id FROM line"
        " EXCEPT SELECT id FROM workspace EXCEPT SELECT id FROM api_key"
        " EXCEPT SELECT scope_workspace_id FROM api_key WHERE workspace_id IS NULL"
        " EXCEPT SELECT id FROM unnamed EXCEPT SELECT ''"
    )
    return [member_id for (member_id,) in rows]


def ask_once(transaction: Transaction, ids: Iterable[str], now: datetime) -> bool:
    """Take note that the directory is read for ids, as far as they are `unnamed`; returns whether any of them is.

    Whoever takes note reads: each id is one session's, once ever, so that one that has no name costs no further read.
    """
    first_asked = set(ids) & set(unnamed(transaction))
    transaction.run_many(
        "INSERT INTO unnamed (id, asked_at) VALUES (?, ?)", ((of, to_seconds(now)) for of in first_asked)
    )
    return bool(first_asked)


def may_ask_by_name(transaction: Transaction, name: str, now: datetime) -> bool:
    """Whether the directory may be read for a name that nobody has, and take note that it is.

    Not where it was read, as the feed ``name``, or tried to be by any session, within the last minutes.
    """
    read_at = feeds.noted_at(transaction, name, now)
    last = feeds.load(transaction).get(ASKED_BY_NAME)
    waits_until = last.next_at if last else None
    if read_at is not None and now < read_at + BY_NAME_EVERY:
        return False
    if waits_until is not None and now < waits_until <= now + BY_NAME_EVERY:
        return False
    feeds.planned(transaction, ASKED_BY_NAME, now + BY_NAME_EVERY)
    return True
