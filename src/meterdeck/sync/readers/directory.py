"""Names."""

from __future__ import annotations

import asyncio
from datetime import datetime

from typing_extensions import override

from meterdeck.store import directory
from meterdeck.store.budget import Priority
from meterdeck.sync.plan import Feed
from meterdeck.sync.readers.base import Outcome, Reader


class DirectoryReader(Reader):
    """Names of the organisation, its workspaces and keys (design, feed "directory")."""

    feed = Feed.DIRECTORY

    @override
    async def read(
        self, *, forced: bool = False, urgent: bool = False, since: datetime | None = None
    ) -> Outcome:
        """Read all names, unless they were read lately."""
        now = self._clock()
        last_read = await self._last_noted(self.feed, now)
        if not forced and last_read is not None and now < last_read + self._cadence.directory:
            return Outcome(changed=False, asked=False, next_at=last_read + self._cadence.directory)
        pacing = self._pace(Priority.DIRECTORY, urgent=urgent or forced)
        organization = await self._client.organization(pacing=pacing)
        workspaces = await self._client.workspaces(pacing=pacing)
        api_keys = await self._client.api_keys(pacing=pacing)

        def store() -> None:
            with self._store.write() as transaction:
                directory.replace(transaction, organization, workspaces, api_keys)

        await asyncio.to_thread(store)
        return Outcome(changed=True, next_at=now + self._cadence.directory)
