"""What the app looks like: which themes there are and what charts are drawn with, as far as this terminal can show it."""

from __future__ import annotations

import os

from meterdeck.app.session import Terminal
from meterdeck.app.terminal_app import TerminalApp
from meterdeck.app.themes import AUTO, Shelf, choose, has_few_colours, series_of
from meterdeck.domain.errors import UsageError
from meterdeck.present.forms import Form


class ThemedApp(TerminalApp):
    """An app in our colours, Textual's or the user's; of a theme that is not known, in our own, and it says so."""

    def __init__(
        self, terminal: Terminal, *, theme: str, chart: Form, shelf: Shelf, keeps_old_figures: bool
    ) -> None:
        if os.environ.get("NO_COLOR") == "":  # it is not set (no-color.org); Textual would show greys
            del os.environ["NO_COLOR"]
        super().__init__(
            terminal,
            # Told now and not in on_mount: this is where Textual decides how to leave out colours under NO_COLOR.
            ansi_color=True if has_few_colours(os.environ) else None,
            keeps_old_figures=keeps_old_figures,
        )
        self._shelf = shelf
        for known in shelf.themes.values():
            self.register_theme(known)
        self.theme = choose(shelf.themes.get(theme), os.environ).name
        self.theme_trouble = None if theme in shelf.themes else shelf.refused.get(theme)
        """Why the theme that was asked for is not shown."""
        self.chart_form = Form.ASCII if self.ascii else chart
        """What charts and lines are drawn with."""

    @property
    def theme_names(self) -> tuple[str, ...]:
        """The themes that this terminal can show."""
        few = has_few_colours(os.environ)
        return (AUTO, *(name for name, theme in self._shelf.themes.items() if theme.ansi or not few))

    def set_theme(self, name: str) -> None:
        """Change the colours now; raises `UsageError`, and changes nothing, where that theme can't be shown."""
        wanted = self._shelf.find(name, "theme")
        if wanted is None and name in self._shelf.refused:
            raise UsageError(self._shelf.refused[name])
        if name not in (AUTO, *self.theme_names):
            raise UsageError(
                f"theme: {name} needs more colours than this terminal shows (TERM, COLORTERM, NO_COLOR).",
                next=f"It can show: {', '.join(self.theme_names)}.",
            )
        self.theme = choose(wanted, os.environ).name

    @property
    def chart_forms(self) -> tuple[str, ...]:
        """What charts and lines can be drawn with on this terminal."""
        return (Form.ASCII,) if self.ascii else (Form.BLOCKS, Form.BRAILLE)

    def set_chart(self, form: str) -> None:
        """Draw charts and lines with these from now on; the deck draws its own anew."""
        self.chart_form = Form(form)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """The variables that Textual does not know, for themes that have none of their own."""
        # Textual's own styles need the first two, and its themes of sixteen colours bring them along.
        of_sixteen = {"ansi-background": "ansi_default", "ansi-foreground": "ansi_default"}
        return {**of_sixteen, **series_of(self.current_theme)}

    def on_mount(self) -> None:
        """Say why the colours are not those that were asked for."""
        if self.theme_trouble is not None:
            self.notify(
                f"{self.theme_trouble} The colours are meterdeck's own.",
                severity="warning",
                timeout=60,
                markup=False,
            )
