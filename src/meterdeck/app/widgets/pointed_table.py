"""A table whose cursor is another widget's: it stands on that one's row, or nowhere."""

from __future__ import annotations

from collections.abc import Hashable

from meterdeck.app.widgets.table import LiveTable


class PointedTable(LiveTable, can_focus=False):
    """Rows beside what has the keyboard; its cursor looks as if they had it themselves."""

    def __init__(self, *, classes: str | None = None) -> None:
        super().__init__(classes=classes)
        self._is_pointed = False

    @property
    def has_cursor(self) -> bool:
        """Whether a row is pointed to."""
        return self._is_pointed

    @property
    def has_keyboard(self) -> bool:
        """Whoever points has it."""
        return True

    def point_to(self, key: Hashable) -> None:
        """Show the cursor on the row of a key; where there is none, nowhere, and the first rows."""
        was_pointed, self._is_pointed = self._is_pointed, self.move_to_key(key)
        if not self._is_pointed:
            self.move_to(0)
        if self._is_pointed is not was_pointed:
            self.refresh()
