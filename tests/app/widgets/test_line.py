from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from textual.app import App, ComposeResult
from textual.geometry import Region

from meterdeck.app.widgets.line import StatusLine
from meterdeck.present.names import cell_width
from meterdeck.present.parts import Part, place

WHOLE = Region()

LEFT = (
    Part("Acme ▸ all workspaces ▸ all models", "accent", priority=5, shrink_to=12),
    Part("Sat 21 Nov", "muted", priority=1),
)
RIGHT = (
    Part("data 3 min", priority=4),
    Part("next 0:41", "muted", priority=2),
    Part("● live", "down", priority=9),
)


class RecordingLine(StatusLine):
    def __init__(self) -> None:
        super().__init__()
        self.refreshed: list[Region] = []

    def refresh(self, *regions: Region, **options: Any) -> "RecordingLine":
        self.refreshed.extend(regions or [WHOLE])
        return super().refresh(*regions, **options)


class Host(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.line = RecordingLine()

    def compose(self) -> ComposeResult:
        yield self.line


def shown(width: int) -> list[str]:
    return [placed.text for placed in place(LEFT, RIGHT, width, gap=2)]


def test_the_least_important_parts_go_first_and_names_shrink_before_anything_is_cut() -> None:
    assert shown(80) == [
        "Acme ▸ all workspaces ▸ all models",
        "Sat 21 Nov",
        "data 3 min",
        "next 0:41",
        "● live",
    ]
    assert shown(60) == ["Acme ▸ all …odels", "Sat 21 Nov", "data 3 min", "next 0:41", "● live"]
    assert shown(45) == ["Acme ▸ al…dels", "data 3 min", "next 0:41", "● live"]
    assert shown(20) == ["Acme ▸ a…els", "● live"]
    assert shown(6) == ["● live"]
    assert shown(5) == []


PARTS = st.lists(
    st.builds(Part, st.text("abc日"), priority=st.integers(0, 3), shrink_to=st.none() | st.integers(1, 4)),
    max_size=5,
)


@given(PARTS, PARTS, st.integers(0, 60))
def test_parts_never_overlap_nor_pass_the_edge_and_are_whole_unless_they_may_shrink(
    left: list[Part], right: list[Part], width: int
) -> None:
    x = 0
    whole = {part.text for part in [*left, *right]}
    for placed in place(left, right, width, gap=2):
        assert placed.x >= x
        assert placed.text in whole or "…" in placed.text
        x = placed.x + cell_width(placed.text)
        assert x <= width


async def test_left_parts_start_at_the_left_and_right_parts_end_at_the_right() -> None:
    app = Host()
    async with app.run_test(size=(80, 3)):
        app.line.set_parts([Part("left")], [Part("a"), Part("right")])
        text = app.line.render_line(0).text
        assert text.startswith(" left  ")
        assert text.endswith("  a  right ")
        assert len(text) == 80


async def test_only_parts_that_changed_are_repainted() -> None:
    app = Host()
    async with app.run_test(size=(80, 3)) as pilot:
        app.line.set_parts(LEFT, RIGHT)
        await pilot.pause()
        app.line.refreshed.clear()
        app.line.set_parts(LEFT, RIGHT)
        assert app.line.refreshed == []
        app.line.set_parts(LEFT, (RIGHT[0], Part("next 0:40", "muted", priority=2), RIGHT[2]))
        assert set(app.line.refreshed) == {Region(80 - 1 - 6 - 2 - 9, 0, 9, 1)}
        assert app.line.text.endswith("next 0:40  ● live")


async def test_it_follows_the_width() -> None:
    app = Host()
    async with app.run_test(size=(80, 3)) as pilot:
        app.line.set_parts(LEFT, RIGHT)
        await pilot.resize_terminal(24, 3)
        await pilot.pause()
        assert app.line.text == " Acme ▸ al…dels  ● live"
