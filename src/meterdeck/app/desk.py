"""What a user comes back to and takes along: saved views, the view that was left last, the folder of exports."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from meterdeck.config import views
from meterdeck.config.document import Document
from meterdeck.config.resolve import Setting
from meterdeck.config.views import View
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.errors import UsageError
from meterdeck.store import private

LAST = "last"
"""The name of the view that was left last, in a file of its own."""
_HEAD = "# Views that meterdeck saved. It writes this file anew each time: keep notes in config.toml.\n"

Labels = Mapping[tuple[Dimension, str], str]
"""Names of members by their ids, for who reads the file."""


@dataclass(frozen=True, slots=True)
class SavedViews:
    """Views by name: those of the configuration, which is never written, and those of a file of our own beside it."""

    file: Path
    configured: Mapping[str, Setting[View]] = field(default_factory=dict)

    def find(self, name: str) -> View:
        """The view of a name; raises `UsageError`, with the known names, where there is none."""
        known = self._all()
        if name not in known:
            raise UsageError(
                f"There is no view {name!r}.",
                next=f"Known: {', '.join(sorted(known))}." if known else "None was saved yet.",
            )
        return known[name]

    def place(self, name: str) -> str:
        """Where a view stands."""
        return self.configured[name].origin if name in self.configured else str(self.file)

    def names(self) -> list[str]:
        """The known names; raises `UsageError` where our own file can't be read."""
        return sorted(self._all())

    def save(self, name: str, view: View, labels: Labels, *, over: bool = False) -> None:
        """Keep a view under a name; raises `UsageError` where that can't be.

        Another view of that name is lost only if it is to be saved ``over``.
        """
        views.check_name(name)
        if name in self.configured:
            raise UsageError(
                f"The view {name} stands in the configuration, at {self.configured[name].origin}.",
                next="Take another name, or change it there.",
            )
        before = _read(self.file)
        if not over and before.get(name, view) != view:
            raise UsageError(
                f"There is another view {name} already.",
                next=f":save! {name} takes its place; or take another name.",
            )
        kept = {**before, name: view}
        tables = [views.written(kept[one], one, labels) for one in sorted(kept)]
        try:
            private.make_folder(self.file.parent)
            private.replace_file(self.file, "\n".join([_HEAD, *tables]).encode())
        except OSError as error:
            raise UsageError(
                f"The view was not saved: {self.file} can't be written: {error.strerror}."
            ) from None

    def _all(self) -> dict[str, View]:
        return _read(self.file) | {name: setting.value for name, setting in self.configured.items()}


@dataclass(frozen=True, slots=True)
class Desk:
    """What a session is opened with, whosever store it shows."""

    views: SavedViews
    export_folder: Path = Path()
    view: str | None = None
    """Open this view first."""
    resume: bool = False
    """Open the view that was left last first."""


def last_view(file: Path) -> View | None:
    """The view that was left last; None where there is none, or none that can be read."""
    with suppress(UsageError):
        return _read(file).get(LAST)
    return None


def keep_last(file: Path, view: View, labels: Labels) -> None:
    """Keep the view that is left; a disk that takes nothing keeps nobody from leaving."""
    with suppress(OSError):
        private.replace_file(file, views.written(view, LAST, labels).encode())


def _read(file: Path) -> dict[str, View]:
    document = Document.read(file, required=False)
    return {
        name: view
        for name, (view, _) in views.checked(document, document.content.get(views.SETTING, {})).items()
    }
