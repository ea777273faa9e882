"""Lots drawn from a seed: the same for the same names, with integers alone, on every machine."""

from __future__ import annotations

import hashlib


class Draws:
    """Draws lots that depend on the seed and on what they are drawn for."""

    def __init__(self, seed: int) -> None:
        self._seed = (seed % 2**64).to_bytes(8, "big")

    def octets(self, purpose: str, stream: int, moment: int, count: int = 16) -> bytes:
        """``count`` (at most 64) even bytes for one purpose, stream and moment."""
        name = f"{purpose}:{stream}:{moment}".encode()
        return hashlib.blake2b(name, key=self._seed, digest_size=count).digest()

    def below(self, limit: int, purpose: str, stream: int, moment: int) -> int:
        """A number from 0 to ``limit`` - 1."""
        return int.from_bytes(self.octets(purpose, stream, moment, 8), "big") % limit
