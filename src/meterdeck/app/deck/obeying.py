"""What the command line says: opening it, what its arguments could be, and doing it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol, cast

from meterdeck.app.commands import Argument, Command, Where, registry_of
from meterdeck.app.deck.taking import Taking
from meterdeck.app.line import arguments
from meterdeck.app.line.words import Offer
from meterdeck.app.screens.line import CommandLine, Run
from meterdeck.app.widgets.panes import Pane
from meterdeck.domain import panning
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.errors import UsageError
from meterdeck.domain.scope import Since, Span
from meterdeck.present.breakdown import STEPS
from meterdeck.present.costs import STEPS as COST_STEPS
from meterdeck.present.members import labels

_MEMBERS = {
    Argument.WORKSPACE: Dimension.WORKSPACE,
    Argument.MODEL: Dimension.MODEL,
    Argument.API_KEY: Dimension.API_KEY,
}


class Host(Protocol):
    """The app, as far as the command line changes it."""

    @property
    def theme_names(self) -> tuple[str, ...]:
        """The themes that this terminal can show."""

    def set_theme(self, name: str) -> None:
        """Change the colours now; raises `UsageError`."""

    @property
    def chart_forms(self) -> tuple[str, ...]:
        """What charts and lines can be drawn with on this terminal."""

    def set_chart(self, form: str) -> None:
        """Draw charts and lines with these from now on."""

    @property
    def profile_names(self) -> tuple[str, ...]:
        """The profiles of the configuration."""

    def open_profile(self, name: str) -> None:
        """Show another profile's organisation; raises `UsageError` where that can't be."""


class Obeying(Taking):
    """Does what is typed behind ``:``. A method that is given a text raises `UsageError` for what can't be."""

    def is_live(self, command: Command) -> bool:
        """Whether a command does anything here and now."""
        raise NotImplementedError

    def action_open_line(self) -> None:
        """Ask for a command by its name."""
        self._open_line(searching=False)

    def action_find_command(self) -> None:
        """Ask for a command by any of its words."""
        self._open_line(searching=True)

    def offers(self, command: Command) -> tuple[Offer, ...]:
        """What is known that a command could take."""
        argument = command.takes.argument if command.takes else None
        if argument in _MEMBERS:
            return self._members(_MEMBERS[argument])
        makers: dict[Argument, Callable[[], tuple[str, ...]]] = {
            Argument.DIMENSION: lambda: tuple(each.word for each in self._dimensions()),
            Argument.SPAN: lambda: tuple(span.value for span in Span),
            Argument.PANE: self._pane_names,
            Argument.THEME: lambda: self._host.theme_names,
            Argument.CHART: lambda: self._host.chart_forms,
            Argument.PROFILE: lambda: self._host.profile_names,
            Argument.VIEW: lambda: self.view_names,
            Argument.VIEW_NAME: lambda: self.view_names,
        }
        return tuple(Offer(word) for word in makers[argument]()) if argument in makers else ()

    def obey(self, command: Command, text: str) -> None:
        """Do a command with an argument; raises `UsageError` where it can't be."""
        if command.takes is None:
            raise UsageError(f":{command.name} takes nothing behind it.")
        do: Callable[[str], None] = getattr(self, command.takes.method)
        do(text)

    async def obey_by_newer_names(self, command: Command, text: str) -> None:
        """Do a command whose argument is a name that nobody on show has: among all that the store knows, then newer ones.

        Raises `UsageError` where it is still nobody's, and `StoreError`.
        """
        dimension = _MEMBERS[command.takes.argument] if command.takes else Dimension.WORKSPACE
        found = await self.by_newer_names(
            lambda: arguments.members(dimension, text, self._reader.everybody(dimension))
        )
        self.replace_scope(self.scope.filtered(dimension, found))

    async def do(self, command: Command) -> None:
        """Do a command as its key does."""
        await self.run_action(command.action)

    def keep_workspaces(self, text: str) -> None:
        """Show these workspaces alone."""
        self._keep(Dimension.WORKSPACE, text)

    def keep_models(self, text: str) -> None:
        """Show these models alone."""
        self._keep(Dimension.MODEL, text)

    def keep_keys(self, text: str) -> None:
        """Show these API keys alone."""
        self._keep(Dimension.API_KEY, text)

    def split_by(self, text: str) -> None:
        """Break down by a dimension: the pane with the keyboard, or the one that can."""
        chosen = arguments.dimension(text, self._dimensions())
        if chosen in COST_STEPS and (self.costs.has_focus_within or chosen not in (*STEPS, *self.askable)):
            self.split_costs_by(chosen)
        else:
            self.break_down_by(chosen)

    def look_back(self, text: str) -> None:
        """Look at the newest time of a length."""
        self.replace_scope(replace(self.scope, span=arguments.span(text), at=None))

    def look_since(self, text: str) -> None:
        """Look at the time from a moment until now."""
        start = arguments.moment(text, self._clock(), self._zone)
        self.replace_scope(replace(self.scope, at=Since(start)))

    def look_at(self, text: str) -> None:
        """Look at an hour or a day."""
        self.replace_scope(panning.narrowed(self.scope, arguments.bucket(text, self._clock(), self._zone)))

    def go_to_pane(self, text: str) -> None:
        """Give the keyboard to a pane."""
        self.action_focus_pane(arguments.word(text.casefold(), self._pane_names(), "pane"))

    def change_theme(self, text: str) -> None:
        """Change the colours."""
        self._host.set_theme(arguments.word(text, self._host.theme_names, "theme"))

    def change_chart(self, text: str) -> None:
        """Draw charts and lines of blocks, or of braille dots."""
        forms = self._host.chart_forms
        if len(forms) == 1 and text.strip() not in forms:
            raise UsageError("This terminal shows ASCII alone, and so do charts and lines here.")
        self._host.set_chart(arguments.word(text, forms, "chart"))
        if self._deck is not None:
            for pane in self.query(Pane):
                pane.show(self._deck)

    def change_profile(self, text: str) -> None:
        """Show another profile's organisation."""
        if not self._host.profile_names:
            raise UsageError(
                "The configuration has no profiles.", next="meterdeck config init shows how to add some."
            )
        self._host.open_profile(arguments.word(text, self._host.profile_names, "profile"))

    def _keep(self, dimension: Dimension, text: str) -> None:
        known = self._deck.choices[dimension] if self._deck is not None else ()
        self.replace_scope(self.scope.filtered(dimension, arguments.members(dimension, text, known)))

    def _members(self, dimension: Dimension) -> tuple[Offer, ...]:
        known = self._deck.choices[dimension] if self._deck is not None else ()
        named = labels(dimension, known)
        everything = Offer(arguments.ALL, "no filter")
        return (*(Offer(shown, member.id or "") for member, shown in named.items()), everything)

    def _dimensions(self) -> tuple[Dimension, ...]:
        """What can be split by, the dimensions of the pane with the keyboard first."""
        usage = (*STEPS, *self.askable)
        mine, others = (COST_STEPS, usage) if self.costs.has_focus_within else (usage, COST_STEPS)
        return (*mine, *(each for each in others if each not in mine))

    def _pane_names(self) -> tuple[str, ...]:
        return tuple(pane.id for pane in self.query(Pane) if pane.id)

    @property
    def _host(self) -> Host:
        return cast("Host", self.app)

    def _open_line(self, *, searching: bool) -> None:
        reachable = registry_of(self.app).reachable(Where.DECK)
        known = tuple(command for command in reachable if command.name and self.is_live(command))

        async def chosen(run: Run | None) -> None:
            if run is not None:
                await run()

        self.app.push_screen(CommandLine(known, self, searching=searching), chosen)
