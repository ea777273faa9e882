"""The footer: the keys that work here, from the command registry."""

from __future__ import annotations

from collections.abc import Callable

from meterdeck.app.commands import Command, Where, footer_of
from meterdeck.app.widgets.line import StatusLine
from meterdeck.present.parts import Part


class KeyFooter(StatusLine):
    """Keys and their words; those whose action is off just now (``is_live``) are left out."""

    def __init__(self, where: Where, is_live: Callable[[Command], bool] = lambda _: True) -> None:
        super().__init__(gap=2, classes="footer")
        self._where = where
        self._is_live = is_live

    def on_mount(self) -> None:
        """Show the keys."""
        self.refresh_keys()

    def refresh_keys(self, where: Where | None = None) -> None:
        """Show the keys of the commands that are live now, from now on those of ``where`` if it is given."""
        self._where = where or self._where
        commands = [command for command in footer_of(self._where) if self._is_live(command)]
        self.set_parts(
            [
                # What stands first matters most, but help and quit stay to the last.
                Part(
                    f"{command.key_label} {command.footer}",
                    "muted",
                    50 if command.id.startswith("app.") else 40 - i,
                )
                for i, command in enumerate(commands)
            ]
        )
