"""What can go wrong with the local database."""

from meterdeck.domain.errors import MeterdeckError


class StoreError(MeterdeckError):
    """The store can't be opened or written: no room, no right, no lock, or made by a newer meterdeck.

    ``short`` is a few words for a status line.
    """

    def __init__(self, what: str, *, still: str = "", next: str = "", short: str = "store failed") -> None:  # noqa: A002
        super().__init__(what, still=still, next=next)
        self.short = short
