"""One deck, a stack of scopes: `b` turns to the next dimension, Enter goes in, Escape comes back."""

from app.decks import SATURDAY, Shown, World, opened_deck
from app.truth import tokens_of_hour
from meterdeck.domain.buckets import BucketWidth
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.dollars import State
from meterdeck.domain.scope import Scope
from meterdeck.queries.cost_table import DayRow

THIS_HOUR = BucketWidth.HOUR.floor(SATURDAY)


def titles(shown: Shown) -> list[str]:
    """The titles of the Breakdown and of the Costs."""
    lines = shown.text.splitlines()
    return [next(line for line in lines if name in line) for name in ("Breakdown", "Costs")]


async def until_read(shown: Shown) -> None:
    """Wait until the panes show the scope on top."""
    await shown.until(
        lambda: shown.deck.deck is not None and shown.deck.deck.scope == shown.deck.scope, "the scope is read"
    )


async def test_b_breaks_down_by_every_dimension_in_turn(world: World) -> None:
    async with opened_deck(world, (120, 40)) as shown:
        for by, member in (
            ("model", "sonnet-5"),
            ("API key", "prod-canary"),
            ("service tier", "batch"),
            ("context window", "200k-1M"),
            ("token type", "output"),
            ("workspace", "prod-chat"),
        ):
            if by == "workspace":  # between them is what the API can be asked for
                await shown.press("b", "b", "b", "b")
            await shown.press("b")
            await shown.until_shown(f"Breakdown  by {by} ")
            await until_read(shown)
            assert any(row.cells[0].text == member for row in shown.breakdown.table.rows)
            in_the_bill = "model" if by == "API key" else by
            assert f"Costs  by {in_the_bill} " in shown.text
        assert shown.deck.scope == Scope()


async def test_enter_narrows_to_the_row_and_escape_goes_back_step_by_step(world: World) -> None:
    async with opened_deck(world, (120, 24)) as shown:
        before = shown.text
        assert "esc out" not in before
        await shown.press("j", "enter")
        await shown.until_shown("▸ Default ", "Breakdown  by model", "esc out")
        await until_read(shown)
        deck = shown.deck.deck
        assert deck is not None
        closed = deck.rates.bars[-3]
        assert closed.amount == tokens_of_hour(closed.start, {"workspace_id": {None}})

        await shown.press("enter")
        await shown.until_shown("Breakdown  by API key")
        await until_read(shown)
        assert {f.dimension for f in shown.deck.scope.filters} == {Dimension.WORKSPACE, Dimension.MODEL}

        await shown.press("enter")
        await shown.until_shown("shared out ≈")
        await until_read(shown)
        totals = [row.cells[1].text for row in shown.days]
        assert totals
        # Of a key no bill tells: settled days are shared out, those that are open are estimated, and none is billed.
        deck = shown.deck.deck
        assert deck is not None
        days = [row for row in deck.costs.rows if isinstance(row, DayRow)]
        assert {(row.settled, row.total.state) for row in days} == {
            (True, State.ALLOCATED),
            (False, State.ESTIMATED),
        }
        assert [total for total in totals if not total.startswith(("~", "≈", "unpriced"))] == []

        await shown.press("escape", "escape")
        await shown.until_shown("▸ Default ", "▸ all models", "Breakdown  by model")
        await shown.press("backspace")
        await shown.until_shown("▸ all workspaces ", "Breakdown  by workspace")
        await until_read(shown)
        assert "esc out" not in shown.text
        assert titles(shown) == [
            line for line in before.splitlines() if "Breakdown" in line or "Costs" in line
        ]


async def test_enter_ends_at_the_last_dimension_and_escape_at_the_whole_organisation(world: World) -> None:
    async with opened_deck(world) as shown:
        await shown.press("w", *"ev", "enter")
        await shown.until_shown("▸ evals ", "esc out")
        await shown.press("escape")
        await shown.until_shown("▸ all workspaces ")
        assert shown.deck.scope == Scope()
        await shown.press("escape")
        assert shown.deck.scope == Scope()

        for _ in range(5):
            await shown.press("enter")
            await until_read(shown)
        deepest = shown.deck.scope
        assert deepest.by is Dimension.TOKEN_TYPE
        assert "⏎ in" not in shown.text
        await shown.press("enter")
        assert shown.deck.scope == deepest


async def test_escape_takes_filters_and_the_time_away_one_by_one_the_newest_first(world: World) -> None:
    async with opened_deck(world) as shown:
        shown.type_ahead("wevals\r,mopus\r")
        await shown.until(lambda: len(shown.deck.scope.filters) == 2, "both are chosen")
        await until_read(shown)
        await shown.press("escape")
        assert [f.dimension for f in shown.deck.scope.filters] == [Dimension.WORKSPACE]
        assert shown.deck.scope.at is not None
        await shown.press("escape")
        assert shown.deck.scope.at is None
        assert len(shown.deck.scope.filters) == 1
        await shown.press("escape", "escape")
        assert shown.deck.scope == Scope()


async def test_b_in_costs_steps_through_the_dimensions_of_the_bill_and_leaves_the_scope_alone(
    world: World,
) -> None:
    async with opened_deck(world, (160, 40)) as shown:
        await shown.press("w", *"prod", "enter")
        await shown.until_shown("▸ prod-chat ")
        await shown.press("3")
        scope = shown.deck.scope
        for by in (
            *("model", "token type", "service tier", "context window", "geo", "cost type", "description"),
            "workspace",
        ):
            await shown.press("b")
            await shown.until_shown(f"Costs  by {by} ")
            assert shown.deck.scope == scope
            assert "Breakdown  by workspace" in shown.text
            deck = shown.deck.deck
            assert deck is not None
            assert deck.figures.month is not None
            assert deck.figures.month.dollars.amount is not None
        await shown.press("b", "2", "b", "b")
        await shown.until_shown("Breakdown  by API key")
        assert "Costs  by model " in shown.text, "once chosen, it is the bill's own"


async def test_costs_say_that_priority_tier_is_in_no_bill_where_its_tokens_are(demo_world: World) -> None:
    async with opened_deck(demo_world, (160, 40)) as shown:
        await shown.until_shown("no Priority")
        await shown.press("w", *"evals", "enter")
        await shown.until_shown("▸ evals ")
        await until_read(shown)
        assert "no Priority" not in shown.text, "it uses none"


async def test_what_tells_two_keys_of_one_name_apart_stays_in_the_header_and_in_the_legend(
    demo_world: World,
) -> None:
    async with opened_deck(demo_world, (120, 40)) as shown:
        await shown.press("b", "b")
        await shown.until_shown("Breakdown  by API key")
        await until_read(shown)
        shared = next(
            row for row in shown.breakdown.table.rows if row.cells[0].text.startswith("prod-backend …")
        )
        name = shared.cells[0].text
        assert name in shown.deck.rates.chart.subject.legend
        shown.breakdown.table.move_to_key(shared.key)
        await shown.press("enter")
        await until_read(shown)
        assert f"{name[-5:]}  " in shown.header
        await shown.press("b")
        await shown.until_shown("Breakdown  by API key")
        await until_read(shown)
        assert shown.breakdown.table.rows[0].cells[0].text == name, "alone it keeps its name"


async def test_escape_undoes_what_was_chosen_inside_a_drill_before_it_leads_out(world: World) -> None:
    async with opened_deck(world) as shown:
        await shown.press("w", *"prod", "enter")
        await until_read(shown)
        await shown.press("enter")
        await until_read(shown)
        inside = shown.deck.scope
        shown.type_ahead("mopus\rt,")
        await until_read(shown)
        await shown.until(lambda: shown.deck.scope.at is not None, "another time is chosen")
        await shown.press("escape")
        assert (shown.deck.scope.at, shown.deck.scope.span) == (None, inside.span)
        assert shown.deck.scope.members(Dimension.MODEL) != inside.members(Dimension.MODEL)
        await shown.press("escape")
        assert shown.deck.scope == inside
        await shown.press("escape")
        assert [f.dimension for f in shown.deck.scope.filters] == [Dimension.WORKSPACE]
        assert shown.deck.scope.by is Dimension.WORKSPACE
        await shown.press("escape")
        assert shown.deck.scope == Scope()
