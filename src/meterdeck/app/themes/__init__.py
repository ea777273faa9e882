"""Which colours the screen has. Everything else speaks in theme variables."""

from meterdeck.app.themes.choice import AUTO, choose, has_few_colours
from meterdeck.app.themes.own import DARK, LIGHT, OWN, SIXTEEN_DARK, SIXTEEN_LIGHT
from meterdeck.app.themes.series import SERIES, series_of
from meterdeck.app.themes.shelf import Shelf

__all__ = [
    "AUTO",
    "DARK",
    "LIGHT",
    "OWN",
    "SERIES",
    "SIXTEEN_DARK",
    "SIXTEEN_LIGHT",
    "Shelf",
    "choose",
    "has_few_colours",
    "series_of",
]
