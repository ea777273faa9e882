"""Names: every six hours, and early where an id has none."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime

from typing_extensions import override

from meterdeck.api import BadPayload
from meterdeck.store import Transaction, directory, feeds
from meterdeck.store.budget import Priority
from meterdeck.sync.intake import Intake
from meterdeck.sync.plan import Feed
from meterdeck.sync.readers.base import Outcome, Reader, Sources


class DirectoryReader(Reader):
    """Names of the organisation, its workspaces and keys (design, feed "directory")."""

    feed = Feed.DIRECTORY

    def __init__(self, sources: Sources, intake: Intake) -> None:
        super().__init__(sources, intake)
        self._owes = False
        """Whether ids wait for the early read that this session took upon itself."""

    @override
    async def read(
        self, *, forced: bool = False, urgent: bool = False, since: datetime | None = None
    ) -> Outcome:
        """Read all names, unless they were read lately and no id is without one for the first time."""
        now = self._clock()
        last_read = await self._last_noted(self.feed, now)
        due_at = now if last_read is None else last_read + self._cadence.directory
        lacking = await asyncio.to_thread(self._lacking)
        if lacking and not forced and now < due_at:
            self._owes = await asyncio.to_thread(self._ask_once, lacking, now) or self._owes
        if not (forced or self._owes) and now < due_at:
            return Outcome(changed=False, asked=False, next_at=due_at)
        pacing = self._pace(Priority.DIRECTORY, urgent=urgent or forced)
        organization = await self._client.organization(pacing=pacing)
        broken: dict[str, list[BadPayload]] = {"workspaces": [], "API keys": []}
        workspaces = await self._client.workspaces(pacing=pacing, on_broken=broken["workspaces"].append)
        api_keys = await self._client.api_keys(pacing=pacing, on_broken=broken["API keys"].append)

        def store() -> None:
            with self._store.write() as transaction:
                directory.replace(transaction, organization, workspaces, api_keys)
                directory.ask_once(transaction, lacking, now)  # those that it has no name for either
                feeds.say_beside(transaction, directory.UNREADABLE, _said_of(broken))

        await asyncio.to_thread(store)
        self._owes = False
        return Outcome(changed=True, next_at=now + self._cadence.directory)

    def _lacking(self) -> list[str]:
        with self._store.read() as transaction:
            return lacking_names(transaction)

    def _ask_once(self, ids: list[str], now: datetime) -> bool:
        with self._store.write() as transaction:
            return directory.ask_once(transaction, ids, now)


def lacking_names(transaction: Transaction) -> list[str]:
    """The ids that are a reason to read names early; none while the API is known not to tell any."""
    state = feeds.load(transaction).get(Feed.DIRECTORY)
    return [] if state and state.failing else directory.unnamed(transaction)


def _said_of(broken: Mapping[str, Sequence[BadPayload]]) -> str | None:
    """What a person should know of entries that can't be read: how many, and where the first of them is."""
    found = [(which, error) for which, errors in broken.items() for error in errors]
    if not found:
        return None
    which, first = found[0]
    what = "1 name" if len(found) == 1 else f"{len(found)} names"
    return (
        f"{what} can't be read ({'' if len(found) == 1 else 'first '}{first.place} of the {which}: {first.reason})."
        " All others were read; without a name the id is shown."
    )
