"""Old detail goes, by one rule, in small transactions.

* Minutes go 48 hours after their hour, but for those from 6 hours before a mark to 24 hours after it, and never
  those of an hour that was read as an hour neither itself nor, after it had settled, by all of them
  (`meterdeck.store.hours`): its figures are their sum.
* Hours go after 400 UTC days, where their day is added up and no minutes of theirs are kept. The day's sum stays.
* Answers to questions go after a day (`meterdeck.store.questions`).
* The bill, series and names stay.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from meterdeck.domain.buckets import BucketWidth
from meterdeck.domain.history import LONGEST_HISTORY_DAYS, history
from meterdeck.store import counter_rows, questions
from meterdeck.store.database import Store, Transaction
from meterdeck.store.times import to_seconds
from meterdeck.store.topics import Topic

MINUTES_KEPT = timedelta(hours=48)
KEPT_BEFORE_MARK = timedelta(hours=6)
KEPT_AFTER_MARK = timedelta(hours=24)
DAYS_OF_HOURS_KEPT = LONGEST_HISTORY_DAYS
"""As far as any history reaches: what is thinned is never due to be read again."""

_OLD_MINUTES = """
    SELECT start - start % 3600 AS hour FROM coverage AS minute
    WHERE report = 'usage' AND width = 60 AND start < :cut
      AND EXISTS (SELECT 1 FROM coverage AS own WHERE own.report = 'usage' AND own.width = 3600
                  AND own.start = minute.start - minute.start % 3600)
      AND NOT EXISTS (SELECT 1 FROM mark WHERE at > minute.start - minute.start % 3600 - :after
                      AND at < minute.start - minute.start % 3600 + 3600 + :before)
    ORDER BY start LIMIT 1
"""
_OLD_HOURS = """
    SELECT start FROM coverage AS hour
    WHERE report = 'usage' AND width = 3600 AND start >= :from AND start < :cut
      AND EXISTS (SELECT 1 FROM coverage AS day WHERE day.report = 'usage' AND day.width = 86400
                  AND day.start = hour.start - hour.start % 86400)
      AND NOT EXISTS (SELECT 1 FROM coverage AS minute WHERE minute.report = 'usage' AND minute.width = 60
                      AND minute.start >= hour.start AND minute.start < hour.start + 3600)
"""


def thin(store: Store, now: datetime) -> int:
    """Take away what is older than the rule keeps; returns how many hours' minutes and hours went.

    Each transaction takes the minutes of one hour or the hours of one day, so that nobody waits long for it; what
    it is stopped at goes the next time. Raises `StoreError`.
    """
    with store.write() as transaction:
        questions.thin(transaction, now)
    gone = 0
    while True:
        with store.write() as transaction:
            went = _thin_minutes(transaction, now) or _thin_hours(transaction, now)
        if not went:
            return gone
        gone += went


def _thin_minutes(transaction: Transaction, now: datetime) -> int:
    """Take away the minutes of the oldest hour whose minutes are too old."""
    row = transaction.one(
        _OLD_MINUTES,
        {
            "cut": to_seconds(BucketWidth.HOUR.floor(now - MINUTES_KEPT)),
            "before": int(KEPT_BEFORE_MARK.total_seconds()),
            "after": int(KEPT_AFTER_MARK.total_seconds()),
        },
    )
    if row is None:
        return 0
    minutes = "width = 60 AND start >= ? AND start < ?"
    for rows in (f"usage WHERE {minutes}", f"coverage WHERE report = 'usage' AND {minutes}"):
        transaction.run(f"DELETE FROM {rows}", (row[0], row[0] + 3600))
    counter_rows.remove(transaction, BucketWidth.MINUTE, (row[0],), seconds=3600)
    transaction.revise(Topic.COVERAGE)
    return 1


def _thin_hours(transaction: Transaction, now: datetime) -> int:
    """Take away the hours of the oldest day whose hours are too old."""
    cut = to_seconds(history(now, DAYS_OF_HOURS_KEPT).start)
    first = transaction.one(f"{_OLD_HOURS} ORDER BY start LIMIT 1", {"from": 0, "cut": cut})
    if first is None:
        return 0
    day = first[0] - first[0] % 86400
    hours = transaction.all(_OLD_HOURS, {"from": day, "cut": day + 86400})
    hour = "width = 3600 AND start = ?"
    for rows in (f"usage WHERE {hour}", f"coverage WHERE report = 'usage' AND {hour}"):
        transaction.run_many(f"DELETE FROM {rows}", hours)
    counter_rows.remove(transaction, BucketWidth.HOUR, (start for (start,) in hours))
    transaction.revise(Topic.COVERAGE)
    return len(hours)
