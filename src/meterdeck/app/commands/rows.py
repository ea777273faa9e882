"""Commands for the rows that are held: which, in what order, and one beside another."""

from meterdeck.app.commands.model import Command, Where

ROWS = (
    Command("rows.filter", ("slash",), "filter_rows", "Filter rows: a part, !not, /expression/", Where.DECK, "filter", "/", name="filter", panes=("breakdown", "costs"), stays=True, needs_rows=True),
    Command("rows.sort", ("s",), "sort_rows", "Sort by the chosen column; again: turned", Where.DECK, "sort", name="sort", panes=("breakdown", "costs"), needs_rows=True),
    Command("rows.turn", ("S",), "turn_order", "The other way round", Where.DECK, name="turn", panes=("breakdown", "costs"), needs_rows=True),
    Command("rows.column_left", ("less_than_sign",), "choose_column(-1)", "Choose the column to the left", Where.DECK, shown_key="<", name="column-left", panes=("breakdown", "costs"), needs_rows=True),
    Command("rows.column_right", ("greater_than_sign",), "choose_column(1)", "Choose the column to the right", Where.DECK, shown_key=">", name="column-right", panes=("breakdown", "costs"), needs_rows=True),
    Command("rows.mark", ("space",), "mark_row", "Mark a row of Breakdown, two at most", Where.DECK, name="mark", panes=("breakdown",), needs_rows=True),
    Command("rows.compare", ("c",), "compare_rows", "Compare two marked rows, or one and this", Where.DECK, "compare", name="compare", panes=("breakdown",), needs_rows=True),
    Command("rows.scale", ("v",), "switch_scale", "One scale for the lines of all rows, or their own", Where.DECK, name="scale", panes=("breakdown",)),
    Command("deck.zoom", ("z",), "zoom", "One pane on the whole screen, and back", Where.DECK, "zoom", name="zoom"),
)  # fmt: skip
FILTER = (
    Command("filter.keep", ("enter",), "keep", "Keep it; the keys are the deck's again", Where.FILTER, "keep", "⏎", priority=True),
    Command("filter.clear", ("escape",), "clear", "Every row again", Where.FILTER, "clear", "esc", priority=True),
)  # fmt: skip
COMPARE = (
    Command("compare.close", ("escape", "backspace", "c"), "close", "Back to the deck", Where.COMPARE, "back", "esc"),
    Command("compare.down", ("j", "down"), "cursor_down", "Cursor down", Where.COMPARE, "down", "j ↓"),
    Command("compare.up", ("k", "up"), "cursor_up", "Cursor up", Where.COMPARE, "up", "k ↑"),
    Command("compare.page_down", ("pagedown", "ctrl+d"), "cursor_page_down", "Cursor a page down", Where.COMPARE, shown_key="PgDn ^d"),
    Command("compare.page_up", ("pageup", "ctrl+u"), "cursor_page_up", "Cursor a page up", Where.COMPARE, shown_key="PgUp ^u"),
    Command("compare.home", ("g", "home"), "cursor_home", "First figure", Where.COMPARE),
    Command("compare.end", ("G", "end"), "cursor_end", "Last bucket", Where.COMPARE),
)  # fmt: skip
