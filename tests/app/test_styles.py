"""Styles speak in theme variables: a theme, sixteen colours or none change all of the screen."""

import re
from pathlib import Path

import pytest

import meterdeck.app
from app.decks import no_demo
from meterdeck.app.app import DeckApp
from meterdeck.app.themes import SERIES
from meterdeck.paths import styles_dir

STYLES = sorted(styles_dir().glob("*.tcss"))
SOURCES = sorted(Path(meterdeck.app.__path__[0]).rglob("*.py"))
DECLARATION = re.compile(r"^\s*([a-z-]+):\s*([^;{}]+);", re.MULTILINE)
COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b|\b(rgb|hsl)a?\(")


@pytest.mark.parametrize("path", STYLES, ids=[path.name for path in STYLES])
def test_a_style_file_names_no_colour_but_through_the_theme(path: Path) -> None:
    css = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    declarations = DECLARATION.findall(css)
    assert declarations
    own = [f"{name}: {value}" for name, value in declarations if not _speaks_in_variables(name, value)]
    assert own == []


def _speaks_in_variables(name: str, value: str) -> bool:
    if name.endswith(("color", "background")):
        return value.startswith("$") or value == "transparent"
    return not COLOUR.search(value)


@pytest.mark.parametrize(
    "path", [path for path in SOURCES if path.parent.name != "themes"], ids=lambda path: path.stem
)
def test_no_code_but_the_themes_names_a_colour(path: Path) -> None:
    assert COLOUR.findall(path.read_text(encoding="utf-8")) == []


def test_every_style_file_is_loaded_and_every_loaded_file_exists() -> None:
    assert sorted(DeckApp(None, demo=no_demo).css_path) == STYLES


async def test_every_theme_knows_all_variables_that_are_used() -> None:
    used = {
        name
        for path in [*STYLES, *SOURCES]
        for name in re.findall(r": \$([a-z0-9-]+);", path.read_text(encoding="utf-8"))
    }
    assert used
    app = DeckApp(None, demo=no_demo)
    async with app.run_test():
        for name in app.theme_names:
            app.set_theme(name)
            assert (used | set(SERIES)) - set(app.get_css_variables()) == set()
