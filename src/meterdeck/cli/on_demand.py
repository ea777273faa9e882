"""`meterdeck report breakdown` by what the series leave out: one request, announced, and none again for an hour."""

from __future__ import annotations

import argparse
import sys
from datetime import datetime
from typing import TYPE_CHECKING

from meterdeck.cli.report import read_and_print, scope_of
from meterdeck.domain.errors import MeterdeckError
from meterdeck.domain.questions import Question
from meterdeck.present.documents import Document, breakdown_document
from meterdeck.present.on_demand import announcement, note
from meterdeck.queries.learning import learn
from meterdeck.queries.look import Look
from meterdeck.queries.on_demand import on_demand
from meterdeck.store import Store, questions

if TYPE_CHECKING:
    from meterdeck.sync.engine import SyncEngine


def run(arguments: argparse.Namespace) -> int:
    """Print it; return 0, 3 if it is old or something is missing; raises `MeterdeckError` where there is no answer."""

    def ask(engine: SyncEngine, store: Store) -> None:
        now = engine.sources.clock()
        with store.read() as transaction:
            question = Question.of(scope_of(Look(transaction), arguments))
            is_fresh = questions.is_fresh(transaction, question, now)
        if arguments.refresh or not is_fresh:
            print(f"meterdeck: {announcement(question, now)}", file=sys.stderr)
        engine.want_answer_here(question)

    def document_of(look: Look, now: datetime, fresh: bool) -> Document:  # noqa: FBT001 - as `DocumentOf`
        found = on_demand(look, scope_of(look, arguments), now, learn(look, now))
        by = found.question.dimension.title
        if found.refusal is not None:
            raise MeterdeckError(f"The API does not tell usage by {by}. {found.refusal}")
        if found.read_at is None:
            raise MeterdeckError(
                f"Usage by {by} was not read for this question within the last day.",
                next="" if not arguments.offline else "Ask without --offline.",
            )
        return breakdown_document(found.pane, fresh=fresh, note=note(found))

    return read_and_print(arguments, document_of, since=lambda _, now: now, ask=ask)
