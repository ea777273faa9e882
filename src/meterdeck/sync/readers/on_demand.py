"""Usage by what the series leave out, for somebody who asks."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from typing_extensions import override

from meterdeck.api import KeyRefused, NotAllowed, RequestRefused, UsageQuery
from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.questions import Asked, Question
from meterdeck.domain.remarks import Remark
from meterdeck.store import answers, questions, sums
from meterdeck.store.budget import Priority
from meterdeck.sync import plan
from meterdeck.sync.intake import Intake
from meterdeck.sync.plan import Feed
from meterdeck.sync.readers.base import Outcome, Reader, Sources

LOOK_AGAIN = plan.HOUR
"""A new question wakes this reader; by itself it has nothing to do."""
FORBIDDEN = 403


class OnDemandReader(Reader):
    """Answers to questions: one request for each, for whoever waits (`meterdeck.store.questions`)."""

    feed = Feed.ON_DEMAND

    def __init__(self, sources: Sources, intake: Intake) -> None:
        super().__init__(sources, intake)
        self.wanted_here: list[Question] = []
        """Questions of a command that waits: it reads the answers itself, so no other session need know."""

    @override
    async def read(
        self, *, forced: bool = False, urgent: bool = False, since: datetime | None = None
    ) -> Outcome:
        """Read the answer to the question that was asked last, unless it is there and fresh."""
        now = self._clock()
        wanted = list(dict.fromkeys([*self.wanted_here, *await asyncio.to_thread(self._wanted, now)]))
        if not wanted:
            return Outcome(changed=False, asked=False, next_at=now + LOOK_AGAIN)
        question = wanted[0]
        next_at = now if len(wanted) > 1 else now + LOOK_AGAIN
        asked = await asyncio.to_thread(self._to_ask, question, now, forced)
        if asked is None:
            self._answered_here(question)
            return Outcome(changed=False, asked=False, next_at=next_at)
        remarks: tuple[Remark, ...] = ()
        try:
            query = UsageQuery(
                asked.window,
                asked.width,
                question.group_by,
                question.sent,
                limit=min(asked.buckets, asked.width.page_limit),
            )
            answer = await self._intake.usage(query, self._pacing(Priority.USER))
            await self._intake.store_answer(question, asked, answer, now)
            remarks = answer.remarks
        except (NotAllowed, RequestRefused, KeyRefused) as error:
            if isinstance(error, KeyRefused) and error.status != FORBIDDEN:
                raise  # the key is refused whatever it asks
            await asyncio.to_thread(self._refuse, question, asked, f"{error.what} {error.next}".strip(), now)
        self._answered_here(question)
        return Outcome(changed=True, next_at=next_at, remarks=remarks)

    def _wanted(self, now: datetime) -> list[Question]:
        with self._store.read() as transaction:
            return questions.wanted(transaction, now)

    def _to_ask(self, question: Question, now: datetime, forced: bool) -> Asked | None:  # noqa: FBT001 - in a thread
        """What of time to ask for; None where there is an answer."""
        with self._store.write() as transaction:
            if not forced and questions.is_fresh(transaction, question, now):
                questions.met(transaction, question)
                return None
            day = Window(now - timedelta(days=1), BucketWidth.HOUR.after(now))
            return question.at(now, sums.most_rows_of_an_hour(transaction, day))

    def _refuse(self, question: Question, asked: Asked, sentence: str, now: datetime) -> None:
        with self._store.write() as transaction:
            answers.refuse(transaction, question, asked, sentence, now)

    def _answered_here(self, question: Question) -> None:
        if question in self.wanted_here:
            self.wanted_here.remove(question)
