"""`meterdeck keys` and `[keys]`: the registry in print, with the user's own keys, and what is refused."""

import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from cli.commands import environment, run_process
from meterdeck.app.commands import COMMANDS, Where

ROOT = Path(__file__).parents[2]


def configured(folder: Path, text: str) -> str:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("form", ["table", "markdown"])
def test_every_format_prints_every_command(tmp_path: Path, form: str) -> None:
    ended = run_process("keys", "--format", form, home=tmp_path)
    assert ended.code == 0
    missing = [c.id for c in COMMANDS if not {c.title, c.usage, c.key_label} <= {"", *cells(ended.out)}]
    assert missing == []


def cells(out: str) -> list[str]:
    """The texts of a table, whichever way they are kept apart."""
    return [cell.strip(" `") for line in out.splitlines() for cell in re.split(r" \| |\|$|^\| | {2,}", line)]


def test_the_json_tells_ids_keys_words_and_places(tmp_path: Path) -> None:
    found = {c["id"]: c for c in run_process("keys", "--format", "json", home=tmp_path).document["commands"]}
    assert list(found) == [command.id for command in COMMANDS]
    for command in COMMANDS:
        said = found[command.id]
        assert (tuple(said["keys"]), said["name"] or "", said["where"], said["does"]) == (
            command.keys,
            command.name,
            command.where.value,
            command.title,
        )
        assert not said["is_changed"]


def test_keys_of_the_configuration_are_printed_and_told_apart(tmp_path: Path) -> None:
    config = configured(tmp_path, '[keys]\n"time.longer" = "L"\ndeck.refresh = ["f5", "ctrl+r"]\n')
    ended = run_process("--config", config, "keys", "--format", "json", home=tmp_path)
    found = {c["id"]: c for c in ended.document["commands"]}
    assert (found["time.longer"]["keys"], found["time.longer"]["is_changed"]) == (["L"], True)
    assert found["deck.refresh"]["shown_as"] == "F5 ^r"
    assert {command_id for command_id, c in found.items() if c["is_changed"]} == {
        "deck.refresh",
        "time.longer",
    }
    shown = run_process("--config", config, "config", "show", home=tmp_path)
    lines = [" ".join(line.split()) for line in shown.out.splitlines()]
    assert f"key of time.longer L {config}:2" in lines
    assert f"key of deck.refresh f5 ctrl+r {config}:3" in lines


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('keys = "x"', ":1: keys must be a table: [keys]."),
        (
            '[keys]\n"time.longer" = 7',
            ':2: time.longer must be a key such as "T", or a list of keys, not a number.',
        ),
        ('[keys]\n"time.longer" = []', ":2: time.longer must be a key"),
        ('[keys]\n\n"time.longr" = "x"', ":3: there is no command 'time.longr' (did you mean time.longer?)."),
        (
            '[keys]\n"deck.refresh" = "q"',
            ":2: q can't be the key of deck.refresh: it is that of app.quit (Quit).",
        ),
        ('[keys]\n"deck.refresh" = "["', ":2: deck.refresh: '[' can't be a key"),
        ('[keys]\ntime.longer = "x"\n"time.longer" = "y"', ":3: time.longer is set twice, first at "),
        ('[keys]\n"deck.refresh" = "sk-ant-admin01-abcdefghijkl"', "holds what looks like a key itself"),
    ],
)
def test_keys_that_can_not_be_are_refused_with_their_line_whatever_is_asked(
    tmp_path: Path, text: str, reason: str
) -> None:
    config = configured(tmp_path, text)
    for command in (["keys"], ["config", "show"], ["--demo", "report", "rates", "--offline"]):
        ended = run_process("--config", config, *command, home=tmp_path)
        assert ended.code == 2
        assert reason in ended.err
        assert ended.err.startswith(f"meterdeck: {config}:")
        assert "abcdefghijkl" not in ended.err


def test_the_readme_shows_the_registry_s_keys() -> None:
    script = runpy.run_path(str(ROOT / "docs" / "write_keys.py"))
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert text.count(script["BEGIN"]) == text.count(script["END"]) == 1
    assert script["with_table"](text) == text, (
        "the keys have changed: `make keys` writes the README's table anew"
    )
    on_deck = [c for c in COMMANDS if c.where in {Where.DECK, Where.EVERYWHERE}]
    assert [c.id for c in on_deck if f"| {c.title} |" not in text] == []


def test_printing_keys_and_completions_loads_neither_screen_nor_network_nor_store(tmp_path: Path) -> None:
    script = (
        "import sys; from meterdeck.cli import main; code = main(sys.argv[1:]); "
        "heavy = {'textual', 'rich', 'httpx', 'pydantic', 'plotext', 'sqlite3'} & set(sys.modules); "
        "sys.exit(code or len(heavy))"
    )
    for arguments in (["keys"], ["completion", "bash"]):
        ended = subprocess.run(
            [sys.executable, "-c", script, *arguments],
            env=environment(tmp_path),
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert (ended.returncode, ended.stderr) == (0, "")
