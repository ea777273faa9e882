"""A user's theme files: what they may say, and how a wrong one is named."""

from pathlib import Path

import pytest

from meterdeck.app.themes import Shelf
from meterdeck.app.themes.files import read_theme
from meterdeck.domain.errors import UsageError

WHOLE = """\
name = "midnight"
dark = false
primary = "#56a5dc"
secondary = "rgb(1,2,3)"
accent = "ansi_cyan"
boost = "#ffffff10"
luminosity_spread = 0.2
text_alpha = 1

[variables]
text-muted = "auto 60%"
block-cursor-background = "#56a5dc 50%"
block-cursor-text-style = "bold not reverse"
series-1 = "red"
"""


def written(folder: Path, content: str, name: str = "mine.toml") -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


def test_a_file_may_set_every_field_and_any_variable(tmp_path: Path) -> None:
    theme = read_theme(written(tmp_path, WHOLE))
    assert (theme.name, theme.dark, theme.accent, theme.text_alpha) == ("midnight", False, "ansi_cyan", 1.0)
    assert theme.variables["block-cursor-text-style"] == "bold not reverse"
    assert theme.to_color_system().generate()["primary"] == "#56A5DC"


def test_a_file_without_a_name_is_named_as_it_lies_there(tmp_path: Path) -> None:
    theme = read_theme(written(tmp_path, 'primary = "red"', "over-night.toml"))
    assert (theme.name, theme.dark) == ("over-night", True)


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        ('primary = "blurple"', 1, 'primary must be a colour, such as "#56a5dc"'),
        ("primary = 7", 1, "primary must be text in quotes, not a number"),
        ('primary = "auto 50%"', 1, "primary must be a colour"),
        ('primary = "red"\nprimery = "red"', 2, "a theme has no 'primery' (did you mean primary?). Known: name, dark"),
        ('primary = "red"\ndark = "yes"', 2, "dark must be true or false, not text"),
        ('primary = "red"\ntext_alpha = 7', 2, "text_alpha must be a number between 0 and 1"),
        ('primary = "red"\ntext_alpha = nan', 2, "text_alpha must be a number between 0 and 1"),
        ('primary = "red"\ntext_alpha = true', 2, "text_alpha must be a number between 0 and 1"),
        ('primary = "red"\nname = "a b"', 2, "name may hold only letters"),
        ('primary = "red"\nvariables = 3', 2, "variables must be a table"),
        ('primary = "red"\n[variables]\n"a b" = "red"', 3, "'a b' is no name of a variable"),
        ('primary = "red"\n[variables]\ntext-muted = "60%"', 3, "text-muted must be a colour"),
        ('primary = "red"\n[variables]\ntext-muted = "red 101%"', 3, 'such as "#56a5dc", "#56a5dc 50%"'),
        ('primary = "red"\n[variables]\nlink-style = "loud"', 3, "link-style must be words of bold"),
        ('primary = "red"\n\nsecondary = ', 3, "this is no TOML: invalid value"),
        ('primary = "sk-ant-admin01-invented-for-these-tests"', 1, "primary holds what looks like a key itself"),
    ],
)  # fmt: skip
def test_a_wrong_line_is_named_with_the_reason(tmp_path: Path, content: str, line: int, reason: str) -> None:
    path = written(tmp_path, content)
    with pytest.raises(UsageError) as caught:
        read_theme(path)
    assert str(caught.value).startswith(f"{path}:{line}: ")
    assert reason in str(caught.value)
    assert "invented" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("dark = true", "a theme needs a primary colour at least"),
        ('primary = "red" # ' + "x" * 70_000, "is far too long"),
    ],
)
def test_a_file_that_is_wrong_as_a_whole_is_named(tmp_path: Path, content: str, reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        read_theme(written(tmp_path, content))


def test_a_bad_file_takes_no_other_theme_away(tmp_path: Path) -> None:
    written(tmp_path, 'primary = "red"', "good.toml")
    written(tmp_path, "primary = ", "bad.toml")
    written(tmp_path, 'primary = "red"', "nord.toml")
    written(tmp_path, 'primary = "red"', "auto.toml")
    written(tmp_path, "no theme", "notes.txt")
    shelf = Shelf.of(tmp_path)
    assert shelf.files == {"good": tmp_path / "good.toml"}
    assert set(shelf.refused) == {"bad", "nord", "auto"}
    assert shelf.themes.keys() == {*Shelf().themes, "good"}
    assert "there is a theme nord already" in shelf.refused["nord"]
    assert shelf.find("nord", "x") is Shelf().themes["nord"]
    assert shelf.find("bad", "x") is None
    assert shelf.find("auto", "x") is None


def test_without_a_folder_there_are_our_themes_and_textual_s(tmp_path: Path) -> None:
    assert Shelf.of(tmp_path / "none") == Shelf()
    assert {"meterdeck-dark", "meterdeck-light", "nord", "ansi-dark"} < set(Shelf().themes)
