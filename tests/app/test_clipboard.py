"""What is written to a terminal to copy, by what stands between: nothing, tmux, GNU screen, a console without one."""

import base64
import os
import re
import stat
from pathlib import Path

import pytest

from meterdeck.app.clipboard import Way, give_to_tmux, sequences, way

LINE = "prod-chat (wrkspc_1): 61,204,332 tok/h −3%, ~$231.04/h " + "x" * 400
PLAIN = f"\x1b]52;c;{base64.b64encode(LINE.encode()).decode()}\a"


def unwrapped(written: str) -> str:
    """What GNU screen passes on of device control strings; it drops one that is longer than 256 bytes."""
    pieces = re.findall("\x1bP(.*?)\x1b\\\\", written, flags=re.DOTALL)
    assert "".join(f"\x1bP{piece}\x1b\\" for piece in pieces) == written
    return "".join(piece for piece in pieces if len(piece) < 256)


def test_a_terminal_gets_the_text_as_osc_52_through_ssh_too() -> None:
    assert sequences(LINE, {"TERM": "xterm-256color", "SSH_TTY": "/dev/pts/1"}) == [PLAIN]


def test_tmux_gets_it_plain_and_gnu_screen_wrapped_in_pieces_that_it_passes_on() -> None:
    assert sequences(LINE, {"TERM": "tmux-256color", "TMUX": "tmux-0/default,1,0"}) == [PLAIN]
    (wrapped,) = sequences(LINE, {"TERM": "screen", "STY": "12.pts-0"})
    assert unwrapped(wrapped) == PLAIN


def test_where_only_the_name_of_screen_came_over_ssh_both_forms_are_written() -> None:
    plain, wrapped = sequences(LINE, {"TERM": "screen-256color"})
    assert plain == PLAIN
    assert unwrapped(wrapped) == PLAIN


@pytest.mark.parametrize(
    "environment", [{"TERM": "linux"}, {"TERM": "vt220"}, {"TERM": "xterm", "TERM_PROGRAM": "Apple_Terminal"}]
)
def test_a_terminal_without_a_clipboard_gets_nothing(environment: dict[str, str]) -> None:
    assert sequences(LINE, environment) == []
    assert way(environment) is Way.NONE


def fake_tmux(folder: Path, script: str) -> dict[str, str]:
    """An environment whose tmux is a script."""
    tmux = folder / "tmux"
    tmux.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    tmux.chmod(stat.S_IRWXU)
    return {"PATH": f"{folder}:{os.environ['PATH']}", "TMUX": "x", "ANTHROPIC_ADMIN_KEY": "sk-ant-admin01-x"}


def test_tmux_is_given_the_text_and_its_arguments_but_never_the_key(tmp_path: Path) -> None:
    environment = fake_tmux(
        tmp_path, f'echo "$@" > {tmp_path}/words; cat > {tmp_path}/text; env > {tmp_path}/env'
    )
    assert give_to_tmux(LINE, environment)
    assert (tmp_path / "words").read_text(encoding="utf-8") == "load-buffer -w -\n"
    assert (tmp_path / "text").read_text(encoding="utf-8") == LINE
    assert "sk-ant" not in (tmp_path / "env").read_text(encoding="utf-8")


def test_a_tmux_that_does_not_know_w_takes_it_into_its_buffer_alone(tmp_path: Path) -> None:
    environment = fake_tmux(tmp_path, f'[ "$2" = -w ] && exit 1; cat > {tmp_path}/text')
    assert give_to_tmux(LINE, environment)
    assert (tmp_path / "text").read_text(encoding="utf-8") == LINE


def test_a_tmux_that_fails_or_is_not_there_is_told(tmp_path: Path) -> None:
    assert not give_to_tmux(LINE, fake_tmux(tmp_path, "exit 1"))
    assert not give_to_tmux(LINE, {"PATH": str(tmp_path / "nothing"), "TMUX": "x"})


def test_a_tmux_that_hangs_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("meterdeck.app.clipboard.PATIENCE_S", 0.05)
    assert not give_to_tmux(LINE, fake_tmux(tmp_path, "exec sleep 600"))
