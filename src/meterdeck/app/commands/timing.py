"""Commands that say which time is on show."""

from meterdeck.app.commands.model import Argument, Command, Takes, Where

TIMING = (
    Command("time.longer", ("t",), "longer", "A longer time: 1h, 6h, 24h, 7d, 31d, month", Where.DECK, "time", name="longer"),
    Command("time.shorter", ("T",), "shorter", "A shorter time", Where.DECK, name="shorter"),
    Command("time.span", (), "", "The newest 1h, 6h, 24h, 7d, 31d or month", Where.DECK, name="time", takes=Takes(Argument.SPAN, "look_back", is_required=True)),
    Command("time.earlier", ("comma",), "earlier", "As long a time before", Where.DECK, shown_key=",", name="earlier"),
    Command("time.later", ("full_stop",), "later", "As long a time after", Where.DECK, shown_key=".", name="later"),
    Command("time.now", ("0",), "now", "Back to now", Where.DECK, "now", name="now"),
    Command("time.since", (), "", "From 14:05, or 2026-11-20 14:05, until now", Where.DECK, name="since", takes=Takes(Argument.MOMENT, "look_since", is_required=True)),
    Command("time.at", (), "", "The hour of 14:05, or the day 2026-11-20", Where.DECK, name="at", takes=Takes(Argument.MOMENT, "look_at", is_required=True)),
    Command("time.left", ("left",), "chart_left", "Read off the chart: the bucket before", Where.DECK, shown_key="←", name="left", panes=("rates",), needs_rows=True),
    Command("time.right", ("right",), "chart_right", "Read off the chart: the bucket after", Where.DECK, shown_key="→", name="right", panes=("rates",), needs_rows=True),
    Command("deck.zone", ("u",), "switch_zone", "UTC or local time; bills stay UTC", Where.DECK, name="zone"),
    Command("deck.refresh", ("r",), "refresh_now", "Read the newest figures now", Where.DECK, "refresh", name="refresh"),
    Command("deck.pause", ("p",), "app.pause", "Pause: this session asks nothing until p again", Where.DECK, name="pause"),
)  # fmt: skip
