"""From 200×50 on there is more to see, not more air: columns, and lines for the panes that have use for them."""

from app.decks import World, opened_deck


async def test_a_wide_screen_tells_the_types_of_token_of_each_member(world: World) -> None:
    async with opened_deck(world, (200, 50)) as shown:
        on_show = shown.breakdown.table.column_keys
        assert {"uncached_input", "cache_read", "output", "bar"} <= set(on_show)
        await shown.resize((120, 40))
        await shown.until(lambda: "output" not in shown.breakdown.table.column_keys, "there is no room")


async def test_breakdown_leaves_the_lines_that_it_has_no_rows_for_to_the_panes_above(world: World) -> None:
    async with opened_deck(world, (200, 50)) as shown:
        await shown.until(lambda: shown.breakdown.size.height == 8, "four rows take eight lines")
        assert shown.deck.costs.size.height == shown.deck.rates.size.height == 50 - 3 - 8
        await shown.resize((80, 24))
        await shown.until(lambda: shown.breakdown.size.height == 8, "a smaller screen is as it was drawn")
        assert shown.deck.rates.size.height == 8
