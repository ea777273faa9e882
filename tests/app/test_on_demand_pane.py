"""The Breakdown pane with what is read on demand: it says how far the answer is, and shows it when it is there."""

from datetime import timedelta

from app.decks import World, opened_deck
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.questions import Question
from meterdeck.domain.scope import Scope
from meterdeck.store import Store, answers, questions

GEO = Scope(by=Dimension.INFERENCE_GEO)


async def test_an_answer_is_waited_for_in_words_and_then_shown(world: World) -> None:
    async with opened_deck(world, (120, 40)) as shown:
        await shown.until_shown("prod-chat")
        shown.deck.replace_scope(GEO)
        await shown.until_shown(
            "by geo", "not read yet", "One request of the budget: usage by geo. Enter reads it."
        )
        engine = shown.app.engine
        assert engine is not None
        await shown.until(lambda: engine.collecting, "this session collects")
        await shown.press("enter")
        await shown.until_shown("no choice (older model)", "global", "read 0 min ago", "s sort: tokens ▼")
        await shown.until(lambda: not shown.deck.is_loading, "all of it is read")
        await shown.press("enter")
        await shown.until_shown("A row by geo can't be entered: the hours that are kept do not tell geo.")
        shown.deck.replace_scope(Scope())
        await shown.until_shown("prod-chat", "s sort: tok/h ▼")


async def test_a_question_that_waits_and_one_that_was_refused_are_told_apart(world: World) -> None:
    store = Store(world.store)
    question = Question.of(GEO)
    now = world.clock()
    with store.write() as transaction:
        questions.ask(transaction, question, now - timedelta(minutes=1))
    world.server.open.clear()  # no answer comes
    async with opened_deck(world, (120, 40)) as shown:
        await shown.until_shown("prod-chat")
        shown.deck.replace_scope(GEO)
        await shown.until_shown("asked, waiting for the answer")
        with store.write() as transaction:
            answers.refuse(transaction, question, question.at(now), "geo is not for you.", now)
        await shown.until_shown("refused: geo is not for you.")
    store.close()


async def test_b_leads_to_what_can_be_asked_for_and_asks_nothing_by_itself(world: World) -> None:
    async with opened_deck(world, (120, 40)) as shown:
        asked = len(world.server.asked)
        for title in ("geo", "speed", "account", "service account"):
            shown.deck.break_down_by(Dimension.TOKEN_TYPE)
            for _ in range(("geo", "speed", "account", "service account").index(title) + 1):
                await shown.press("b")
            await shown.until_shown(f"by {title} ", f"usage by {title}. Enter reads it.")
        await shown.press("b")
        await shown.until(lambda: shown.deck.scope.by is Dimension.WORKSPACE, "it begins anew")
        grouped = [url for url in world.server.asked[asked:] if "account_id" in str(url.query)]
        assert grouped == []


async def test_another_time_is_another_question_and_its_answer_is_of_that_time(world: World) -> None:
    async with opened_deck(world, (120, 40)) as shown:
        await shown.until_shown("prod-chat")
        engine = shown.app.engine
        assert engine is not None
        await shown.until(lambda: engine.collecting, "this session collects")
        shown.deck.replace_scope(GEO)
        await shown.until_shown("Enter reads it")
        await shown.press("enter")
        await shown.until_shown("in the last 24h", "read 0 min ago")
        times = (
            (shown.deck.look_at, "2026-11-20", "Fri 20 Nov"),
            (shown.deck.look_since, "14:05", "since Sat 21 Nov 14:05Z"),
        )
        for look, text, words in times:
            look(text)
            await shown.until_shown("not read yet", f"usage by geo, {words}. Enter reads it.")
            await shown.press("enter")
            await shown.until_shown(f" {words}", "read 0 min ago")
            deck = shown.deck.deck
            assert deck is not None
            assert deck.on_demand is not None
            assert deck.on_demand.total_tokens == deck.rates.whole.tokens.total > 0


async def test_what_can_be_asked_for_can_be_chosen_for_any_time(world: World) -> None:
    async with opened_deck(world, (120, 40)) as shown:
        await shown.until_shown("prod-chat")
        shown.deck.look_since("14:05")
        shown.deck.split_by("geo")
        await shown.until_shown("by geo", "usage by geo, since Sat 21 Nov 14:05Z. Enter reads it.")
        await shown.press("b")
        await shown.until_shown("by speed")
