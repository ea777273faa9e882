"""Where no price has changed none is announced: neither for another mix of speeds, nor for searches of any tier."""

from decimal import Decimal

import pytest

from app.decks import SATURDAY, World
from meterdeck.domain.scope import Scope
from meterdeck.queries.deck import DeckReader
from meterdeck.queries.question import Question
from meterdeck.store import Store


@pytest.fixture(params=["world", "demo_world"])
def organisation(request: pytest.FixtureRequest) -> World:
    """The small organisation, and that of the demo: it has averages over speeds and a Priority Tier."""
    found = request.getfixturevalue(request.param)
    assert isinstance(found, World)
    return found


def test_prices_that_stand_still_are_no_news(organisation: World) -> None:
    store = Store(organisation.store)
    prices = DeckReader(store).load(Question(Scope()), SATURDAY).prices
    store.close()
    assert prices.changes == ()
    searches = [price.cents for key, price in prices.prices.items() if key.token_type is None]
    assert len(searches) == 1
    assert searches[0] % Decimal("0.01") == 0, "every search was billed, whatever its tier"
