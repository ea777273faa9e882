"""Which time: longer and shorter, earlier and later, a bucket of the chart; tokens or dollars; whose clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, tzinfo

from meterdeck.app.deck.scoping import Scoping
from meterdeck.domain import panning
from meterdeck.domain.measure import Measure
from meterdeck.domain.scope import Scope


class Timing(Scoping):
    """Moves the scope through time, and says how it is measured."""

    def narrow_time(self) -> None:
        """Narrow to the bucket under the chart's cursor, or go on from its minute; without one, put it there."""
        bucket = self.rates.bucket
        if bucket is None:
            self.rates.chart.action_cursor_left()
        elif (inside := panning.narrowed(self.scope, bucket)) != self.scope:
            self.rates.go_into(bucket)
            self.go_in(inside)

    def action_longer(self) -> None:
        """Look at a longer time."""
        self._to(panning.longer)

    def action_shorter(self) -> None:
        """Look at a shorter time."""
        self._to(panning.shorter)

    def action_earlier(self) -> None:
        """Look at as long a time before."""
        self._to(panning.earlier)

    def action_later(self) -> None:
        """Look at as long a time after."""
        self._to(panning.later)

    def action_now(self) -> None:
        """Look at the newest time."""
        self.replace_scope(panning.up_to_now(self.scope))

    def action_chart_left(self) -> None:
        """Read off the bucket before."""
        self.rates.focus_content()
        self.rates.chart.action_cursor_left()

    def action_chart_right(self) -> None:
        """Read off the bucket after."""
        self.rates.focus_content()
        self.rates.chart.action_cursor_right()

    def action_switch_measure(self) -> None:
        """Show dollars where tokens were shown, and the other way round."""
        self._measure = Measure.USD if self._measure is Measure.TOKENS else Measure.TOKENS
        self.ask_anew()

    def action_switch_zone(self) -> None:
        """Show times of this place, and cut usage into its days; or those of UTC again. Bills stay UTC."""
        zone = self._local() if self._zone is UTC else UTC
        if zone is self._zone:
            self.show_notice("Local time is UTC here: set timezone in the configuration, or TZ.")
            return
        self._zone = zone
        self.ask_anew()

    def _to(self, other: Callable[[Scope, datetime, tzinfo], Scope]) -> None:
        self.replace_scope(other(self.scope, self._clock(), self._zone))
