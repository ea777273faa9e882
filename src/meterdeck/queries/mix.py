"""The mix: where and how fast the tokens of each workspace, model and tier ran, in exact counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from meterdeck.domain.buckets import Window
from meterdeck.domain.tokens import TokenCounts, total_of
from meterdeck.queries.look import Look
from meterdeck.store import mix as stored
from meterdeck.store.topics import Topic


class Mixed(NamedTuple):
    """What has a mix: the dimensions that the series know too."""

    workspace_id: str | None
    model: str | None
    service_tier: str | None


class Manner(NamedTuple):
    """How tokens were served. A null speed was not told: the API may refuse to group by it (api-facts 2.2)."""

    inference_geo: str | None
    speed: str | None


@dataclass(frozen=True, slots=True)
class Shares:
    """The tokens of one workspace, model and tier, split by how they were served; none of them is empty.

    A share is a count over `total`: whole numbers, so shares add up to the whole exactly.
    """

    tokens: Mapping[Manner, TokenCounts]

    @property
    def total(self) -> TokenCounts:
        """All of them together."""
        return total_of(self.tokens.values())

    @property
    def geos(self) -> frozenset[str | None]:
        """Where they ran."""
        return frozenset(manner.inference_geo for manner in self.tokens)

    @property
    def speeds(self) -> frozenset[str]:
        """How fast they ran, as far as it was told."""
        return frozenset(manner.speed for manner in self.tokens if manner.speed is not None)

    @property
    def is_mixed(self) -> bool:
        """Whether they ran in several places or at several speeds, and so at several prices."""
        return len(self.geos) > 1 or len(self.speeds) > 1


def shares(look: Look, window: Window) -> dict[Mixed, Shares]:
    """The mix of the hours that start inside a window, as far as they were read; what took no tokens does not come.

    It is never a sum of the panes: it says the same tokens as the series in another way, and may have been read at
    another moment.
    """
    return look.kept(Topic.MIX, ("shares", window), lambda: _shares(look, window))


def _shares(look: Look, window: Window) -> dict[Mixed, Shares]:
    found: dict[Mixed, dict[Manner, TokenCounts]] = {}
    for served, tokens in stored.totals(look.transaction, window):
        if tokens.total:
            of = Mixed(served.workspace_id, served.model, served.service_tier)
            found.setdefault(of, {})[Manner(served.inference_geo, served.speed)] = tokens
    return {of: Shares(by_manner) for of, by_manner in found.items()}
