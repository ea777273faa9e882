"""The directory: names for ids. Names are labels; two keys may share one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from meterdeck.domain.reports import ApiKey, Organization, Workspace
from meterdeck.store import ownership
from meterdeck.store.database import Transaction
from meterdeck.store.times import from_seconds, to_seconds
from meterdeck.store.topics import Topic


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
