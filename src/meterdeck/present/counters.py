"""Counters that this version does not know, in words."""

from __future__ import annotations

from collections.abc import Sequence

from meterdeck.domain.counters import bare, is_cache_write
from meterdeck.present.names import clean


def unknown_words(names: Sequence[str], *, in_totals: bool = True) -> str:
    """What the API counts that this version does not know, and where that stands; empty where there is none.

    ``names`` are those of `meterdeck.domain.counters`. ``in_totals`` is False of figures that leave new cache writes
    out, as answers on demand do.
    """
    writes = [bare(name) for name in names if is_cache_write(name)]
    others = [bare(name) for name in names if not is_cache_write(name)]
    said = []
    if writes:
        where = "in the totals, without a price" if in_totals else "in no figure here"
        said.append(f"The API counts {_listed(writes)}, which this version does not know: {where}.")
    if others:
        said.append(
            f"The API{' also' if writes else ''} counts {_listed(others)}: beside the totals, for what is counted there"
            " may be a part of them."
        )
    return " ".join(said)


def _listed(names: Sequence[str]) -> str:
    named = [clean(name) for name in names]
    return named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"
