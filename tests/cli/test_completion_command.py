"""`meterdeck completion`: scripts that shells can read, with every command and option in them."""

import argparse
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.commands import run_process
from meterdeck.cli import arguments

SHELLS = ("bash", "zsh", "fish")


def words(parser: argparse.ArgumentParser) -> Iterator[str]:
    """Every long option and every command, at any depth."""
    for action in parser._actions:
        if action.help != argparse.SUPPRESS:
            yield from (option for option in action.option_strings if option.startswith("--"))
        if isinstance(action, argparse._SubParsersAction):
            yield from action.choices
            for one in action.choices.values():
                yield from words(one)


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_holds_every_command_and_every_option(shell: str, tmp_path: Path) -> None:
    ended = run_process("completion", shell, home=tmp_path)
    assert ended.code == 0
    known = set(words(arguments.whole()))
    assert {"report", "keys", "completion", "--format", "--data-dir"} <= known
    assert [word for word in sorted(known) if word.removeprefix("--") not in ended.out] == []


@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_that_is_here_can_read_its_script(shell: str, tmp_path: Path) -> None:
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"no {shell} on this machine")
    script = tmp_path / "script"
    script.write_text(run_process("completion", shell, home=tmp_path).out, encoding="utf-8")
    subprocess.run([program, "-n", str(script)], check=True, timeout=60)


def test_bash_completes_a_command_an_option_and_its_values(tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text(run_process("completion", "bash", home=tmp_path).out, encoding="utf-8")

    def completed(*line: str) -> list[str]:
        typed = " ".join(f"'{word}'" for word in line)
        asking = (
            f"source {script}; COMP_WORDS=({typed}); COMP_CWORD={len(line) - 1}; "
            "$(complete -p meterdeck | sed 's/.*-F \\([^ ]*\\).*/\\1/') meterdeck; printf '%s\\n' \"${COMPREPLY[@]}\""
        )
        bash = subprocess.run(["bash", "-c", asking], capture_output=True, text=True, check=True, timeout=60)
        return bash.stdout.split()

    assert completed("meterdeck", "ke") == ["keys"]
    assert completed("meterdeck", "report", "ra") == ["rates"]
    assert completed("meterdeck", "keys", "--form") == ["--format"]
    assert completed("meterdeck", "keys", "--format", "mark") == ["markdown"]


def test_another_shell_is_refused(tmp_path: Path) -> None:
    ended = run_process("completion", "tcsh", home=tmp_path)
    assert ended.code == 2
    assert "bash" in ended.err
