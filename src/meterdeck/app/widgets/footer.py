"""The footer: the keys that work here, from the command registry."""

from __future__ import annotations

from collections.abc import Callable

from meterdeck.app.commands import Command, Where, registry_of
from meterdeck.app.widgets.line import StatusLine
from meterdeck.present.parts import Part


class KeyFooter(StatusLine):
    """Keys and their words; those whose action is off just now (``is_live``) are left out."""

    def __init__(self, where: Where, is_live: Callable[[Command], bool] = lambda _: True) -> None:
        super().__init__(gap=2, classes="footer")
        self.where = where
        self.is_live = is_live

    def on_mount(self) -> None:
        """Show the keys."""
        self.refresh_keys()

    def refresh_keys(self, where: Where | None = None) -> None:
        """Show the keys of the commands that are live now, from now on those of ``where`` if it is given.

        What stands first matters most, but for what stays.
        """
        self.where = where or self.where
        commands = [c for c in registry_of(self.app).footer_of(self.where) if self.is_live(c)]
        self.set_parts(
            [
                Part(f"{command.key_label} {command.footer}", "muted", 90 if command.stays else 80 - i)
                for i, command in enumerate(commands)
            ]
        )
