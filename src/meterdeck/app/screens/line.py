"""The command line: a word and its argument on the last line, what they could be above it; also the palette."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from meterdeck.app.commands import Command, Where, bindings_of
from meterdeck.app.line.matching import found_by, named
from meterdeck.app.line.words import Offer, last_piece, narrowed, split, with_last_piece
from meterdeck.app.widgets.footer import KeyFooter
from meterdeck.app.widgets.table import LiveTable
from meterdeck.domain.errors import MeterdeckError, UsageError
from meterdeck.present.columns import Cell, Column, Row
from meterdeck.queries.names import UnknownName

_COMMANDS = (
    Column(key="usage", title="command", width=16, min_width=12, grow=1, max_width=28, priority=3),
    Column(
        key="title", title="does", width=30, min_width=16, grow=3, max_width=60, priority=2, is_prose=True
    ),
    Column(key="key", title="key", width=8, min_width=8, priority=1),
)
_OFFERS = (
    Column(key="text", title="argument", width=20, min_width=12, grow=2, max_width=40, priority=2),
    Column(key="about", title="", width=20, min_width=10, grow=3, max_width=60, priority=1, is_prose=True),
)
_NOTHING = Row(None, (Cell("nothing matches", "muted"), Cell(""), Cell("")))

NAMES = "names"
"""The group of the worker that waits for them."""

Run = Callable[[], Awaitable[None]]


class Obeys(Protocol):
    """Whoever does what the line says."""

    def offers(self, command: Command) -> tuple[Offer, ...]:
        """What is known that the command could take."""

    def obey(self, command: Command, text: str) -> None:
        """Do it with an argument; raises `UsageError` with a sentence for the line."""

    async def obey_by_newer_names(self, command: Command, text: str) -> None:
        """Do it where `obey` knew nobody of a name: the names are read again, if they may. Raises `MeterdeckError`."""

    async def do(self, command: Command) -> None:
        """Do it as its key does."""


class LineInput(Input):
    """A field of one line in which nothing blinks: an idle screen sends no bytes."""

    def on_mount(self) -> None:
        """Keep the cursor still, and a text that was begun unmarked."""
        self.cursor_blink = False
        self.select_on_focus = False


class CommandLine(ModalScreen[Run | None]):
    """Answers what to do when it is closed; what takes an argument is done while it is open, so it can be mended.

    ``searching`` makes it the palette: any word of a command finds it.
    """

    BINDINGS = bindings_of(Where.LINE)
    AUTO_FOCUS = "LineInput"
    VERTICAL_BREAKPOINTS = [(0, "-low"), (8, "-shorter"), (12, "-short"), (18, "-tall")]  # noqa: RUF012 - Textual's

    def __init__(self, commands: tuple[Command, ...], obeys: Obeys, *, searching: bool = False) -> None:
        super().__init__()
        self._commands = commands
        self._obeys = obeys
        self._searching = searching
        self._was_chosen = False
        """Whether the user moved to a row since the text was changed."""
        self._asked_about: tuple[Command, str] | None = None
        """What waits for names that are being read."""

    def compose(self) -> ComposeResult:
        """Lay out what could be meant, what went wrong, the keys and the line."""
        with Vertical(id="line"):
            choices = LiveTable(id="line-choices")
            choices.can_focus = False  # the keyboard stays in the line
            yield choices
            yield Static("", id="line-trouble", markup=False)
            yield KeyFooter(Where.LINE)
            with Horizontal(id="line-input"):
                yield Static("/" if self._searching else ":", id="line-prompt", markup=False)
                yield LineInput(id="line-text", compact=True)

    def on_mount(self) -> None:
        """Show every command."""
        self._show()

    @on(Input.Changed)
    def _changed(self) -> None:
        self._was_chosen = False
        self._asked_about = None
        self.workers.cancel_group(self, NAMES)
        self._say("")
        self._show()

    def action_cursor_down(self) -> None:
        """Go down in the list while the line keeps the keys."""
        self._was_chosen = True
        self._choices.action_cursor_down()

    def action_cursor_up(self) -> None:
        """Go up in the list."""
        self._was_chosen = True
        self._choices.action_cursor_up()

    def action_leave(self) -> None:
        """Leave everything as it was."""
        self.dismiss(None)

    def action_complete(self) -> None:
        """Write what the cursor is on into the line."""
        row = self._choices.cursor_key
        if isinstance(row, Command):
            self._write(row)
        elif isinstance(row, str):
            self._replace_last_piece(row)

    def action_run(self) -> None:
        """Do what the line says; a row that was chosen comes before what is typed. Nothing said is nothing meant."""
        if not self._typed.strip() and not self._was_chosen:
            self.dismiss(None)
            return
        command, argument = self._said()
        row = self._choices.cursor_key
        if isinstance(row, Command) and row is not command and (command is None or self._was_chosen):
            command, argument = row, ""
        elif isinstance(row, str) and self._was_chosen and command is not None:
            argument = with_last_piece(argument, row)
        if command is None:
            self._say(f"There is no command {self._typed.split()[0]!r}." if self._typed.strip() else "")
        elif argument:
            self._obey(command, argument)
        elif command.takes is not None and command.takes.is_required:
            self._ask_for_argument(command)
        else:
            self.dismiss(lambda: self._obeys.do(command))

    def _obey(self, command: Command, argument: str) -> None:
        try:
            self._obeys.obey(command, argument)
        except UnknownName:
            self._look_further(command, argument)
        except UsageError as error:
            self._say(str(error))
        else:
            self.dismiss(None)

    def _look_further(self, command: Command, argument: str) -> None:
        """Nobody on show has a name: look for it among newer ones, once, while the line stays open."""
        if self._asked_about == (command, argument):
            return
        self._asked_about = command, argument

        async def look() -> None:
            try:
                await self._obeys.obey_by_newer_names(command, argument)
            except MeterdeckError as error:
                self._asked_about = None
                self._say(str(error))
            else:
                self.dismiss(None)

        self._say(f"{argument.strip()}: reading the names that there are now.", sign="…")
        self.run_worker(look(), group=NAMES, exit_on_error=False, description="Reading the names")

    def _ask_for_argument(self, command: Command) -> None:
        self._write(command)
        self._say(f"What shall it be? {command.usage}: {command.title}.")

    @property
    def _choices(self) -> LiveTable:
        return self.query_one("#line-choices", LiveTable)

    @property
    def _input(self) -> LineInput:
        return self.query_one("#line-text", LineInput)

    @property
    def _typed(self) -> str:
        return self._input.value

    def _said(self) -> tuple[Command | None, str]:
        """The command whose word the line begins with, and what stands behind it."""
        if self._searching:
            return None, ""
        word, argument = split(self._typed)
        return named(self._commands, word), argument.strip()

    def _write(self, command: Command) -> None:
        """Begin the line anew with a command's word; the palette becomes a command line."""
        self._searching = False
        self.query_one("#line-prompt", Static).update(":")
        self._put(f"{command.name} " if command.takes else command.name)

    def _replace_last_piece(self, offer: str) -> None:
        word, argument = split(self._typed)
        self._put(f"{word} {with_last_piece(argument, offer)}")

    def _put(self, text: str) -> None:
        with self._input.prevent(Input.Changed):
            self._input.value = text
        self._input.cursor_position = len(text)
        self._was_chosen = False
        self._show()

    def _say(self, sentence: str, sign: str = "✕") -> None:
        label = self.query_one("#line-trouble", Static)
        label.set_class(bool(sentence), "-shown")
        label.update(f"{sign} {sentence}" if sentence else "")

    def _show(self) -> None:
        command, argument = self._said()
        is_behind_it = command is not None and command.takes is not None and " " in self._typed.lstrip()
        offers = (
            narrowed(self._obeys.offers(command), last_piece(argument)) if command and is_behind_it else []
        )
        if offers:
            self._choices.set_rows(_OFFERS, [_offered(offer) for offer in offers])
        elif command is not None and is_behind_it:
            self._choices.set_rows(_COMMANDS, [_listed(command)])
        else:
            found = found_by(self._commands, self._typed, anywhere=self._searching)
            self._choices.set_rows(_COMMANDS, [_listed(each) for each in found] or [_NOTHING])
        self._choices.move_to(0)


def _listed(command: Command) -> Row:
    cells = Cell(command.usage, "accent"), Cell(command.title), Cell(command.key_label, "muted")
    return Row(command, cells)


def _offered(offer: Offer) -> Row:
    return Row(offer.text, (Cell(offer.text, "accent"), Cell(offer.about, "muted")))
