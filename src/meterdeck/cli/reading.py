"""The session that a command reads with: whose key it is is asked first, where that is not known yet."""

from __future__ import annotations

import asyncio

from meterdeck.app.session import Session, UnknownKey
from meterdeck.cli import connect, running
from meterdeck.domain.errors import MeterdeckError

SHORTEST_WAIT_S = 0.5
"""Finding out that nothing is due takes a moment, whatever the user is ready to wait."""


def session_to_read(
    place: connect.Place, *, demo: bool, wait: float = 30.0, patience: str = "Ask again later."
) -> Session:
    """The session of the key, or of the demo; raises what keeps it from being told within ``wait`` seconds.

    ``patience`` says what to do where the answer takes longer.
    """
    session = connect.demo_session(place) if demo else connect.live_session(place)
    if session is None:
        raise connect.no_key()
    return running.run(_told(session, wait, patience)) if isinstance(session, UnknownKey) else session


async def _told(unknown: UnknownKey, wait: float, patience: str) -> Session:
    from meterdeck.api import ApiError

    try:
        async with asyncio.timeout(max(wait, SHORTEST_WAIT_S)):
            return await unknown.ask()
    except ApiError as error:
        raise MeterdeckError(
            error.what, still="Nothing was read: whose key this is was not told.", next=error.next
        ) from None
    except TimeoutError:
        raise MeterdeckError(
            f"{unknown.server} did not say within {wait:g} s whose key this is.", next=patience
        ) from None
