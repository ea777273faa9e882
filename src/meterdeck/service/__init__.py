"""An ASGI app that speaks the Admin API over a source: the simulated organisation, or anything like it."""

from __future__ import annotations

from starlette.applications import Starlette

from meterdeck.service.app import Clock, create_app
from meterdeck.service.rows import Shape
from meterdeck.service.simulated.options import Options
from meterdeck.service.simulated.organization import SimulatedOrganization

__all__ = ["Shape", "create_app", "demo_app"]


def demo_app(options: Options | None = None, *, clock: Clock) -> Starlette:
    """The simulated organisation behind the API; without options it is the one that `--demo` shows."""
    chosen = options or Options()
    return create_app(
        SimulatedOrganization(chosen), clock, shape=Shape(chosen.shape), accepted_key=chosen.accepted_key
    )
