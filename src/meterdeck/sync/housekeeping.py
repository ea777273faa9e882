"""What the session that collects does for the store once an hour: old detail goes, the log is written back."""

from __future__ import annotations

from datetime import datetime

from meterdeck.store import Store, budget, thinning


def keep_house(store: Store, now: datetime) -> int:
    """Thin the store by its rule; returns how much went. Raises `StoreError`.

    A clock that is known to be wrong thins nothing: what it calls old may be of today.
    """
    with store.read() as transaction:
        if budget.state(transaction, now).skew_s:
            return 0
    gone = thinning.thin(store, now)
    if gone:
        store.checkpoint()
    return gone
