"""The command registry: every key a user can press. Bindings, footer and help derive from it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from textual.binding import Binding, BindingType


class Where(StrEnum):
    """The screen on which a command lives."""

    EVERYWHERE = "everywhere"
    DECK = "deck"
    DAY = "day"
    NO_KEY = "no key"
    UNKNOWN_KEY = "unknown key"
    PICKER = "picker"
    EXPORT = "export"
    HELP = "help"


@dataclass(frozen=True, slots=True)
class Command:
    """One thing a user can do. ``keys`` are in Textual's names, the first is shown; ``footer`` is its short word."""

    id: str
    keys: tuple[str, ...]
    action: str
    title: str
    where: Where
    footer: str = ""
    shown_key: str = ""
    priority: bool = False

    @property
    def key_label(self) -> str:
        """The key as a person writes it."""
        return self.shown_key or self.keys[0]


COMMANDS = (
    Command("deck.enter", ("enter",), "narrow", "Narrow to the row under the cursor; open a day of Costs", Where.DECK, "in", "⏎"),
    Command("deck.back", ("escape", "backspace"), "widen", "Go back one step", Where.DECK, "out", "esc"),
    Command("deck.workspace", ("w",), "pick('workspace_id')", "Choose workspaces", Where.DECK, "workspace"),
    Command("deck.model", ("m",), "pick('model')", "Choose models", Where.DECK, "model"),
    Command("deck.by", ("b",), "next_dimension", "By the next dimension (Costs has its own)", Where.DECK, "by"),
    Command("deck.swap", ("minus",), "swap_scope", "Back to the scope before this one, and forth", Where.DECK, shown_key="-"),
    Command("time.longer", ("t",), "longer", "A longer time: 1 h by minutes, 6 h, 24 h, 7 d, 31 d, month", Where.DECK, "time"),
    Command("time.shorter", ("T",), "shorter", "A shorter time", Where.DECK),
    Command("time.earlier", ("comma",), "earlier", "As long a time before", Where.DECK, shown_key=","),
    Command("time.later", ("full_stop",), "later", "As long a time after", Where.DECK, shown_key="."),
    Command("time.now", ("0",), "now", "Back to now", Where.DECK, "now"),
    Command("deck.measure", ("dollar_sign",), "switch_measure", "Tokens or dollars", Where.DECK, shown_key="$"),
    Command("deck.zone", ("u",), "switch_zone", "UTC or local time; bills stay UTC", Where.DECK),
    Command("deck.refresh", ("r",), "refresh_now", "Read the newest figures now", Where.DECK, "refresh"),
    Command("deck.down", ("j", "down"), "cursor_down", "Cursor down", Where.DECK, shown_key="j ↓"),
    Command("deck.up", ("k", "up"), "cursor_up", "Cursor up", Where.DECK, shown_key="k ↑"),
    Command("deck.page_down", ("pagedown", "ctrl+d"), "cursor_page_down", "Cursor a page down", Where.DECK, shown_key="PgDn ^d"),
    Command("deck.page_up", ("pageup", "ctrl+u"), "cursor_page_up", "Cursor a page up", Where.DECK, shown_key="PgUp ^u"),
    Command("deck.home", ("g", "home"), "cursor_home", "First row", Where.DECK),
    Command("deck.end", ("G", "end"), "cursor_end", "Last row", Where.DECK),
    Command("deck.next_pane", ("tab",), "next_pane", "Next pane", Where.DECK, "pane", "Tab"),
    Command("deck.previous_pane", ("shift+tab",), "previous_pane", "Previous pane", Where.DECK, shown_key="⇧Tab"),
    Command("deck.rates", ("1",), "focus_pane('rates')", "Go to Rates", Where.DECK),
    Command("deck.breakdown", ("2",), "focus_pane('breakdown')", "Go to Breakdown", Where.DECK),
    Command("deck.costs", ("3",), "focus_pane('costs')", "Go to Costs", Where.DECK),
    Command("take.row", ("y",), "copy_row", "Copy the row as one line (OSC 52, tmux)", Where.DECK, "copy"),
    Command("take.incident", ("Y",), "copy_incident", "Copy the state of this scope as one line", Where.DECK),
    Command("take.export", ("e",), "export", "Write what the pane shows to a file", Where.DECK, "export"),
    Command("export.csv", ("c",), "choose('csv')", "CSV", Where.EXPORT, "CSV"),
    Command("export.json", ("j",), "choose('json')", "JSON", Where.EXPORT, "JSON"),
    Command("export.markdown", ("m",), "choose('md')", "Markdown", Where.EXPORT, "Markdown"),
    Command("export.svg", ("s",), "choose('svg')", "SVG: the screen as a picture", Where.EXPORT, "SVG"),
    Command("export.choose", ("enter",), "choose_row", "The form under the cursor", Where.EXPORT, "write", "⏎"),
    Command("export.down", ("down", "ctrl+n"), "cursor_down", "Cursor down", Where.EXPORT, shown_key="↓"),
    Command("export.up", ("up", "ctrl+p"), "cursor_up", "Cursor up", Where.EXPORT, shown_key="↑"),
    Command("export.cancel", ("escape",), "cancel", "Write nothing", Where.EXPORT, "cancel", "esc"),
    Command("day.close", ("escape", "backspace"), "close", "Back to the deck", Where.DAY, "back", "esc"),
    Command("day.down", ("j", "down"), "cursor_down", "Cursor down", Where.DAY, "down", "j ↓"),
    Command("day.up", ("k", "up"), "cursor_up", "Cursor up", Where.DAY, "up", "k ↑"),
    Command("day.page_down", ("pagedown", "ctrl+d"), "cursor_page_down", "Cursor a page down", Where.DAY, shown_key="PgDn ^d"),
    Command("day.page_up", ("pageup", "ctrl+u"), "cursor_page_up", "Cursor a page up", Where.DAY, shown_key="PgUp ^u"),
    Command("day.home", ("g", "home"), "cursor_home", "First line", Where.DAY, "first"),
    Command("day.end", ("G", "end"), "cursor_end", "The total", Where.DAY, "total"),
    Command("no_key.demo", ("d",), "app.open_demo", "Open the demo", Where.NO_KEY, "demo"),
    Command("unknown_key.again", ("r",), "ask_again", "Ask again now", Where.UNKNOWN_KEY, "ask again"),
    Command("picker.mark", ("space",), "mark", "Mark or unmark", Where.PICKER, "mark", "space", priority=True),
    Command("picker.apply", ("enter",), "apply", "Apply", Where.PICKER, "apply", "⏎", priority=True),
    Command("picker.cancel", ("escape",), "cancel", "Leave as it was", Where.PICKER, "cancel", "esc", priority=True),
    Command("picker.all", ("ctrl+a",), "mark_all", "Mark all, or none", Where.PICKER, "all/none", "^a", priority=True),
    Command("picker.down", ("down", "ctrl+n"), "cursor_down", "Cursor down", Where.PICKER, shown_key="↓", priority=True),
    Command("picker.up", ("up", "ctrl+p"), "cursor_up", "Cursor up", Where.PICKER, shown_key="↑", priority=True),
    Command("help.close", ("escape", "question_mark", "q"), "close", "Close the help", Where.HELP, "close", "esc"),
    Command("help.down", ("j", "down"), "scroll_down", "Scroll down", Where.HELP, shown_key="j ↓"),
    Command("help.up", ("k", "up"), "scroll_up", "Scroll up", Where.HELP, shown_key="k ↑"),
    Command("app.help", ("question_mark",), "app.help", "Help: every key, every sign", Where.EVERYWHERE, "help", "?"),
    Command("app.quit", ("q",), "app.quit", "Quit", Where.EVERYWHERE, "quit"),
    Command("app.interrupt", ("ctrl+c", "ctrl+q"), "app.quit", "Quit from anywhere", Where.EVERYWHERE, shown_key="^c", priority=True),
)  # fmt: skip


def commands_on(where: Where) -> tuple[Command, ...]:
    """The commands of one screen, without those of everywhere."""
    return tuple(command for command in COMMANDS if command.where is where)


def bindings_of(where: Where) -> list[BindingType]:
    """Textual's bindings for one screen (or, for everywhere, for the app)."""
    return [
        Binding(
            ",".join(command.keys),
            command.action,
            command.title,
            id=command.id,
            show=False,
            tooltip=command.title,
            priority=command.priority,
        )
        for command in commands_on(where)
    ]


def footer_of(where: Where) -> tuple[Command, ...]:
    """The commands whose keys the footer shows."""
    here = [*commands_on(where), *(commands_on(Where.EVERYWHERE) if where is not Where.PICKER else ())]
    return tuple(command for command in here if command.footer)
