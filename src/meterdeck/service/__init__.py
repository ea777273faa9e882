"""An ASGI app that speaks the Admin API over a source: the simulated organisation, or anything like it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from meterdeck.service.app import Clock
    from meterdeck.service.simulated.options import Options

__all__ = ["demo_app"]


def demo_app(options: Options | None = None, *, clock: Clock) -> Starlette:
    """The simulated organisation behind the API; without options it is the one that `--demo` shows."""
    # Here, not above: the demo's store is found by its edition before the first frame, without a web framework.
    from meterdeck.service.app import create_app  # noqa: PLC0415
    from meterdeck.service.rows import Shape  # noqa: PLC0415
    from meterdeck.service.simulated.options import Options  # noqa: PLC0415
    from meterdeck.service.simulated.organization import SimulatedOrganization  # noqa: PLC0415

    chosen = options or Options()
    return create_app(
        SimulatedOrganization(chosen), clock, shape=Shape(chosen.shape), accepted_key=chosen.accepted_key
    )
