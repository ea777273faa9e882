"""Draw the gallery and the README's picture: the real deck over the simulated organisation (`make gallery`).

The states come about as they do in the tests, whose helpers stage them. ``--only NAME`` draws one picture, ``--to``
another folder.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests"))

from app.decks import Clock, Server, Shown, World  # noqa: E402 - found a line above
from app.states import STATES, opened_without_a_key  # noqa: E402
from meterdeck.cli.connect import DEMO_BUDGETS  # noqa: E402
from meterdeck.service.simulated.options import Options  # noqa: E402

# A Wednesday in the middle of a launch, an hour after a key began to run away.
MOMENT = datetime(2026, 11, 18, 19, 48, tzinfo=UTC)
PLAIN = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
NOT_OURS = ("NO_COLOR", "COLORFGBG", "COLORTERM", "TEXTUAL_COLOR_SYSTEM")
README_SHOWS = "deck-120x40"
FIRST_LINE = "# What it looks like"


@dataclass(frozen=True)
class Picture:
    """One screen: in which state, in which terminal, after which keys."""

    name: str
    caption: str
    size: tuple[int, int] = (80, 24)
    state: str | None = "demo"
    """One of the tests' states; None is the screen without a key."""
    keys: tuple[str, ...] = ()
    shows: str = ""
    """What is on the screen when it is complete."""
    theme: str = "auto"
    environment: Mapping[str, str] = field(default_factory=lambda: PLAIN)


SIXTEEN = {"TERM": "xterm"}
CHAPTERS: Mapping[str, Sequence[Picture]] = {
    "The deck at every size": (
        Picture("deck-120x40", "120×40", (120, 40)),
        Picture("deck-80x24", "80×24: all three questions without scrolling"),
        Picture("deck-60x15", "60×15: one pane at a time", (60, 15)),
        Picture("deck-200x50", "200×50", (200, 50)),
    ),
    "Themes and terminals": (
        Picture("light", "`--theme meterdeck-light`", theme="meterdeck-light"),
        Picture("nord", "`--theme nord`, one of Textual's", theme="nord"),
        Picture("sixteen-colours", "A terminal of sixteen colours", environment=SIXTEEN),
        Picture("no-colour", "`NO_COLOR`: no colour at all", environment={**PLAIN, "NO_COLOR": "1"}),
    ),
    "Screens over the deck": (
        Picture("day", "Enter on a day of Costs: its bill, line by line", keys=("3", "j", "enter"), shows="back"),
        Picture("picker", "`w`: workspaces", keys=("w",), shows="apply"),
        Picture("help", "`?`: every key and every sign", keys=("question_mark",), shows="close"),
    ),
    "States": (
        Picture("state-live", "Live: figures come as planned", state="live"),
        Picture("state-loading", "Loading: nothing was read yet", state="loading"),
        Picture("state-partial", "Partial: hours of the window are still being read", state="partial"),
        Picture("state-empty", "No usage: all was read, and holds none", state="empty"),
        Picture("state-stale", "Stale: no answer for more than five minutes", state="stale"),
        Picture("state-failed", "Failed: the last good figures stay, with their age", state="failed"),
        Picture("state-rate-limited", "Rate-limited: nobody may ask for now", state="rate-limited"),
        Picture("state-offline", "Offline: there is no network", state="offline"),
        Picture("state-paused", "Paused by `p`: this session asks nothing", state="paused"),
        Picture("state-following", "Following: another session collects", state="following"),
        Picture("state-no-key", "No key", state=None),
    ),
}  # fmt: skip


@contextmanager
def terminal(environment: Mapping[str, str]) -> Iterator[None]:
    """Let this process believe to be in another terminal."""
    before = {name: os.environ.pop(name) for name in (*NOT_OURS, "TERM") if name in os.environ}
    os.environ.update(environment)
    try:
        yield
    finally:
        for name in (*NOT_OURS, "TERM"):
            os.environ.pop(name, None)
        os.environ.update(before)


def world_at(path: Path) -> World:
    """The organisation of the demo at the moment of the pictures."""
    clock = Clock(MOMENT)
    return World(path, clock, Server(clock, Options()), DEMO_BUDGETS)


@asynccontextmanager
async def opened(picture: Picture, filled: Path, folder: Path) -> AsyncIterator[Shown]:
    """The app as it is to be drawn."""
    if picture.state is None:
        async with opened_without_a_key(picture.size) as shown:
            yield shown
        return
    staged = STATES[picture.state]
    world = world_at(folder / f"{picture.name}.db")
    if staged.needs_usage:
        shutil.copy(filled, world.store)
    async with staged.opened(world, picture.size) as shown:
        shown.app.set_theme(picture.theme)
        await shown.press(*picture.keys)
        await shown.until_shown(picture.shows)
        yield shown


async def draw(picture: Picture, filled: Path, folder: Path) -> str:
    """The picture as SVG."""
    with terminal(picture.environment):
        async with opened(picture, filled, folder) as shown:
            return small(shown.app.export_screenshot(title=f"meterdeck: {picture.caption.replace('`', '')}"))


def small(svg: str) -> str:
    """Without fonts from elsewhere (the reader's own will do), and without what a picture by itself has no use for."""
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    svg = svg.replace("Fira Code", "ui-monospace, Menlo, Consolas")
    svg = re.sub(r"terminal-\d+-", "", svg)
    svg = re.sub(r'<clipPath id="line-\d+">.*?</clipPath>', "", svg, flags=re.DOTALL)
    svg = re.sub(r' clip-path="url\(#line-\d+\)"', "", svg).replace("&#160;", "\u00a0")
    svg = re.sub(r"(?<==\")\d+\.\d{3,}(?=\")", lambda number: f"{float(number[0]):.1f}", svg)
    return re.sub(r"\n\s+", "\n", svg)


def page() -> str:
    """The gallery as Markdown."""
    lines = [
        FIRST_LINE,
        "",
        "Drawn by `make gallery` from the real app, at a fixed moment of the simulated organisation.",
        "",
    ]
    for chapter, pictures in CHAPTERS.items():
        lines += [f"## {chapter}", ""]
        for picture in pictures:
            said = picture.caption.replace("`", "")
            lines += [f"{picture.caption}:", "", f"![{said}](gallery/{picture.name}.svg)", ""]
    return "\n".join(lines)


async def main(to: Path, only: str | None) -> None:
    """Draw, and write."""
    pictures = [
        picture for chapter in CHAPTERS.values() for picture in chapter if only in {None, picture.name}
    ]
    (to / "gallery").mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        filled = folder / "filled.db"
        await world_at(filled).fill()
        for picture in pictures:
            svg = await draw(picture, filled, folder)
            (to / "gallery" / f"{picture.name}.svg").write_text(svg, encoding="utf-8")
            if picture.name == README_SHOWS:
                (to / "deck.svg").write_text(svg, encoding="utf-8")
            print(f"drew {picture.name}, {len(svg.encode()) // 1024} kB")
    if only is None:
        (to / "gallery.md").write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, default=HERE, metavar="FOLDER")
    parser.add_argument("--only", metavar="NAME")
    given = parser.parse_args()
    asyncio.run(main(given.to, given.only))
