"""Homes for a faulty session, and the search for its key in all that it leaves behind."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from terminal.emulator import Terminal

KEY = "sk-ant-admin01-Recognisable-0123456789-abcdefghijklmnopqrstuvwxyz-NeverToBeSeen"
PATIENCE_S = 60
_NOT_PASSED_ON = (
    "ANTHROPIC",
    "TEXTUAL",
    "NO_COLOR",
    "COLORTERM",
    "COLUMNS",
    "LINES",
    "XDG",
    "TERM",
    "FORCE_COLOR",
)


def traces() -> list[bytes]:
    """The key as bytes: whole, its telling middle, in UTF-16, in base64 and in hexadecimal."""
    whole = KEY.encode()
    encoded = [base64.b64encode(whole[shift:])[4:-4] for shift in range(3)]
    return [whole, b"Recognisable-0123456789", KEY[15:40].encode("utf-16-le"), whole.hex().encode(), *encoded]


@dataclass
class Home:
    """A home with its data, configuration and temporary folders, and what programs in it wrote."""

    path: Path
    said: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        for name in ("tmp", "config", "data"):
            (self.path / name).mkdir(parents=True)

    @property
    def environment(self) -> dict[str, str]:
        """Everything that a session may write to lies inside the home; the key is in the environment."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(_NOT_PASSED_ON)}
        kept = {name: value for name, value in kept.items() if "proxy" not in name.lower()}
        return kept | {
            "HOME": str(self.path),
            "TMPDIR": str(self.path / "tmp"),
            "XDG_CONFIG_HOME": str(self.path / "config"),
            "XDG_STATE_HOME": str(self.path / "data"),
            "LANG": "C.UTF-8",
            "TERM": "xterm-256color",
            "ANTHROPIC_ADMIN_KEY": KEY,
        }

    def run(self, *arguments: str) -> int:
        """``meterdeck …`` as a process without a terminal; returns its exit code."""
        ended = subprocess.run(
            [sys.executable, "-m", "meterdeck", *arguments],
            env=self.environment,
            cwd=self.path,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE_S,
            check=False,
        )
        self.said += [ended.stdout, ended.stderr]
        return ended.returncode

    def open(self, *command: str) -> Terminal:
        """A program in a terminal; give what it wrote to `heard` when it ended."""
        return Terminal(command, self.environment, (100, 30))

    def heard(self, terminal: Terminal) -> None:
        """Keep what was written to the terminal, every byte, and what it shows in the end."""
        self.said += [terminal.written, terminal.text.encode()]

    def files(self) -> list[Path]:
        """Every file that is there now, the side files of SQLite included."""
        return [path for path in sorted(self.path.rglob("*")) if path.is_file()]

    def places_of_the_key(self) -> list[str]:
        """Where any trace of the key is found: outputs, contents of files, names of files."""
        held = [(f"output {number}", said) for number, said in enumerate(self.said)]
        held += [(str(path), path.read_bytes() + str(path).encode()) for path in self.files()]
        return [place for place, content in held if any(trace in content for trace in traces())]
