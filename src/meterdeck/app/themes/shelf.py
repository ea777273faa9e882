"""Every theme there is: ours, Textual's, and those of the user's files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from textual.theme import BUILTIN_THEMES, Theme

from meterdeck.app.themes.choice import AUTO
from meterdeck.app.themes.files import read_theme
from meterdeck.app.themes.own import OWN
from meterdeck.config.settings import near, shown
from meterdeck.domain.errors import UsageError

MOST_FILES = 100


@dataclass(frozen=True, slots=True)
class Shelf:
    """Themes by name, and what is wrong with files that give none."""

    themes: Mapping[str, Theme] = field(
        default_factory=lambda: {theme.name: theme for theme in (*OWN, *BUILTIN_THEMES.values())}
    )
    files: Mapping[str, Path] = field(default_factory=dict)
    """Where a theme of the user's stands, by its name."""
    refused: Mapping[str, str] = field(default_factory=dict)
    """A sentence about each file that can't be used, by the name that it would have."""

    @classmethod
    def of(cls, folder: Path) -> Shelf:
        """Ours, Textual's, and a theme for each ``.toml`` of a folder; a bad file takes none of the others away."""
        themes = dict(cls().themes)
        files: dict[str, Path] = {}
        refused: dict[str, str] = {}
        for path in _files(folder):
            try:
                theme = _new(path, themes)
            except UsageError as error:
                refused[path.stem] = str(error)
            else:
                themes[theme.name], files[theme.name] = theme, path
        return cls(themes, files, refused)

    def find(self, name: str, said: str) -> Theme | None:
        """The theme of a name; None for `auto`, and for one whose file can't be used.

        Raises `UsageError` where there is none, beginning with where the name was ``said``.
        """
        if name == AUTO or name in self.refused.keys() - self.themes.keys():
            return None
        if name not in self.themes:
            raise UsageError(
                f"{said}: there is no theme {shown(name)}{near(name, self.themes)}.",
                next=f"Known: {', '.join((AUTO, *self.themes))}.",
            )
        return self.themes[name]


def _new(path: Path, known: Mapping[str, Theme]) -> Theme:
    theme = read_theme(path)
    if theme.name in known or theme.name == AUTO:
        raise UsageError(f"{path}: there is a theme {theme.name} already.", next="Give it another name.")
    return theme


def _files(folder: Path) -> Iterator[Path]:
    try:
        yield from sorted(folder.glob("*.toml"))[:MOST_FILES]
    except OSError:  # a folder that may not be looked into holds nothing for us
        return
