"""Help: every key of the registry, every sign of the screen, and what the figures leave out."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from meterdeck.app.commands import Command, Where, bindings_of, commands_on
from meterdeck.app.widgets.footer import KeyFooter
from meterdeck.present.names import cell_width, pad

_SIGNS = """\
~            an estimate: tokens at prices learned from your own settled bills
+            the figure lacks a part: some tokens have no learned price yet
unpriced     no settled day has shown a price for these tokens; never $0
—            nothing is known
·            a gap: not read (0 tokens leave the place empty)
no Priority  Priority Tier tokens were used too, and no bill ever holds their cost
Sun 22…      a day whose bill is in and may still rise
● ◌ ◇ ✕ ▷    live; old figures; no network; a feed failed; another session collects
░  ▒         the running hour; an hour that still fills
tok/h ~$/h   pace of the newest 15 minutes that are past the reports' delay
Δ1h          that pace against an hour before
today        the UTC day so far; bills, days and months are UTC
Nov          the month to date: settled days as billed, every other day as estimated
eod  eom     what the UTC day, and the month, will have cost in the end, by the rhythm of past weeks
▇▇▆▁ 76%     how much of a budget is used, and gone ~28th: when it will all be"""

_LEFT_OUT = """\
Not in these figures: Priority Tier costs (no bill holds them), credits, taxes, claude.ai
subscriptions; code execution is in the bill but not in usage.
Estimates cover tokens only: no searches, containers or sessions."""


class HelpScreen(ModalScreen[None]):
    """Help over whatever was on screen."""

    BINDINGS = bindings_of(Where.HELP)

    def compose(self) -> ComposeResult:
        """Lay out the keys and the signs."""
        with VerticalScroll(id="help", can_focus=False):
            yield Static("Keys", classes="heading", markup=False)
            yield Static(
                _keys([*commands_on(Where.DECK), *commands_on(Where.EVERYWHERE)]),
                markup=False,
                id="help-keys",
            )
            yield Static("In the lines of a day", classes="heading", markup=False)
            yield Static(_keys(commands_on(Where.DAY)), markup=False)
            yield Static("In the picker of w and m", classes="heading", markup=False)
            yield Static(_keys(commands_on(Where.PICKER)), markup=False)
            yield Static("In the choice of a form to export in", classes="heading")
            yield Static(_keys(commands_on(Where.EXPORT)), markup=False)
            yield Static("Signs", classes="heading", markup=False)
            yield Static(_SIGNS, markup=False)
            yield Static("What is left out", classes="heading", markup=False)
            yield Static(_LEFT_OUT, markup=False)
        yield KeyFooter(Where.HELP)

    def action_close(self) -> None:
        """Go back."""
        self.dismiss()

    def action_scroll_down(self) -> None:
        """Show what is below."""
        self.query_one("#help").scroll_relative(y=3, animate=False)

    def action_scroll_up(self) -> None:
        """Show what is above."""
        self.query_one("#help").scroll_relative(y=-3, animate=False)


def _keys(commands: list[Command] | tuple[Command, ...]) -> str:
    width = max(cell_width(command.key_label) for command in commands) + 3
    return "\n".join(pad(command.key_label, width) + command.title for command in commands)
