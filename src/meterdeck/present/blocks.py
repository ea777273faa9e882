"""A report printed again and again: each print a block of its own below the last, never drawn over it."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime

from meterdeck.domain.buckets import rfc3339
from meterdeck.present.documents import Document
from meterdeck.present.formats import Format, columns_and_rows, render

PRINTED_AT = "printed_at"
"""The column of a CSV that tells its blocks apart."""


class Blocks:
    """The blocks of one report in one format: what stands between them depends on what came before.

    Table and Markdown have a heading line with the time, and an empty line between blocks. JSON is one document a
    line. CSV has one head, and a column for the time of the print.
    """

    def __init__(self, form: Format) -> None:
        self._form = form
        self._begun = False
        self._columns: list[str] = []

    def next(self, document: Document, at: datetime) -> str:
        """The next block: a document as of a moment."""
        begun, self._begun = self._begun, True
        if self._form is Format.JSON:
            return json.dumps(document, separators=(",", ":")).replace("\x7f", "\\u007f") + "\n"
        if self._form is Format.CSV:
            return self._rows(document, at)
        mark = "## " if self._form is Format.MARKDOWN else ""
        air = "\n" if self._form is Format.MARKDOWN else ""
        return f"{chr(10) * begun}{mark}{_heading(document, at)}\n{air}{render(document, self._form)}"

    def _rows(self, document: Document, at: datetime) -> str:
        columns, rows = columns_and_rows(document)
        out = io.StringIO()
        writer = csv.DictWriter(out, [PRINTED_AT, *columns], restval="", lineterminator="\n")
        if columns != self._columns:  # a later report can know a column more
            writer.writeheader()
        self._columns = columns
        writer.writerows({PRINTED_AT: rfc3339(at), **row} for row in rows)
        return out.getvalue()


def _heading(document: Document, at: datetime) -> str:
    by = f" by {document['by'].replace('_', ' ')}" if document["by"] else ""
    return f"{rfc3339(at.replace(microsecond=0))} {document['report'].replace('_', ' ')}{by}"
