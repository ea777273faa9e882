"""Prices and their back-test in words: for the Costs pane's title, and for the line of notices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.money import cents_to_usd
from meterdeck.present.members import label
from meterdeck.present.names import clean, model_short
from meterdeck.present.numbers import usd, usd_short
from meterdeck.queries.back_test import BackTest, CheckedDay
from meterdeck.queries.deck import Deck
from meterdeck.queries.list_prices import ListPrices
from meterdeck.queries.prices import PriceBook, PriceChange
from meterdeck.store.restatements import Restatement

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
    """What a person should know of the prices: a gap that nothing explains, a change, a restated day, a list price."""
    alarm = deck.back_test.alarming
    if alarm is not None:
        return f"! {_gap_words(deck, alarm)}"
    news = [*change_words(deck.prices, deck.now), *restated_words(deck.restated)]
    if news:
        return f"! {' '.join(news)}"
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


def change_words(book: PriceBook, now: datetime) -> list[str]:
    """The newest price change, while it is news: of how many models, from what to what, since when; in sentences."""
    recent = [change for change in book.changes if now - change.day < TOLD_FOR + timedelta(days=1)]
    if not recent:
        return []
    day = recent[0].day
    of_day = [change for change in recent if change.day == day]
    models = sorted({model_short(clean(change.key.model)) for change in of_day if change.key.model})
    usual = Counter(_permyriad(change) for change in of_day).most_common(1)[0][0]
    named = ", ".join(models) if len(models) <= 2 else f"{len(models)} models"
    most = max(of_day, key=lambda change: (abs(change.after - change.before), str(change.key)))
    how = (
        "A bill that may still rise tells so: until it is settled, open days are estimates at the new price."
        if any(change.early for change in of_day)
        else "Estimates since then use the new one."
    )
    changed = f"changed on {day:%b} {day.day} ({percent(usual)}: {_from_to(most)})"
    return [f"The price of {named or 'web searches'} {changed}. {how} meterdeck prices lists them."]


def _from_to(change: PriceChange) -> str:
    """``opus-5 output $25 → $50 a million``: what it was and what it is."""
    key = change.key
    if key.token_type is None:
        before, after = (usd(cents_to_usd(cents * 1000)) for cents in (change.before, change.after))
        return f"{before} → {after} for 1,000 searches"
    before, after = (usd(cents_to_usd(cents * 1_000_000)) for cents in (change.before, change.after))
    return f"{model_short(clean(key.model or '?'))} {key.token_type.words} {before} → {after} a million"


def restated_words(restated: Sequence[Restatement]) -> list[str]:
    """Settled days that were changed lately, in sentences; the newest in full, the others counted."""
    if not restated:
        return []
    newest = restated[0]
    day = f"{newest.day:%b} {newest.day.day}"
    before, after = usd(cents_to_usd(newest.before)), usd(cents_to_usd(newest.after))
    what = f"The bill of {day} was restated: {before} → {after}."
    if newest.before == newest.after:
        what = f"Usage or lines of {day}, a settled day, were corrected."
    more = f" So were {len(restated) - 1} more days." if len(restated) > 1 else ""
    return [f"{what} It is shared out anew.{more}"]


def confirmed_words(book: PriceBook) -> str:
    """``prices of 27 Nov``: the newest day whose whole bill bears out the prices of open days."""
    day = book.confirmed
    return "no price confirmed yet" if day is None else f"prices of {day.day} {day:%b}"


def _permyriad(change: PriceChange) -> int:
    """By how much, in steps of a tenth of a percent."""
    if not change.before:
        return 10_000
    return round((change.after - change.before) * 1000 / change.before) * 10


def since_words(day: datetime) -> str:
    """A day as tables name it."""
    return f"{day:%Y-%m-%d}"
