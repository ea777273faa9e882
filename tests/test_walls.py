"""Imports run one way, and each library has one home: the contracts of pyproject.toml hold."""

import tomllib
from pathlib import Path

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

PROJECT = Path(__file__).parent.parent / "pyproject.toml"


def test_every_wall_between_the_layers_holds(capsys: pytest.CaptureFixture[str]) -> None:
    status = lint_imports(config_filename=str(PROJECT), no_cache=True)
    said = capsys.readouterr().out
    assert status == EXIT_STATUS_SUCCESS, said
    assert "0 broken" in said


def test_the_walls_are_those_of_the_design() -> None:
    contracts = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
    assert {contract["name"] for contract in contracts} >= {
        "Imports run one way through the layers",
        "Only the client and its wiring know httpx",
        "Only the store knows sqlite3",
        "Only the app knows Textual",
        "plotext lives in one file of present",
    }
    layers = next(contract for contract in contracts if contract["type"] == "layers")
    assert layers["exhaustive"]
    assert [layer.split(" | ") for layer in layers["layers"]] == [
        ["cli"],
        ["app", "service"],
        ["present"],
        ["queries", "sync"],
        ["store", "api"],
        ["domain"],
    ]
