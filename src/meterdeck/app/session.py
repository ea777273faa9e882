"""What the app is given to work with; built by the command line, or by a test."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any

from meterdeck.domain.budgets import Budget
from meterdeck.domain.errors import UsageError

if TYPE_CHECKING:  # the engine brings the network stack along; the first frame comes before it
    from meterdeck.store import Store
    from meterdeck.sync.engine import Changed, SyncEngine


@dataclass(frozen=True, slots=True)
class Session:
    """One organisation's store and the means to keep it current."""

    store: Path
    clock: Callable[[], datetime]
    start_engine: Callable[[Store, Callable[[Changed], None]], SyncEngine]
    """Makes the engine; called after the first frame, for it imports the network stack."""
    is_demo: bool = False
    requests_per_hour: int = 60
    """The budget of all sessions on the store; the embedded organisation needs none."""
    is_offline: bool = False
    """Whether it was told to ask nobody: `start_engine` raises the sentence that says so."""
    timezone: tzinfo = UTC
    """Whose hours and weekdays the rhythm of use is told by."""
    local: Callable[[], tzinfo] = lambda: UTC
    """Tells the zone that local time means."""
    budgets: tuple[Budget, ...] = ()
    notice: str | None = None
    """A sentence for the user about what happened when the store was first opened, if anything did."""


@dataclass(frozen=True, slots=True)
class UnknownKey:
    """A key that the API was never asked about: only its answer tells whose store to open."""

    server: str
    """Where it is asked, for a sentence."""
    ask: Callable[[], Awaitable[Session]]
    """Asks once, by one request outside every budget, for the budget lies in the store; raises `MeterdeckError`."""


async def _no_profile(name: str) -> Session | UnknownKey:
    raise UsageError(f"There is no profile {name}.")


@dataclass(frozen=True, slots=True)
class Profiles:
    """The profiles of the configuration, to change between while the screen is open."""

    names: tuple[str, ...] = ()
    open: Callable[[str], Awaitable[Session | UnknownKey]] = _no_profile
    """Reads a profile's key out of reach of the terminal, and opens its store; raises `MeterdeckError`."""


@dataclass(frozen=True, slots=True)
class PaintedScreen:
    """The alternate screen was entered, and shows figures of an earlier session: there is no need to clear it."""

    attributes: list[Any]
    """Those of the terminal's driver as they were before, to be given back in the end."""
    taken_over: Callable[[], None]
    """To be called when the app has the terminal, and gives it back from then on."""


@dataclass(frozen=True, slots=True)
class ShownScreen:
    """What the screen shows of the deck, of all workspaces and models."""

    size: tuple[int, int]
    organization: str
    as_of: datetime
    """When its newest figures were read."""
    lines: tuple[str, ...]
    """Each row with the colours that this terminal gets."""


@dataclass(frozen=True, slots=True)
class Terminal:
    """What the command line says of the terminal."""

    mouse: bool = False
    is_ascii: bool = False
    painted: PaintedScreen | None = None
    keep: Callable[[ShownScreen], None] | None = None
    """Keeps what is shown for the next start; None where it has no place."""
