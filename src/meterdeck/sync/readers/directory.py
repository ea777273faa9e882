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
        self._owes = await asyncio.to_thread(self._ask_once, now) or self._owes
        is_late = last_read is None or last_read + self._cadence.directory <= now
        if last_read is not None and not (forced or self._owes or is_late):
            return Outcome(changed=False, asked=False, next_at=last_read + self._cadence.directory)
        pacing = self._pace(Priority.DIRECTORY, urgent=urgent or forced)
        organization = await self._client.organization(pacing=pacing)
        broken: dict[str, list[BadPayload]] = {"workspaces": [], "API keys": []}
        workspaces = await self._client.workspaces(pacing=pacing, on_broken=broken["workspaces"].append)
        api_keys = await self._client.api_keys(pacing=pacing, on_broken=broken["API keys"].append)

        def store() -> None:
            with self._store.write() as transaction:
                directory.replace(transaction, organization, workspaces, api_keys)
                feeds.remarked(transaction, directory.UNREADABLE, _said_of(broken))

        await asyncio.to_thread(store)
        self._owes = False
        return Outcome(changed=True, next_at=now + self._cadence.directory)

    def _ask_once(self, now: datetime) -> bool:
        with self._store.read() as transaction:
            if not has_reason_to_be_early(transaction):
                return False
        with self._store.write() as transaction:
            return directory.ask_once(transaction, now)


def has_reason_to_be_early(transaction: Transaction) -> bool:
    """Whether an id has no name for the first time, and the API is not known to refuse to tell names."""
    state = feeds.load(transaction).get(Feed.DIRECTORY)
    return not (state and state.failing) and bool(directory.unnamed(transaction))


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
