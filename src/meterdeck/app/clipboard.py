"""The clipboard behind a terminal: OSC 52, which works over SSH, and tmux's own buffer. Nothing confirms OSC 52."""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Mapping
from enum import Enum, auto

PATIENCE_S = 2.0
"""For tmux, which answers in some milliseconds or hangs."""
_WITHOUT = ("linux", "cons25", "vt", "ansi", "dumb")
"""How names of terminals begin that have no clipboard."""
_PIECE = 240
"""Bytes of a passed-through string: GNU screen drops strings beyond 256."""
_PASSED_ON = ("PATH", "HOME", "LANG", "LC_", "TERM", "TMUX", "TMPDIR")
"""What tmux needs of the environment: the Admin key may stand in the rest."""


class Way(Enum):
    """How a text reaches a clipboard."""

    TERMINAL = auto()
    """Written to the terminal, which takes it if it allows that."""
    TMUX = auto()
    """The same, and given to tmux."""
    NONE = auto()


def way(environment: Mapping[str, str]) -> Way:
    """How a text can reach a clipboard from here."""
    if environment.get("TMUX"):
        return Way.TMUX
    if (
        environment.get("TERM", "").startswith(_WITHOUT)
        or environment.get("TERM_PROGRAM") == "Apple_Terminal"
    ):
        return Way.NONE
    return Way.TERMINAL


def sequences(text: str, environment: Mapping[str, str]) -> list[str]:
    """What to write to the terminal; empty where it has no clipboard.

    GNU screen passes on only what is wrapped. Its TERM without its STY may also be a tmux, or a screen, at the other
    end of an SSH connection: each takes one of the two forms and drops the other.
    """
    if way(environment) is Way.NONE:
        return []
    plain = f"\x1b]52;c;{base64.b64encode(text.encode()).decode()}\a"
    if environment.get("TMUX"):
        return [plain]
    wrapped = "".join(f"\x1bP{plain[start : start + _PIECE]}\x1b\\" for start in range(0, len(plain), _PIECE))
    if environment.get("STY"):
        return [wrapped]
    return [plain, wrapped] if environment.get("TERM", "").startswith("screen") else [plain]


def give_to_tmux(text: str, environment: Mapping[str, str]) -> bool:
    """Put a text into tmux's buffer, which gives it to its terminal's clipboard (``-w``, since 3.2). Blocks."""
    known = {name: value for name, value in environment.items() if name.startswith(_PASSED_ON)}
    return any(_load(("tmux", "load-buffer", *options, "-"), text, known) for options in (("-w",), ()))


def _load(command: tuple[str, ...], text: str, environment: Mapping[str, str]) -> bool:
    try:
        ended = subprocess.run(  # noqa: S603 - no shell, and no word of it comes from outside
            command,
            input=text.encode(),
            env=dict(environment),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=PATIENCE_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return ended.returncode == 0
