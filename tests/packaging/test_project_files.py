"""What a newcomer, and whoever updates a dependency, must find at the top of the project."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PYPROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
PROJECT = tomllib.loads(PYPROJECT)["project"]
DEPENDENCY = re.compile(r'^\s*"(?P<name>[\w.-]+)(\[\w+\])?[^"]*",$')


def lines_of(table: str) -> list[str]:
    """The lines between ``table = [`` and the bracket that closes it."""
    lines = PYPROJECT.splitlines()
    start = lines.index(f"{table} = [") + 1
    return lines[start : lines.index("]", start)]


@pytest.mark.parametrize("name", ["README.md", "CHANGELOG.md", "LICENSE", "Makefile"])
def test_the_project_has_the_files_that_everybody_looks_for(name: str) -> None:
    assert (ROOT / name).read_text(encoding="utf-8").strip()


def test_the_changelog_says_something_about_this_version_or_the_next() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    heads = re.findall(r"^## \[?([\w.]+)", changelog, re.MULTILINE)
    assert heads
    assert heads[0] in {"Unreleased", PROJECT["version"]}


def test_the_readme_starts_with_how_to_see_it_and_how_to_test_it() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    first_block = re.search(r"^```\w*\n(.*?)^```", readme, re.MULTILINE | re.DOTALL)
    assert first_block, "the README has no code block"
    assert "make demo" in first_block[1]
    assert "make test" in first_block[1]


def test_the_readme_shows_a_picture_that_exists() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    pictures = re.findall(r"!\[[^\]]*\]\(([^)\s]+)\)|<img[^>]* src=\"([^\"]+)\"", readme)
    local = [a or b for a, b in pictures if not (a or b).startswith("https://")]
    assert local, "the README shows no picture of its own"
    assert [name for name in local if not (ROOT / name).is_file()] == []


def test_each_dependency_has_its_reason_in_the_line_above() -> None:
    lines = lines_of("dependencies")
    names = [match["name"] for line in lines if (match := DEPENDENCY.match(line))]
    assert len(names) == len(PROJECT["dependencies"])
    without = [
        line.strip()
        for above, line in zip(["", *lines], lines, strict=False)
        if DEPENDENCY.match(line) and not above.strip().startswith("# ")
    ]
    assert without == []


def test_each_development_dependency_stands_under_a_reason() -> None:
    reason, without = "", []
    for line in lines_of("dev"):
        match = DEPENDENCY.match(line)
        reason = line if line.strip().startswith("# ") else reason
        if match and match["name"] != PROJECT["name"] and not reason:
            without.append(match["name"])
    assert without == []


def test_textual_is_pinned_exactly() -> None:
    textual = [line for line in PROJECT["dependencies"] if line.startswith("textual")]
    assert len(textual) == 1
    assert re.fullmatch(r"textual==\d+\.\d+\.\d+", textual[0])


def test_no_other_dependency_is_without_an_upper_bound() -> None:
    unbound = [line for line in PROJECT["dependencies"] if "==" not in line and "<" not in line]
    assert unbound == []


def test_the_make_targets_of_the_readme_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    assert {"demo", "test", "lint", "bench", "soak"} <= targets
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    named = set(
        re.findall(r"\bmake ([a-z]+)\b", "\n".join(re.findall(r"`[^`]*`|^\s*make .*$", readme, re.MULTILINE)))
    )
    assert named <= targets
