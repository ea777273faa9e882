"""The one sentence about clocks that disagree, for the deck's notice and beside reports."""

from __future__ import annotations

from datetime import datetime, timedelta

from meterdeck.present.numbers import age
from meterdeck.queries.status import Status
from meterdeck.store.clock import TOLERATED


def said(status: Status, now: datetime, *, is_offline: bool) -> str | None:
    """Whose clock tells what time it is, where this machine's is not the API's; None where there is nothing to say.

    The API's counts, but for who asks nobody (``is_offline``): for them this machine's does, whatever was read.
    """
    skew = timedelta(seconds=status.budget.skew_s)
    if not is_offline:
        if not skew:
            return None
        return (
            f"This machine's clock is {_apart(skew)} the API's, which counts: it is {now:%Y-%m-%d %H:%M}Z."
            " Set the clock."
        )
    counts = f"Offline this machine's clock counts, by which it is {now:%Y-%m-%d %H:%M}Z"
    if skew:
        return f"{counts}: it was {_apart(skew)} the API's when that was last heard."
    newest = max((feed.read_at for feed in status.feeds.values() if feed.read_at), default=now)
    if newest > now + TOLERATED:
        return f"{counts}: the newest data was read {age(newest - now)} later than that."
    return None


def _apart(skew: timedelta) -> str:
    return f"{age(abs(skew))} {'behind' if skew > timedelta() else 'ahead of'}"
