"""Which theme a terminal gets, and how it is changed."""

from pathlib import Path

import pytest
from textual.color import Color

from app.decks import World, no_demo, opened_deck
from meterdeck.app.app import DeckApp
from meterdeck.app.themes import DARK, LIGHT, OWN, SIXTEEN_DARK, SIXTEEN_LIGHT, Shelf, choose
from meterdeck.app.widgets.chart import RatesChart
from meterdeck.domain.errors import UsageError

COLOURFUL = {"TERM": "xterm-256color"}


@pytest.mark.parametrize(
    ("environment", "wanted", "theme"),
    [
        (COLOURFUL, None, DARK),
        ({"TERM": "xterm", "COLORTERM": "truecolor"}, None, DARK),
        ({"TERM": "xterm"}, None, SIXTEEN_DARK),
        ({"TERM": "linux"}, None, SIXTEEN_DARK),
        ({"TERM": "xterm-16color"}, None, SIXTEEN_DARK),
        ({"TERM": "xterm-16color"}, LIGHT, SIXTEEN_LIGHT),
        ({"TERM": "tmux"}, None, SIXTEEN_DARK),
        ({"TERM": "rxvt"}, None, SIXTEEN_DARK),
        ({"TERM": "vt220"}, None, SIXTEEN_DARK),
        ({"TERM": "dumb"}, None, SIXTEEN_DARK),
        ({"TERM": "tmux-256color"}, None, DARK),
        ({"TERM": "xterm-kitty"}, None, DARK),
        ({"TERM": "vt220", "COLORTERM": "24bit"}, None, DARK),
        ({"TERM": "xterm", "TEXTUAL_COLOR_SYSTEM": "truecolor"}, None, DARK),
        ({**COLOURFUL, "COLORTERM": "truecolor", "NO_COLOR": "1"}, None, SIXTEEN_DARK),
        ({**COLOURFUL, "NO_COLOR": ""}, None, DARK),
        ({**COLOURFUL, "COLORFGBG": "0;15"}, None, LIGHT),
        ({**COLOURFUL, "COLORFGBG": "0;default;15"}, None, LIGHT),
        ({**COLOURFUL, "COLORFGBG": "15;0"}, None, DARK),
        ({**COLOURFUL, "COLORFGBG": "nonsense"}, None, DARK),
        ({"TERM": "xterm", "COLORFGBG": "0;7"}, None, SIXTEEN_LIGHT),
        ({**COLOURFUL, "COLORFGBG": "0;15"}, DARK, DARK),
        (COLOURFUL, LIGHT, LIGHT),
        ({"TERM": "xterm"}, LIGHT, SIXTEEN_LIGHT),
        ({**COLOURFUL, "NO_COLOR": "1"}, DARK, SIXTEEN_DARK),
        ({"TERM": "xterm"}, SIXTEEN_LIGHT, SIXTEEN_LIGHT),
        (COLOURFUL, SIXTEEN_DARK, SIXTEEN_DARK),
    ],
)
def test_a_terminal_gets_what_is_wanted_as_far_as_it_can_show_it(
    environment: dict[str, str], wanted: object, theme: object
) -> None:
    assert choose(wanted, environment) is theme  # type: ignore[arg-type] # both are themes


async def test_the_theme_is_changed_at_run_time_and_the_chart_with_it(world: World) -> None:
    async with opened_deck(world) as shown:
        assert shown.app.theme == DARK.name
        chart = shown.deck.query_one(RatesChart)
        for theme in (LIGHT, DARK):
            shown.app.set_theme(theme.name)
            wanted = Color.parse(theme.primary).rich_color.triplet

            def is_drawn(wanted: object = wanted) -> bool:
                colour = chart.get_component_rich_style("rateschart--bar").color
                return colour is not None and colour.triplet == wanted

            await shown.until(is_drawn, f"the chart is drawn in {theme.name}")
        shown.app.set_theme("auto")
        assert shown.app.theme == DARK.name


async def test_an_unknown_theme_is_refused_with_those_that_are_known(world: World) -> None:
    async with opened_deck(world) as shown:
        with pytest.raises(
            UsageError, match=r"no theme 'nort' \(did you mean nord\?\)\. Known: auto, meterdeck-dark"
        ):
            shown.app.set_theme("nort")
        assert shown.app.theme == DARK.name


async def test_a_terminal_of_few_colours_keeps_to_themes_that_are_made_of_them(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    async with opened_deck(world) as shown:
        assert shown.app.theme == SIXTEEN_DARK.name
        assert set(shown.app.theme_names) == {
            "auto", SIXTEEN_DARK.name, SIXTEEN_LIGHT.name, "ansi-dark", "ansi-light",
        }  # fmt: skip
        with pytest.raises(UsageError, match="needs more colours than this terminal shows"):
            shown.app.set_theme("nord")
        shown.app.set_theme(SIXTEEN_LIGHT.name)
        assert shown.app.theme == SIXTEEN_LIGHT.name


async def test_a_theme_whose_file_is_bad_loses_nothing_but_its_colours(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('primary = "blurple"', encoding="utf-8")
    app = DeckApp(None, demo=no_demo, theme="mine", shelf=Shelf.of(tmp_path))
    async with app.run_test(notifications=True) as pilot:
        await pilot.pause()
        assert app.theme == DARK.name
        (said,) = [notice.message for notice in app._notifications]
        assert said.startswith(f"{tmp_path / 'mine.toml'}:1: primary must be a colour")
        with pytest.raises(UsageError, match="primary must be a colour"):
            app.set_theme("mine")


@pytest.mark.parametrize("more", ["", "ansi = true", "dark = false"])
async def test_a_theme_of_a_file_is_worn(tmp_path: Path, more: str) -> None:
    (tmp_path / "mine.toml").write_text(f'primary = "#010203"\n{more}', encoding="utf-8")
    app = DeckApp(None, demo=no_demo, theme="mine", shelf=Shelf.of(tmp_path))
    async with app.run_test():
        assert app.theme == "mine"
        assert app.get_css_variables()["primary"] == "#010203"
        assert {theme.name for theme in OWN} < set(app.theme_names)
