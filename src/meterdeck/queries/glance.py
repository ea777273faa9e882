"""Key figures as a status bar has them: worked out by a session that shows them anyway, and kept in the store."""

from __future__ import annotations

from datetime import datetime

from meterdeck.domain.buckets import BucketWidth, Window, previous_month_start
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.scope import Scope
from meterdeck.queries.costs import day_costs
from meterdeck.queries.figures import KeyFigures, key_figures
from meterdeck.queries.look import Look
from meterdeck.queries.prices import PriceBook
from meterdeck.store.glance import Glance


def glance_of(figures: KeyFigures, now: datetime) -> Glance:
    """What to keep of the figures of the whole organisation at a moment."""
    pace, before, month = figures.pace, figures.pace_before, figures.month
    return Glance(
        now,
        pace.tokens_per_hour if pace else None,
        before.tokens_per_hour if before else None,
        pace.spend_per_hour.dollars if pace else None,
        figures.today.dollars if figures.today else None,
        None if month is None else month.dollars,
    )


def read_glance(look: Look, now: datetime, book: PriceBook) -> Glance:
    """The figures of the whole organisation at a moment, read from the store."""
    whole = Scope(by=Dimension.MODEL)
    days = Window(previous_month_start(now), BucketWidth.DAY.after(now))
    return glance_of(key_figures(look, whole, now, book, day_costs(look, whole, days, now, book)), now)
