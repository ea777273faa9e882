"""Disks that refuse: without rights, without shared memory, without locks."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

NOBODY = 65534


@contextmanager
def folder_for_anybody() -> Iterator[Path]:
    """A folder that other users than root can reach too; whatever modes a test leaves in it are no hindrance."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)
        for folder, _, files in os.walk(name):
            Path(folder).chmod(0o700)
            for file in files:
                (Path(folder) / file).chmod(0o600)


@contextmanager
def without_roots_rights(folder: Path) -> Iterator[None]:
    """Let modes mean something in a folder, though tests may run as root, to whom none does."""
    was_root = os.geteuid() == 0
    if was_root:
        for each in (folder, *folder.rglob("*")):
            os.chown(each, NOBODY, NOBODY)
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if was_root:
            os.seteuid(0)


def shared_by_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite's `unix-dotfile` locks by files and has no shared memory, like a network home directory."""

    def connect(place: str, *, uri: bool = False) -> sqlite3.Connection:
        url = place if uri else f"file:{place}?"
        return sqlite3.connect(
            f"{url}&vfs=unix-dotfile", timeout=5, isolation_level=None, check_same_thread=False, uri=True
        )

    monkeypatch.setattr("meterdeck.store.opening._connect", connect)


def refusing(monkeypatch: pytest.MonkeyPatch, code: int, refuses: Callable[[str], bool]) -> None:
    """Every statement that ``refuses`` picks meets an error of SQLite's."""

    class Refusing(sqlite3.Connection):
        def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
            if refuses(sql):
                raise made(code)
            return super().execute(sql, *parameters)

    def connect(place: str, *, uri: bool = False) -> sqlite3.Connection:
        return sqlite3.connect(
            place, isolation_level=None, check_same_thread=False, uri=uri, factory=Refusing
        )

    monkeypatch.setattr("meterdeck.store.opening._connect", connect)


def made(code: int) -> sqlite3.OperationalError:
    """An error with SQLite's code on it."""
    error = sqlite3.OperationalError("some words")
    error.sqlite_errorcode = code
    return error
