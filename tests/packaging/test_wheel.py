"""The wheel, built here and unpacked elsewhere: it carries its styles and works away from the checkout."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STYLES = sorted(path.name for path in (ROOT / "styles").glob("*.tcss"))


def run(*command: str, environment: dict[str, str] | None = None) -> str:
    """What a command prints; one that fails shows all of it."""
    ended = subprocess.run(
        command,
        cwd=ROOT.parent,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built without a network: the build backend is among the development dependencies."""
    out = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT))
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel alone, installed in an empty folder."""
    target = tmp_path_factory.mktemp("installed")
    run(
        *(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
        *("--no-deps", "--no-index", "--no-compile", "--target", str(target), str(wheel)),
    )
    return target


def test_the_wheel_carries_every_style_and_the_marker_of_types(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert STYLES
    assert [f"meterdeck/styles/{name}" for name in STYLES if f"meterdeck/styles/{name}" not in names] == []
    assert "meterdeck/py.typed" in names


def test_the_wheel_carries_every_module_and_nothing_but_the_package(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    modules = {path.relative_to(ROOT / "src").as_posix() for path in (ROOT / "src").rglob("*.py")}
    assert modules <= set(names)
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"meterdeck"}


def test_the_installed_package_finds_its_own_styles(installed: Path) -> None:
    script = (
        "from meterdeck import paths; from meterdeck.app.app import STYLE_FILES;"
        "print(paths.styles_dir()); print(*[f.is_file() for f in STYLE_FILES])"
    )
    folder, found = run(sys.executable, "-c", script, environment={"PYTHONPATH": str(installed)}).splitlines()
    assert Path(folder) == installed / "meterdeck" / "styles"
    assert set(found.split()) == {"True"}


def test_the_installed_package_answers_a_report_of_the_demo(installed: Path, tmp_path: Path) -> None:
    printed = run(
        *(sys.executable, "-m", "meterdeck", "--demo", "--data-dir", str(tmp_path)),
        *("report", "rates", "--window", "24h", "--format", "csv"),
        environment={"PYTHONPATH": str(installed)},
    )
    assert printed.splitlines()[0].startswith("start,id,name,")
    assert len(printed.splitlines()) > 24


def test_the_command_is_installed_with_the_package(installed: Path) -> None:
    command = (installed / "bin" / "meterdeck").read_text(encoding="utf-8")
    assert "from meterdeck.cli import end" in command
