"""A counter that this version does not know is named on the deck, beside whatever else is to be said."""

from app.decks import World, opened_deck
from meterdeck.store import Store
from meterdeck.store.topics import Topic


async def test_a_new_kind_of_cache_write_is_named_above_the_footer(world: World) -> None:
    store = Store(world.store)
    with store.write() as transaction:
        transaction.run(
            "INSERT INTO counter (width, start, series, name, count)"
            " SELECT width, start, series, 'cache_creation.ephemeral_24h_input_tokens', 5 FROM usage"
            " WHERE width = 3600 ORDER BY start DESC LIMIT 3"
        )
        transaction.revise(Topic.USAGE)
    store.close()
    async with opened_deck(world, (120, 40)) as shown:
        await shown.until_shown("The API counts ephemeral_24h_input_tokens, which this version does not know")
