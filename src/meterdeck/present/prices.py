"""Prices and their back-test in words: for the Costs pane's title, and for the line of notices."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal

from meterdeck.domain.dimensions import Dimension
from meterdeck.present.members import label
from meterdeck.present.names import clean, model_short
from meterdeck.present.numbers import usd_short
from meterdeck.queries.back_test import BackTest, CheckedDay
from meterdeck.queries.deck import Deck
from meterdeck.queries.list_prices import ListPrices
from meterdeck.queries.prices import PriceChange

TOLD_FOR = timedelta(days=7)
"""How long a price change is news."""


def percent(permyriad: int) -> str:
    """``+0.2 %``: a sign, one decimal, and a minus that is one."""
    sign = "+" if permyriad > 0 else "−" if permyriad < 0 else "±"
    return f"{sign}{abs(permyriad) // 100}.{abs(permyriad) % 100 // 10} %"


def back_test_words(checked: BackTest) -> str | None:
    """How far estimates were off the bill over the settled days; None where none is settled yet."""
    whole = checked.whole
    return None if whole is None else f"back-test {len(checked.settled)} d: {percent(whole.permyriad)}"


def notice(deck: Deck) -> str | None:
    """What a person should know of the prices: a gap that nothing explains, a change, a list that stands in."""
    alarm = deck.back_test.alarming
    if alarm is not None:
        return f"! {_gap_words(deck, alarm)}"
    recent = [
        change for change in deck.prices.changes if deck.now - change.day < TOLD_FOR + timedelta(days=1)
    ]
    if recent:
        return f"! {_change_words(recent)}"
    listed, today = deck.prices.listed, deck.figures.today
    if listed is None or today is None or not today.listed_tokens:
        return None
    return f"! {list_words(listed) if not deck.prices.prices else _some_list_words(listed)}"


def list_words(listed: ListPrices) -> str:
    """Whose prices the estimates are at, while no bill of one's own tells."""
    return (
        f"No day of the bill is settled yet: dollars are estimates at list prices of {listed.date}, without your"
        " discounts."
    )


def _some_list_words(listed: ListPrices) -> str:
    return (
        f"Some of today's dollars are at list prices of {listed.date}: no settled day has told what you pay there."
        " meterdeck prices shows where."
    )


def _gap_words(deck: Deck, alarm: CheckedDay) -> str:
    way = "above" if alarm.gap.usd > 0 else "below"
    words = (
        f"Estimates of {alarm.day:%b} {alarm.day.day} are {percent(abs(alarm.gap.permyriad)).lstrip('+±')}"
        f" {way} the bill"
    )
    if alarm.worst is not None:
        dimension, member_id, gap = alarm.worst
        words += f", most of it at {dimension.title} {_name(deck, dimension, member_id)}: {_signed(gap.usd)}"
    if alarm.unpriced_tokens:
        words += f"; {alarm.unpriced_tokens:,} of its tokens have no price"
    return f"{words}. meterdeck prices --backtest shows every day."


def _name(deck: Deck, dimension: Dimension, member_id: str | None) -> str:
    named = next((one for one in deck.choices[dimension] if one.id == member_id), None)
    return label(dimension, named) if named else clean(member_id or "?")


def _signed(usd: Decimal) -> str:
    return f"{'+' if usd > 0 else '−'}{usd_short(abs(usd))}"


def _change_words(changes: list[PriceChange]) -> str:
    """The newest change: of how many models, since when, by how much."""
    day = changes[0].day
    of_day = [change for change in changes if change.day == day]
    models = sorted({model_short(clean(change.key.model or "?")) for change in of_day})
    usual = Counter(_permyriad(change) for change in of_day).most_common(1)[0][0]
    named = ", ".join(models) if len(models) <= 2 else f"{len(models)} models"
    return (
        f"The price of {named} changed on {day:%b} {day.day} ({percent(usual)}): estimates since then use the new"
        " one. meterdeck prices lists them."
    )


def _permyriad(change: PriceChange) -> int:
    """By how much, in steps of a tenth of a percent."""
    return round((change.after - change.before) * 1000 / change.before) * 10


def since_words(day: datetime) -> str:
    """A day as tables name it."""
    return f"{day:%Y-%m-%d}"
