"""What can go wrong with the local database."""

from meterdeck.domain.errors import MeterdeckError


class StoreError(MeterdeckError):
    """The store can't be opened or written: no room, no right, no lock, or made by a newer meterdeck."""
