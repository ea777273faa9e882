"""Whose key is whose: the organisation of each key that the API was asked about, found again without asking."""

from __future__ import annotations

import hashlib
import hmac
import os
from contextlib import suppress
from pathlib import Path

from meterdeck.domain.secret import Secret
from meterdeck.store import private

_SALT_BYTES = 32
_LONGEST_ENTRY = 1024


class KeyIndex:
    """One small file for each pair of base URL and key, named by an HMAC under a random salt of this installation.

    A file for each, so that two sessions never write the same one: there is nothing to lock, and a disk without
    locks is as good as any. It only saves asking: an entry that is lost or can't be kept is asked for again.
    """

    def __init__(self, data_dir: Path, base_url: str) -> None:
        self._folder = data_dir / "keys"
        self._salt_file = data_dir / "salt"
        self._base_url = base_url

    def find(self, key: Secret) -> str | None:
        """The id of the organisation that a key belongs to; None where that is not known. Makes no file."""
        try:
            with self._entry(key, self._salt_file.read_bytes()).open(encoding="utf-8") as file:
                return file.read(_LONGEST_ENTRY).strip() or None
        except (OSError, ValueError):
            return None

    def remember(self, key: Secret, organization: str) -> None:
        """Keep what the API said of a key. Where it can't be kept, the store that is opened next says why."""
        with suppress(OSError):
            private.make_own_folder(self._folder)
            private.replace_file(self._entry(key, self._salt()), organization.encode())

    def _entry(self, key: Secret, salt: bytes) -> Path:
        if len(salt) != _SALT_BYTES:
            raise ValueError("no salt: what it names can't be found")
        named = hmac.new(salt, f"{self._base_url}\0{key.reveal()}".encode(), hashlib.sha256).hexdigest()
        return self._folder / named[:32]

    def _salt(self) -> bytes:
        """The salt, made if there is none. Of two sessions that make it at once the later one wins."""
        with suppress(FileNotFoundError):
            salt = self._salt_file.read_bytes()
            if len(salt) == _SALT_BYTES:
                return salt
        private.replace_file(self._salt_file, os.urandom(_SALT_BYTES))
        return self._salt_file.read_bytes()
