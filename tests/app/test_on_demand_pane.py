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
