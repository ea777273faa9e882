"""Commands of the screens beside the deck."""

from meterdeck.app.commands.model import Command, Where

DAY = (
    Command("day.close", ("escape", "backspace"), "close", "Back to the deck", Where.DAY, "back", "esc"),
    Command("day.down", ("j", "down"), "cursor_down", "Cursor down", Where.DAY, "down", "j ↓"),
    Command("day.up", ("k", "up"), "cursor_up", "Cursor up", Where.DAY, "up", "k ↑"),
    Command("day.page_down", ("pagedown", "ctrl+d"), "cursor_page_down", "Cursor a page down", Where.DAY, shown_key="PgDn ^d"),
    Command("day.page_up", ("pageup", "ctrl+u"), "cursor_page_up", "Cursor a page up", Where.DAY, shown_key="PgUp ^u"),
    Command("day.home", ("g", "home"), "cursor_home", "First line", Where.DAY, "first"),
    Command("day.end", ("G", "end"), "cursor_end", "The total", Where.DAY, "total"),
)  # fmt: skip
PICKER = (
    Command("picker.mark", ("space",), "mark", "Mark or unmark", Where.PICKER, "mark", "space", priority=True),
    Command("picker.apply", ("enter",), "apply", "Apply", Where.PICKER, "apply", "⏎", priority=True),
    Command("picker.cancel", ("escape",), "cancel", "Leave as it was", Where.PICKER, "cancel", "esc", priority=True),
    Command("picker.all", ("ctrl+a",), "mark_all", "Mark all, or none", Where.PICKER, "all/none", "^a", priority=True),
    Command("picker.invert", ("ctrl+r",), "invert", "Invert the marks of what is listed", Where.PICKER, "invert", "^r", priority=True),
    Command("picker.down", ("down", "ctrl+n"), "cursor_down", "Cursor down", Where.PICKER, shown_key="↓", priority=True),
    Command("picker.up", ("up", "ctrl+p"), "cursor_up", "Cursor up", Where.PICKER, shown_key="↑", priority=True),
)  # fmt: skip
LINE = (
    Command("line.run", ("enter",), "run", "Run it, or what the cursor is on", Where.LINE, "run", "⏎", priority=True),
    Command("line.complete", ("tab",), "complete", "Take over what the cursor is on", Where.LINE, "complete", "Tab", priority=True),
    Command("line.down", ("down", "ctrl+n"), "cursor_down", "Cursor down", Where.LINE, "choose", "↓ ↑", priority=True),
    Command("line.up", ("up", "ctrl+p"), "cursor_up", "Cursor up", Where.LINE, shown_key="↑", priority=True),
    Command("line.leave", ("escape",), "leave", "Leave", Where.LINE, "leave", "esc", priority=True),
)  # fmt: skip
WITHOUT_FIGURES = (
    Command("no_key.demo", ("d",), "app.open_demo", "Open the demo", Where.NO_KEY, "demo"),
    Command("unknown_key.again", ("r",), "ask_again", "Ask again now", Where.UNKNOWN_KEY, "ask again"),
)  # fmt: skip
HELP = (
    Command("help.close", ("escape", "question_mark", "q"), "close", "Close the help", Where.HELP, "close", "esc"),
    Command("help.down", ("j", "down"), "scroll_down", "Scroll down", Where.HELP, "down", "j ↓"),
    Command("help.up", ("k", "up"), "scroll_up", "Scroll up", Where.HELP, "up", "k ↑"),
    Command("help.page_down", ("pagedown", "ctrl+d", "space"), "page_down", "A page down", Where.HELP, "page down", "PgDn ^d"),
    Command("help.page_up", ("pageup", "ctrl+u"), "page_up", "A page up", Where.HELP, shown_key="PgUp ^u"),
    Command("help.home", ("g", "home"), "scroll_home", "To its beginning", Where.HELP),
    Command("help.end", ("G", "end"), "scroll_end", "To its end", Where.HELP),
)  # fmt: skip
