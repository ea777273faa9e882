"""A store as a document for programs, and as lines for a person."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

from meterdeck.domain.buckets import Window, rfc3339
from meterdeck.present.documents import VERSION, Document
from meterdeck.present.names import clean
from meterdeck.present.numbers import NOTHING
from meterdeck.queries.store_info import StoreInfo
from meterdeck.store.contents import Kept
from meterdeck.store.thinning import DAYS_OF_HOURS_KEPT, KEPT_AFTER_MARK, KEPT_BEFORE_MARK, MINUTES_KEPT

_MOST_GAPS = 5


def store_document(info: StoreInfo, path: Path, log: int, journal: str) -> Document:
    """All of it; ``log`` is the size of the write-ahead log in bytes."""
    organization = info.organization
    return {
        "version": VERSION,
        "path": str(path),
        "schema": info.schema,
        "journal": journal,
        "organization": {"id": organization.id, "name": organization.name} if organization else None,
        "bytes": {"database": info.size.database, "free": info.size.free, "log": log},
        "kept": {name: _kept(kept) for name, kept in info.kept.items()},
        "series": info.series,
        "marks": info.marks,
        "gaps": [{"start": rfc3339(gap.start), "end": rfc3339(gap.end)} for gap in info.gaps],
        "collector_pid": info.collector,
        "budget": {"used": info.budget.used, "hourly": info.budget.hourly, "foreign": info.budget.foreign},
        "thinning": {
            "minutes_kept_hours": _hours(MINUTES_KEPT),
            "kept_before_mark_hours": _hours(KEPT_BEFORE_MARK),
            "kept_after_mark_hours": _hours(KEPT_AFTER_MARK),
            "hours_kept_days": DAYS_OF_HOURS_KEPT,
        },
    }


def store_lines(info: StoreInfo, path: Path, log: int, journal: str) -> Iterable[str]:
    """A line a fact, then a row for each kind of what is kept."""
    organization = clean(info.organization.name) or info.organization.id if info.organization else NOTHING
    size = info.size
    budget = info.budget
    foreign = f", {budget.foreign} of them by another tool" if budget.foreign else ""
    yield f"store         {path}"
    yield f"organisation  {organization}"
    yield f"size          {_bytes(size.database + log)}: database {_bytes(size.database)} ({_bytes(size.free)} of it free), log {_bytes(log)}"
    yield f"schema        {info.schema}, journal {journal}"
    yield f"collects      {'nobody now' if info.collector is None else f'process {info.collector}'}"
    yield f"budget        {budget.used} of {budget.hourly} requests in the last hour{foreign}"
    yield ""
    yield f"{'kept':<12}{'rows':>12}{'buckets':>10}  {'from':<17}  to"
    for name, kept in info.kept.items():
        first, last = (NOTHING if at is None else f"{at:%Y-%m-%d %H:%MZ}" for at in (kept.first, kept.last))
        yield f"{name:<12}{kept.rows:>12,}{kept.buckets:>10,}  {first:<17}  {last}"
    yield f"{'series':<12}{info.series:>12,}"
    yield f"{'marks':<12}{info.marks:>12,}"
    yield ""
    yield f"gaps          {_gaps(info.gaps)} (last 31 days)"
    yield (
        f"thinning      minutes go after {_hours(MINUTES_KEPT)} h, but for those from {_hours(KEPT_BEFORE_MARK)} h before"
        f" a mark to {_hours(KEPT_AFTER_MARK)} h after; hours after {DAYS_OF_HOURS_KEPT} days; sums of days stay"
    )


def _kept(kept: Kept) -> Document:
    return {
        "rows": kept.rows,
        "buckets_read": kept.buckets,
        "first": None if kept.first is None else rfc3339(kept.first),
        "last": None if kept.last is None else rfc3339(kept.last),
    }


def _gaps(gaps: tuple[Window, ...]) -> str:
    if not gaps:
        return "none"
    shown = [f"{gap.start:%m-%d %H:%M} to {gap.end:%m-%d %H:%M}Z" for gap in gaps[-_MOST_GAPS:]]
    more = len(gaps) - len(shown)
    return ", ".join(shown) + (f" and {more} before" if more else "")


def _bytes(count: int) -> str:
    """``6.5 MiB``."""
    if count < 1024:
        return f"{count} B"
    size = float(count)
    for unit in ("KiB", "MiB", "GiB"):
        size /= 1024
        if size < 1024:
            return f"{size:.1f} {unit}"
    return f"{size / 1024:.1f} TiB"


def _hours(duration: timedelta) -> int:
    return int(duration.total_seconds()) // 3600
