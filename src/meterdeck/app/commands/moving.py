"""Commands that move the keyboard: from row to row, from pane to pane."""

from meterdeck.app.commands.model import Argument, Command, Takes, Where

MOVING = (
    Command("deck.down", ("j", "down"), "cursor_down", "Cursor down", Where.DECK, shown_key="j ↓", name="down", needs_rows=True),
    Command("deck.up", ("k", "up"), "cursor_up", "Cursor up", Where.DECK, shown_key="k ↑", name="up", needs_rows=True),
    Command("deck.page_down", ("pagedown", "ctrl+d"), "cursor_page_down", "Cursor a page down", Where.DECK, shown_key="PgDn ^d", name="page-down", needs_rows=True),
    Command("deck.page_up", ("pageup", "ctrl+u"), "cursor_page_up", "Cursor a page up", Where.DECK, shown_key="PgUp ^u", name="page-up", needs_rows=True),
    Command("deck.home", ("g", "home"), "cursor_home", "First row", Where.DECK, name="first", needs_rows=True),
    Command("deck.end", ("G", "end"), "cursor_end", "Last row", Where.DECK, name="last", needs_rows=True),
    Command("deck.next_pane", ("tab",), "next_pane", "Next pane", Where.DECK, "pane", "Tab", name="next-pane"),
    Command("deck.previous_pane", ("shift+tab",), "previous_pane", "Previous pane", Where.DECK, shown_key="⇧Tab", name="previous-pane"),
    Command("deck.rates", ("1",), "focus_pane('rates')", "Go to Rates", Where.DECK, name="rates"),
    Command("deck.breakdown", ("2",), "focus_pane('breakdown')", "Go to Breakdown", Where.DECK, name="breakdown"),
    Command("deck.costs", ("3",), "focus_pane('costs')", "Go to Costs", Where.DECK, name="costs"),
    Command("deck.pane", (), "", "Go to rates, breakdown or costs", Where.DECK, name="pane", takes=Takes(Argument.PANE, "go_to_pane", is_required=True)),
)  # fmt: skip
