"""A terminal that takes nothing: it is asked now and then, by one timer, and no screen is worked out for it."""

import os
from collections.abc import Callable

import pytest
from textual._compositor import Compositor
from textual.drivers.headless_driver import HeadlessDriver

from app.decks import World, opened_deck
from meterdeck.app import terminal_app


class Stalling:
    """Stands in for a terminal's driver: counts how often it was asked, and screens worked out for it."""

    def __init__(self) -> None:
        self.stalls = False
        self.asked = 0
        self.worked_out = 0

    def is_stalled(self, _: object) -> bool:
        self.asked += 1
        return self.stalls

    def counting(self, work_out: Callable[..., object]) -> Callable[..., object]:
        def counted(*arguments: object, **options: object) -> object:
            self.worked_out += 1
            return work_out(*arguments, **options)

        return counted


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Stalling:
    stalling = Stalling()
    monkeypatch.setattr(terminal_app, "TerminalDriver", HeadlessDriver)
    monkeypatch.setattr(os, "isatty", lambda _: True)
    monkeypatch.setattr(HeadlessDriver, "is_stalled", property(stalling.is_stalled), raising=False)
    monkeypatch.setattr(Compositor, "render_update", stalling.counting(Compositor.render_update))
    return stalling


async def test_no_screen_is_worked_out_for_a_terminal_that_takes_nothing(
    world: World, terminal: Stalling
) -> None:
    async with opened_deck(world) as shown:
        terminal.stalls = True
        for _ in range(3):
            shown.app.paint_at_once()
        asked = terminal.asked
        await shown.until(lambda: terminal.asked > asked + 2, "it was asked")
        worked_out, asked = terminal.worked_out, terminal.asked
        await shown.until(lambda: terminal.asked > asked + 4, "it was asked some times more")
        assert terminal.worked_out == worked_out
        terminal.stalls = False
        await shown.until(lambda: terminal.worked_out > worked_out, "the missing frames are painted")


async def test_what_is_still_to_be_painted_when_the_user_leaves_is_let_go(world: World) -> None:
    async with opened_deck(world) as shown:
        await shown.press("q")
    assert not shown.app._screen_stack
    shown.app._frames_are_missing = True
    shown.app._paint_all()
    shown.app._shows_old_figures = True
    shown.app.show_new_figures()
