"""The gallery shows what its command draws: nothing is missing, nothing is too much, nothing comes from elsewhere."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
MOST_BYTES = 1_500_000


def test_the_command_draws_a_picture_of_the_real_deck(tmp_path: Path) -> None:
    drawn = subprocess.run(
        [sys.executable, str(DOCS / "make_gallery.py"), "--only", "deck-60x15", "--to", str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
        env={**os.environ, "NO_COLOR": "1"},
    )
    assert "drew deck-60x15" in drawn.stdout
    svg = (tmp_path / "gallery" / "deck-60x15.svg").read_text(encoding="utf-8")
    words = " ".join(re.sub(r"<[^>]*>", " ", svg).split())
    assert "prod-chat" in words
    assert "◆ demo" in words
    assert "@font-face" not in svg
    assert len(set(re.findall(r"fill: (#\w{6})", svg))) > 4, (
        "the colours are the picture's, not this terminal's"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["gallery"]


def test_the_gallery_shows_every_picture_that_there_is_and_all_of_it_is_small() -> None:
    page = (DOCS / "gallery.md").read_text(encoding="utf-8")
    shown = re.findall(r"!\[[^\]]+\]\(gallery/([\w-]+\.svg)\)", page)
    there = {path.name for path in (DOCS / "gallery").iterdir()}
    assert len(shown) == len(set(shown))
    assert set(shown) == there
    assert sum((DOCS / "gallery" / name).stat().st_size for name in there) < MOST_BYTES


def test_the_readme_s_picture_is_the_gallery_s() -> None:
    assert (DOCS / "deck.svg").read_bytes() == (DOCS / "gallery" / "deck-120x40.svg").read_bytes()


def test_a_figure_of_a_picture_is_as_exact_as_it_was_on_the_screen() -> None:
    svg = (DOCS / "gallery" / "day.svg").read_text(encoding="utf-8")
    assert re.search(r">\s*(<[^>]*>)?[^<]*\d\.\d{5}", svg), "the lines of a day have five decimals and more"
