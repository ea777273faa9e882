"""Help: the keys that are live first, every other one, every sign of the screen, and what the figures leave out."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from meterdeck.app.commands import Command, Where, bindings_of, registry_of
from meterdeck.app.widgets.entries import Entries, Entry
from meterdeck.app.widgets.footer import KeyFooter

_KEY_CELLS, _NAME_CELLS, _SIGN_CELLS = 11, 16, 13
_SIGNS = """\
$12 ≈$12 ~$12  billed; a part of a settled bill, shared out by tokens; an estimate of a day that is open
+            the figure lacks a part: tokens without a price, or hours that were not read
unpriced     nothing tells a price of these tokens; never $0
—            nothing is known
·            not known: not read, or not reported yet (0 tokens leave the place empty)
no Priority  Priority Tier tokens were used too, and no bill ever holds their cost
Sun 22…      a day whose bill may still rise: billed so far, and what it is worth
→ end        what the running day will have cost; its changes compare that with whole days
prices of    the newest day whose whole bill bears out the prices of open days
left out     money that is not for tokens: the filter can't be applied to it
not alloc.   money of no key: code execution, sessions, lines without use of their own
● ◌ ◐ ○      live; old figures; some hours not read yet; no usage at all
✕ ◇ ◔ ⏸      a feed failed; no network; nobody may ask for now; paused by p
▷ ◆          another session collects, and this one shows what it reads; the demo
▼ ▲          the column that rows are sorted by, from the largest or the smallest
✓            before a row: marked, to be compared
░  ▒         the running hour; an hour that still fills
Σ            what the time on show took in all
tok/h ~$/h   pace of the newest 15 minutes that are past the reports' delay
Δ1h          that pace against an hour before
Δ24h Δ7d     tokens of that time against as long a time before: a day's rhythm is in both
Δ before     tokens against as long a time before; of a time that still runs, as much of it as has passed
$            what the time on show cost in all
today ~hour  the UTC day, and the running hour, so far; bills, days and months are UTC
share        of what all rows took, in tokens or dollars as shown
cache        how much of the input was read from the cache
last  max    the newest minute that has filled; the highest bucket or minute on show
back-test    how far the estimates of settled days were from their bills
Nov          the month to date: settled days as billed, every open day at its worth so far
eod  eom     what the UTC day, and the month, will have cost in the end, by the rhythm of past weeks
▇▇▆▁ 76%     how much of a budget is used, and gone ~28th: when it will all be"""

_LEFT_OUT = (
    "Not in these figures: Priority Tier costs (no bill holds them), credits, taxes, claude.ai subscriptions; code"
    " execution is in the bill but not in usage.\n"
    "Estimates cover tokens and searches; of code execution and sessions an open day has what is billed so far."
)


class HelpScreen(ModalScreen[None]):
    """Help over a screen: ``is_live`` says what its keys do just now, ``pane`` which of its panes has the keyboard."""

    BINDINGS = bindings_of(Where.HELP)

    def __init__(
        self, where: Where = Where.DECK, is_live: Callable[[Command], bool] = lambda _: True, pane: str = ""
    ) -> None:
        super().__init__()
        self._where = where
        self._pane = pane
        self._live = frozenset(c.id for c in registry_of(self.app).reachable(where) if is_live(c))

    def compose(self) -> ComposeResult:
        """Lay out the keys and the signs."""
        with VerticalScroll(id="help", can_focus=False):
            for title, commands in self._sections():
                if not commands:
                    continue
                yield Static(title, classes="heading", markup=False)
                yield Entries(list(map(_entry, commands)), head_cells=_KEY_CELLS, word_cells=_NAME_CELLS)
            yield Static("Signs", classes="heading", markup=False)
            signs = [Entry(line[:_SIGN_CELLS].rstrip(), line[_SIGN_CELLS:]) for line in _SIGNS.splitlines()]
            yield Entries(signs, head_cells=_SIGN_CELLS)
            yield Static("What is left out", classes="heading", markup=False)
            yield Static(_LEFT_OUT, markup=False)
        yield KeyFooter(Where.HELP)

    def action_close(self) -> None:
        """Go back."""
        self.dismiss()

    def action_scroll_down(self) -> None:
        """Show what is below."""
        self._text.scroll_relative(y=3, animate=False)

    def action_scroll_up(self) -> None:
        """Show what is above."""
        self._text.scroll_relative(y=-3, animate=False)

    def action_page_down(self) -> None:
        """Show the next page."""
        self._text.scroll_page_down(animate=False)

    def action_page_up(self) -> None:
        """Show the page before."""
        self._text.scroll_page_up(animate=False)

    def action_scroll_home(self) -> None:
        """Show the beginning."""
        self._text.scroll_home(animate=False)

    def action_scroll_end(self) -> None:
        """Show the end."""
        self._text.scroll_end(animate=False)

    @property
    def _text(self) -> VerticalScroll:
        return self.query_one("#help", VerticalScroll)

    def _sections(self) -> Iterator[tuple[str, list[Command]]]:
        """What is live here, by headings, the pane's own keys first; then what is not just now; then other screens."""
        known = registry_of(self.app)
        own = set(known.on(self._where))
        groups = sorted(known.groups, key=lambda group: own.isdisjoint(group.commands))
        of_pane = [
            c for group in groups for c in group.commands if self._pane in c.panes and self._is_live(c)
        ]
        yield f"In {self._pane.capitalize()}", of_pane
        said = {command.id for command in of_pane}
        for group in groups:
            yield group.title, [c for c in group.commands if self._is_live(c) and c.id not in said]
        here = known.reachable(self._where)
        yield "Not just now", [c for c in here if not self._is_live(c)]
        for group in groups:
            yield group.title, [c for c in group.commands if c not in here]

    def _is_live(self, command: Command) -> bool:
        return command.id in self._live


def _entry(command: Command) -> Entry:
    """``w    :workspace    Choose workspaces``: key, word, and what it does."""
    return Entry(command.key_label, command.title, f":{command.name}" if command.name else "")
