"""How a widget's terminal is to be written to."""

from __future__ import annotations

from textual.widget import Widget

from meterdeck.present.ascii import spelled
from meterdeck.present.forms import Form


def is_ascii(widget: Widget) -> bool:
    """Whether the terminal is shown nothing but ASCII; an app that knows no such thing speaks UTF-8."""
    return bool(getattr(widget.app, "ascii", False))


def said(widget: Widget, words: str) -> str:
    """Words of our own as a widget's terminal can show them."""
    return spelled(words) if is_ascii(widget) else words


def form_of(widget: Widget) -> Form:
    """What charts and lines are drawn with; an app that knows no such thing draws blocks."""
    form = getattr(widget.app, "chart_form", Form.BLOCKS)
    return Form.ASCII if is_ascii(widget) else Form(form)
