"""The last screen of a start like this one, painted before anything else is loaded.

Figures of an earlier session stand on it, and its first line says how old they are. Which figures a start would show
is decided by its command line, the configuration file, the key and the terminal. A screen is kept with a seal over
all of these, and painted only where the seal is the same; so nothing has to be loaded to find out, and where anything
is different there is no screen. What can't be sealed (a key command, a keyring, a name to look up) gets none.

This module loads next to nothing, for it runs before all others.
"""

from __future__ import annotations

import os
import signal
import stat
import termios
import time
import zlib
from contextlib import suppress

from meterdeck import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path
    from types import FrameType
    from typing import Any

    from meterdeck.app.session import ShownScreen

FORMAT = f"meterdeck {__version__}, last screen 1"
FOLDER = "screens"
SMALLEST = (60, 12)
"""A window in which the first line has room for what it must say."""
LARGEST_FILE = 1024 * 1024
_LARGEST_WITNESS = 256 * 1024

_OF_THE_TERMINAL = (
    "TERM", "COLORTERM", "NO_COLOR", "FORCE_COLOR", "TEXTUAL_COLOR_SYSTEM", "COLUMNS", "LINES",
    "LC_ALL", "LC_CTYPE", "LANG", "PYTHONIOENCODING", "PYTHONUTF8",
)  # fmt: skip
_OF_THE_FOLDERS = ("HOME", "XDG_CONFIG_HOME")
_ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l"
_LEAVE = b"\x1b[?2004l\x1b[<u\x1b[?1004l\x1b[?7h\x1b[?1049l\x1b[?25h"
"""All that may have been switched on, by us or by Textual as it begins."""
_SAY_AND_END = {"--version", "--help", "-h"}
_STDIN, _STDOUT, _STDERR = 0, 1, 2

_attributes: list[Any] | None = None
"""Those of the terminal before a screen was painted; None where none stands there, or it is the app's by now."""


def paint(words: Sequence[str]) -> None:
    """Paint the last screen of this start, if there is one and it is of this terminal, as it is now."""
    global _attributes  # noqa: PLW0603 - there is one terminal, and signals have no arguments
    if _SAY_AND_END & set(words):
        return
    try:
        if not all(os.isatty(stream) for stream in (_STDIN, _STDOUT, _STDERR)):
            return
        if os.tcgetpgrp(_STDIN) != os.getpgrp():
            return  # in the background: the terminal is another's
        screen = _kept(words)
        if screen is None:
            return
        before = termios.tcgetattr(_STDIN)
        # What is typed is not shown, and waits for the app; Ctrl+Z too, for the app knows how to come back.
        quiet = [*before[:6], [*before[6]]]
        quiet[3] &= ~termios.ECHO
        quiet[6][termios.VSUSP] = b"\0"
        termios.tcsetattr(_STDIN, termios.TCSANOW, quiet)
    except (OSError, ValueError, termios.error):
        return
    _attributes = before
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, _end)
    _write(screen.encode())


def attributes() -> list[Any] | None:
    """The terminal's own attributes where a screen stands; None where none does."""
    return _attributes


def hand_over() -> None:
    """The app has the terminal now, and gives it back."""
    global _attributes  # noqa: PLW0603
    _attributes = None


def leave() -> None:
    """Give the terminal back, if a screen stands there: something else is to be said, or all is over."""
    before = _attributes
    if before is None:
        return
    hand_over()
    _write(_LEAVE)
    with suppress(termios.error):  # the line is closed
        termios.tcsetattr(_STDIN, termios.TCSANOW, before)


def keeper(
    words: Sequence[str], data_dir: Path, store: Path, witnesses: Sequence[str]
) -> Callable[[ShownScreen], None]:
    """What keeps a screen for the next start like this one. The seal is that of now: what decided has been read."""
    witnesses = (
        *(f"variable {name}" for name in (*_OF_THE_TERMINAL, *_OF_THE_FOLDERS)),
        *witnesses,
    )
    nonce = os.urandom(16)
    seal = _seal(nonce, words, witnesses)
    file = data_dir / FOLDER / _slot(words)

    def keep(shown: ShownScreen) -> None:
        from meterdeck.present.names import cut_middle
        from meterdeck.store import private

        if shown.size[0] < SMALLEST[0] or shown.size[1] < SMALLEST[1]:
            return
        head = [FORMAT, nonce.hex(), seal, str(store), str(len(witnesses)), *witnesses]
        size = f"{shown.size[0]}x{shown.size[1]}"
        organization = cut_middle(shown.organization, shown.size[0] - SMALLEST[0])
        text = "\n".join([*head, str(int(shown.as_of.timestamp())), size, organization, *shown.lines])
        with suppress(OSError):  # the next start shows nothing until it has figures of its own
            private.make_own_folder(file.parent)
            private.replace_file(file, text.encode(errors="replace"))

    return keep


def _kept(words: Sequence[str]) -> str | None:
    """What to write to the terminal; None where no screen of this start was kept, or anything is not as it was."""
    content = _content(f"{_data_dir(words)}/{FOLDER}/{_slot(words)}", LARGEST_FILE, private=True)
    if content is None:
        return None
    form, nonce, seal, store, count, *rest = content.decode().split("\n")
    if form != FORMAT or not os.path.exists(store):  # noqa: PTH110 - pathlib is not loaded yet
        return None
    witnesses, (at, size, organization, *lines) = rest[: int(count)], rest[int(count) :]
    width, height = os.get_terminal_size(_STDOUT)
    seconds = int(time.time()) - int(at)
    if size != f"{width}x{height}" or len(lines) != height or seconds < 0:
        return None
    if not all(map(_is_harmless, lines)) or not organization.isprintable():
        return None
    if _seal(bytes.fromhex(nonce), words, witnesses) != seal:
        return None
    when = time.gmtime(int(at))
    first = f" as of {time.strftime('%a', when)} {when.tm_mday} {time.strftime('%b %H:%MZ', when)}, {_age(seconds)} ago; opening…"
    if lines[0].isascii() and all(map(str.isascii, lines)):
        first = first.replace("…", "...")
    rows = [f"\x1b[0m\x1b[K{first}  {organization}", *lines[1:]]
    return _ENTER + "".join(f"\x1b[{row};1H{line}\x1b[0m" for row, line in enumerate(rows, start=1))


def _data_dir(words: Sequence[str]) -> str:
    for at, word in enumerate(words):
        if word == "--data-dir" and at + 1 < len(words):
            return words[at + 1] or "."
        if word.startswith("--data-dir="):
            return word.partition("=")[2] or "."
    from meterdeck import paths

    return str(paths.default_data_dir())


def _slot(words: Sequence[str]) -> str:
    """One of sixteen names, so that there are never more files; two starts that share one keep the later screen."""
    return f"{zlib.crc32(os.fsencode(chr(0).join(words))) % 16:x}"


def _seal(nonce: bytes, words: Sequence[str], witnesses: Sequence[str]) -> str:
    """What this start is made of, as a number that nobody can turn back into any of it."""
    import hashlib

    sealed = hashlib.blake2b(key=nonce, digest_size=32)
    for part in _parts(words, witnesses):
        sealed.update(len(part).to_bytes(8, "big"))
        sealed.update(part)
    return sealed.hexdigest()


def _parts(words: Sequence[str], witnesses: Sequence[str]) -> Iterator[bytes]:
    # A value may be a path, and a path may begin here.
    yield os.getcwdb() if any(not word.startswith("--") or "=" in word for word in words) else b""  # noqa: PTH109
    yield from (os.fsencode(word) for word in words)
    for witness in witnesses:
        yield witness.encode()
        what, _, name = witness.partition(" ")
        if what == "variable":
            yield os.fsencode(os.environ.get(name, "\0"))
        else:
            yield _content(name, _LARGEST_WITNESS) or b"\0"


def _content(path: str, largest: int, *, private: bool = False) -> bytes | None:
    """A file's content; None without one. Raises `ValueError` for what is none, too large, or not ours alone."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    try:
        status = os.fstat(file)
        if not stat.S_ISREG(status.st_mode) or status.st_size > largest:
            raise ValueError(path)
        if private and (status.st_uid != os.geteuid() or status.st_mode & 0o077):
            raise ValueError(path)
        return os.read(file, largest)
    finally:
        os.close(file)


def _is_harmless(line: str) -> bool:
    """Whether a row holds printable text and styles, and nothing else that a terminal would obey."""
    text, *styled = line.split("\x1b[")
    pieces = [piece.partition("m") for piece in styled]
    return text.isprintable() and all(
        end and rest.isprintable() and not code.strip("0123456789;") for code, end, rest in pieces
    )


def _age(seconds: int) -> str:
    for length, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"


def _write(content: bytes) -> None:
    """Write to the terminal, as far as it is there."""
    with suppress(OSError):
        while content:
            content = content[os.write(_STDERR, content) :]


def _end(number: int, _: FrameType | None) -> None:
    leave()
    os._exit(128 + number)
