"""Text can be read wherever it stands, and series are told apart, whatever eyes look at them."""

from itertools import combinations, pairwise

import pytest
from textual.color import Color
from textual.theme import BUILTIN_THEMES, Theme

from app.decks import Shown, World, opened_deck
from app.themes.vision import VISIONS, difference
from meterdeck.app.themes import DARK, LIGHT, OWN, SERIES, SIXTEEN_DARK, SIXTEEN_LIGHT, series_of
from meterdeck.app.themes.contrast import contrast
from meterdeck.app.widgets.chart import RatesChart
from meterdeck.app.widgets.line import StatusLine
from meterdeck.app.widgets.table import LiveTable

BACKGROUNDS = ("background", "surface", "panel", "primary-muted")
TEXT = 4.5
GRAPHICS = 3.0


def backgrounds(shown: Shown) -> dict[str, Color]:
    variables = shown.app.get_css_variables()
    return {name: Color.parse(variables[name]) for name in BACKGROUNDS}


def drawn(widget: StatusLine | LiveTable | RatesChart, name: str) -> tuple[Color, Color | None]:
    """The colour of a part of a widget as it is drawn, and the background that it brings along, if any."""
    style = widget.get_component_styles(name)
    whole = widget.get_component_rich_style(name)
    assert whole.color is not None
    own = style.background if style.has_rule("background") and style.background.a == 1 else None
    return Color.from_rich_color(whole.color), own


def test_contrast_is_that_of_the_standard() -> None:
    black, white = Color(0, 0, 0), Color(255, 255, 255)
    assert contrast(black, white) == contrast(white, black) == pytest.approx(21)
    assert contrast(white, white) == 1
    assert contrast(Color.parse("#767676"), white) == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
async def test_every_text_can_be_read_on_every_background(world: World, theme: Theme) -> None:
    async with opened_deck(world) as shown:
        shown.app.set_theme(theme.name)
        await shown.until(lambda: shown.app.theme == theme.name, "the theme is in use")
        grounds = backgrounds(shown)
        foreground = Color.parse(shown.app.get_css_variables()["foreground"])
        assert {
            name: contrast(foreground, ground) >= TEXT for name, ground in grounds.items()
        } == dict.fromkeys(BACKGROUNDS, True)
        faint = []
        for widget in (*shown.deck.query(StatusLine), *shown.deck.query(LiveTable)):
            for name in widget.COMPONENT_CLASSES:
                colour, own = drawn(widget, name)
                for ground, behind in {"its own": own}.items() if own else grounds.items():
                    if (ratio := contrast(colour, behind)) < TEXT:
                        faint.append(f"{name} on {ground}: {ratio:.2f}")
        assert faint == []


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
async def test_every_bar_and_line_of_the_chart_stands_out(world: World, theme: Theme) -> None:
    async with opened_deck(world) as shown:
        shown.app.set_theme(theme.name)
        chart = shown.deck.query_one(RatesChart)
        await shown.until(lambda: shown.app.theme == theme.name, "the theme is in use")
        ground = backgrounds(shown)["background"]
        for name in chart.COMPONENT_CLASSES - {"rateschart--grid"}:  # it is meant to stand back
            assert contrast(drawn(chart, name)[0], ground) >= GRAPHICS, name


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_series_are_told_apart_by_all_eyes(theme: Theme, vision: str) -> None:
    colours = list(series_of(theme).values())
    assert min(difference(a, b, vision) for a, b in pairwise(colours)) >= 14
    assert min(difference(a, b, vision) for a, b in combinations(colours, 2)) >= 8


def test_an_eye_that_sees_no_red_takes_some_colours_for_the_same() -> None:
    assert difference("#b26500", "#808000", "normal") > 10
    assert difference("#a5a500", "#c89000", "protanopia") < difference("#a5a500", "#c89000", "normal")


@pytest.mark.parametrize("theme", [*OWN, *BUILTIN_THEMES.values()], ids=lambda theme: theme.name)
def test_series_of_every_theme_stand_out_from_its_background(theme: Theme) -> None:
    found = series_of(theme)
    assert tuple(found) == SERIES
    assert len(set(found.values())) == len(SERIES)
    if theme.ansi:
        assert all(colour.startswith("ansi_") for colour in found.values())
    else:
        background = Color.parse(theme.to_color_system().generate()["background"])
        assert min(contrast(Color.parse(colour), background) for colour in found.values()) >= GRAPHICS


def test_a_theme_of_sixteen_colours_takes_no_other_and_mixes_none() -> None:
    for theme in (SIXTEEN_DARK, SIXTEEN_LIGHT):
        colours = [theme.primary, theme.secondary, theme.accent, theme.warning, theme.error, theme.success]
        assert all(colour is not None and colour.startswith("ansi_") for colour in colours)
        assert all(colour.startswith("ansi_") for colour in theme.variables.values())


def test_a_theme_keeps_the_series_that_it_has() -> None:
    own = Theme(name="x", primary="#fff", background="#000", variables={"series-2": "#123456"})
    assert series_of(own)["series-2"] == "#123456"
    assert series_of(own)["series-1"] == DARK.variables["series-1"].upper()


def test_a_theme_that_calls_itself_dark_on_white_has_series_all_the_same() -> None:
    found = series_of(Theme(name="x", primary="#fff", background="#ffffff", dark=True))
    assert min(contrast(Color.parse(colour), Color(255, 255, 255)) for colour in found.values()) >= GRAPHICS
