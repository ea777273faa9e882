"""Why a pane has nothing to show, in words that stand in its place."""

from __future__ import annotations

from meterdeck.domain.history import HISTORY_DAYS
from meterdeck.present.state import Held
from meterdeck.queries.deck import Deck

LOADING = "loading…"
_NO_USAGE = (
    f"No usage: this organisation's reports of the last {HISTORY_DAYS} days hold none."
    " What is sent with its API keys stands here 2 to 5 minutes later."
)


def why_empty(deck: Deck) -> str:
    """Not read yet, nothing in the scope, or nothing used."""
    if deck.rates.hours.as_of is None:
        return "not read yet: the last line says why" if deck.status.failing else LOADING
    if deck.scope.filters:
        return "nothing in this scope"
    held = Held.of(deck)
    if held.is_empty and deck.backfill is None:
        return _NO_USAGE
    return "no usage in the hours that were read so far" if held.missing else "no usage in this time"


def why_no_names(deck: Deck) -> str:
    """Why nobody can be chosen: no name was read yet, or there is none."""
    if deck.rates.hours.as_of is not None:
        return "none is known"
    return "no names were read yet" if deck.status.failing else "names are being read…"


def has_no_rates(deck: Deck) -> bool:
    """Whether words say more than a chart: no hour was read, or nothing was ever used."""
    return Held.of(deck).is_empty or all(bar.amount is None for bar in deck.rates.bars)
