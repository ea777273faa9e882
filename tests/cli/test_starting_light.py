"""What answers at once must not load what it does not need."""

import subprocess
import sys
from pathlib import Path

import pytest

from cli.commands import environment, run_process
from meterdeck import __version__

LISTING = """
import sys
from meterdeck.cli import main
try:
    main(sys.argv[2:])
except SystemExit:
    pass
heavy = set(sys.argv[1].split(",")) & set(sys.modules)
print("loaded:", ",".join(sorted(heavy)))
"""


def loaded(heavy: str, *arguments: str, home: Path) -> str:
    """Which of some modules are loaded when a command has ended."""
    ended = subprocess.run(
        [sys.executable, "-c", LISTING, heavy, *arguments],
        env=environment(home),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return ended.stdout.splitlines()[-1]


@pytest.mark.parametrize(
    "arguments", [["--version"], ["--help"], ["report", "costs", "--help"]], ids=" ".join
)
def test_version_and_help_load_neither_screen_nor_network(tmp_path: Path, arguments: list[str]) -> None:
    heavy = "textual,rich,httpx,pydantic,plotext,starlette,uvicorn,sqlite3"
    assert loaded(heavy, *arguments, home=tmp_path) == "loaded: "


def test_a_report_from_the_store_loads_neither_screen_nor_chart_nor_network(
    demo_data: Path, tmp_path: Path
) -> None:
    heavy = "textual,rich,plotext,httpx,pydantic,sqlite3"
    arguments = ["--demo", "--data-dir", str(demo_data), "report", "rates", "--offline", "--format", "csv"]
    assert loaded(heavy, *arguments, home=tmp_path) == "loaded: sqlite3"


def test_the_first_frame_waits_for_neither_network_nor_chart(tmp_path: Path) -> None:
    script = (
        "import sys, meterdeck.app.app;"
        "print(sorted({'httpx', 'pydantic', 'plotext', 'starlette'} & set(sys.modules)), 'textual' in sys.modules)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script],
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert ended.stdout.strip() == "[] True"


def test_the_version_is_the_package_s(tmp_path: Path) -> None:
    ended = run_process("--version", home=tmp_path)
    assert (ended.code, ended.out) == (0, f"meterdeck {__version__}\n")


def test_the_help_names_the_commands_and_where_the_key_comes_from(tmp_path: Path) -> None:
    ended = run_process("--help", home=tmp_path)
    assert ended.code == 0
    for word in ("report", "serve", "--demo", "--data-dir", "--config", "--base-url", "ANTHROPIC_ADMIN_KEY"):
        assert word in ended.out
    assert "not affiliated with Anthropic" in ended.out
