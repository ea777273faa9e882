"""What the session that collects does for the store once an hour: old detail goes, the log is written back."""

from __future__ import annotations

from datetime import datetime, timedelta

from meterdeck.store import Store, budget, thinning

LONGEST_LEAP = timedelta(days=1)
"""How far time may go on between two looks at it before what it calls old is believed only at the next one."""


class House:
    """The store's keeper in one session.

    It takes nothing away by a clock that may be wrong: what such a clock calls old may be of today.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self.last_seen: datetime | None = None
        """The newest moment that is known to have been: of a read before this session's own, later of a look here."""

    def keep(self, now: datetime) -> int:
        """Thin the store by its rule; returns how much went. Raises `StoreError`."""
        leapt = self.last_seen is not None and now > self.last_seen + LONGEST_LEAP
        self.last_seen = now
        with self._store.read() as transaction:
            is_wrong = budget.state(transaction, now).skew_s
        if leapt or is_wrong:
            return 0
        gone = thinning.thin(self._store, now)
        if gone:
            self._store.checkpoint()
        return gone
