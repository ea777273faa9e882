"""Rows as JSON lines or CSV on standard output, and words about them on standard error."""

from __future__ import annotations

import csv
import io
import json
import sys
import time
from collections.abc import Iterable, Mapping

from meterdeck.cli.query.question import Cell

PROGRESS_EVERY_S = 2.0


class Printer:
    """Writes rows to standard output, and what is to be said of them to standard error."""

    def __init__(self, form: str) -> None:
        self._text = _csv if form == "csv" else _json_lines
        self._rows = self._buckets = self._pages = 0
        self._progress_at = time.monotonic() + PROGRESS_EVERY_S

    @property
    def summary(self) -> str:
        """``3 rows, 2 buckets, 1 page``."""
        counts = (("row", self._rows), ("bucket", self._buckets), ("page", self._pages))
        return ", ".join(f"{count} {thing}{'' if count == 1 else 's'}" for thing, count in counts)

    @property
    def has_begun(self) -> bool:
        """Whether a page was printed."""
        return self._pages > 0

    def page(self, columns: tuple[str, ...], buckets: int, rows: list[tuple[Cell, ...]]) -> None:
        """Write the rows of one page at once; the first one brings the CSV's head."""
        sys.stdout.write(self._text(columns, rows, with_head=not self.has_begun))
        sys.stdout.flush()
        self._rows += len(rows)
        self._buckets += buckets
        self._pages += 1
        if time.monotonic() >= self._progress_at:
            self.say(f"{self.summary} so far")
            self._progress_at = time.monotonic() + PROGRESS_EVERY_S

    def say(self, words: str) -> None:
        """Tell the person, not the program that reads the rows."""
        print(f"meterdeck: {words}", file=sys.stderr, flush=True)


def _json_lines(columns: tuple[str, ...], rows: Iterable[tuple[Cell, ...]], *, with_head: bool) -> str:  # noqa: ARG001
    """One object a line, in ASCII: whatever a name holds, a terminal shows it as text."""
    return "".join(f"{json.dumps(dict(zip(columns, row, strict=True)))}\n" for row in rows)


def _csv(columns: tuple[str, ...], rows: Iterable[tuple[Cell, ...]], *, with_head: bool) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    if with_head:
        writer.writerow(columns)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return out.getvalue()


def _harmless(cell: Cell) -> Cell:
    """Text without what a terminal would act on; null is empty; counters by name stand in one cell."""
    if isinstance(cell, Mapping):
        return " ".join(f"{name}={count}" for name, count in cell.items())
    if isinstance(cell, str) and not cell.isprintable():
        return "".join(char if char.isprintable() else "\ufffd" for char in cell)
    return "" if cell is None else cell
