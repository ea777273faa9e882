"""Whose store this is: an organisation's figures never meet another's."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from meterdeck.domain.reports import Organization
from meterdeck.store.database import Transaction
from meterdeck.store.errors import StoreError
from meterdeck.store.opening import look_at


class WrongOrganization(StoreError):
    """What was read belongs to another organisation than the store; nothing of it is written."""


def other_named(known: str, named: str) -> WrongOrganization:
    """A key that the API has said to be one organisation's, where another one is named."""
    return WrongOrganization(
        f"The key belongs to the organisation {known}, and the one that is named is {named}.",
        still="Nothing was asked, and no figures were shown.",
        next=f"Start again with --org {known}, or check where the key comes from: meterdeck config show",
    )


def owner(transaction: Transaction) -> Organization | None:
    """The organisation whose store this is; its name is empty until the directory was read. None for a new one."""
    row = transaction.one("SELECT id, name FROM organization")
    return Organization(*row) if row else None


def owner_of(path: Path) -> Organization | None:
    """The organisation of the store that lies there, looked at and not touched; None where it can't be told."""
    try:
        with closing(look_at(path)) as connection:
            return owner(Transaction(connection))
    except sqlite3.Error:
        return None


def claim(transaction: Transaction, organization: str, name: str = "") -> None:
    """Make a new store an organisation's; raises `WrongOrganization` where it is another's."""
    check(transaction, organization)
    if owner(transaction) is None:
        transaction.run("INSERT INTO organization (id, name) VALUES (?, ?)", (organization, name))


def check(transaction: Transaction, organization: str) -> None:
    """Raise `WrongOrganization` unless the store is this organisation's, or nobody's yet (ids: any case)."""
    held = owner(transaction)
    if held is not None and held.id.lower() != organization.lower():
        raise WrongOrganization(
            f"The key belongs to the organisation {organization}, and this store to {held.name or held.id}.",
            still="Nothing of the other one was stored; what was read before stays.",
            next=f"Start again with --org {organization} for the other one, or check where the key comes from:"
            " meterdeck config show",
        )
