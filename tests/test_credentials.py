"""Where a key can lie, who may read it there, and that nothing which goes wrong ever shows it."""

from __future__ import annotations

import importlib
import os
import stat
import subprocess
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from answers import ADMIN_KEY
from meterdeck import credentials
from meterdeck.credentials import (
    KEY_VARIABLES,
    LONGEST_KEY,
    EnvironmentKey,
    Key,
    KeyCommand,
    KeyFile,
    KeyringEntry,
    KeySource,
    KeyUnavailable,
    find_key,
    looks_like_a_key,
    obtain,
)
from meterdeck.domain.errors import UsageError
from meterdeck.domain.secret import Secret

PRIVATE = 0o600


@pytest.fixture(autouse=True)
def no_key_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in KEY_VARIABLES:
        monkeypatch.delenv(variable, raising=False)


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "key"
    path.write_text(f"  {ADMIN_KEY}\n", encoding="utf-8")
    path.chmod(PRIVATE)
    return path


def python(code: str) -> KeyCommand:
    """A key command that runs a line of Python."""
    return KeyCommand((sys.executable, "-c", code))


def got(source: KeySource) -> str:
    key = obtain(source)
    assert key is not None
    return key.reveal()


def refusal(source: KeySource, *, hides: str = ADMIN_KEY) -> str:
    """What the user is told; the key is in no part of the error, with all its locals."""
    with pytest.raises(KeyUnavailable) as caught:
        obtain(source)
    error = caught.value
    # Our own frames, and not this test's: it holds the key to look for.
    error.__traceback__ = error.__traceback__.tb_next if error.__traceback__ else None
    shown = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    assert hides not in shown + str(error) + repr(error) + repr(vars(error))
    assert str(error).isprintable()
    return str(error)


def test_the_newer_variable_is_read_before_the_older_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_ADMIN_API_KEY", "old")
    assert got(EnvironmentKey()) == "old"
    monkeypatch.setenv("ANTHROPIC_ADMIN_KEY", f" {ADMIN_KEY}\n")
    assert got(EnvironmentKey()) == ADMIN_KEY
    assert find_key({"ANTHROPIC_ADMIN_KEY": " ", "ANTHROPIC_ADMIN_API_KEY": "old "}) == Secret("old")


def test_no_key_in_the_environment_is_no_error_unless_its_variable_was_named() -> None:
    assert obtain(EnvironmentKey()) is None
    assert find_key({}) is None
    assert "ACME_KEY, which should hold the key, is not set" in refusal(
        EnvironmentKey(("ACME_KEY",), required=True)
    )


def test_a_private_file_is_read_and_white_space_around_the_key_does_not_matter(key_file: Path) -> None:
    assert got(KeyFile(key_file)) == ADMIN_KEY


def test_a_link_to_a_private_file_is_followed(key_file: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(key_file)
    assert got(KeyFile(link)) == ADMIN_KEY


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o620, 0o610, 0o666, 0o777])
def test_a_file_that_is_open_to_others_is_refused_with_the_command_that_closes_it(
    key_file: Path, mode: int
) -> None:
    key_file.chmod(mode)
    said = refusal(KeyFile(key_file))
    assert f"open to other users (mode {mode:04o})" in said
    assert f"chmod 600 {key_file}" in said


def test_a_link_does_not_hide_that_its_file_is_open_to_others(key_file: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(key_file)
    key_file.chmod(0o644)
    assert "open to other users" in refusal(KeyFile(link))


def test_a_file_that_is_not_there_or_is_no_file_is_refused_at_once(tmp_path: Path) -> None:
    assert "No such file" in refusal(KeyFile(tmp_path / "nothing"))
    tmp_path.chmod(0o700)
    assert "no ordinary file" in refusal(KeyFile(tmp_path))
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe, PRIVATE)
    assert "no ordinary file" in refusal(KeyFile(pipe))


@pytest.mark.parametrize("content", ["", "\n", " \t\r\n"])
def test_an_empty_file_is_refused(key_file: Path, content: str) -> None:
    key_file.write_text(content, encoding="utf-8")
    assert "there is no key in it" in refusal(KeyFile(key_file))


@pytest.mark.parametrize(
    "content",
    [
        f"{ADMIN_KEY}\nsecond line",
        f"{ADMIN_KEY} {ADMIN_KEY}",
        f"{ADMIN_KEY}\x00",
        f"{ADMIN_KEY}\x1b[31m",
        f"ANTHROPIC_ADMIN_KEY = {ADMIN_KEY}",
        f"{ADMIN_KEY}é",
        f"\u200b{ADMIN_KEY}",
        f"{ADMIN_KEY}\x7f",
    ],
)
def test_what_no_header_can_carry_is_refused_wherever_it_lies(
    key_file: Path, content: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    key_file.write_text(content, encoding="utf-8")
    assert "characters that no key has" in refusal(KeyFile(key_file))
    printed = python(f"import sys; sys.stdout.buffer.write({content.encode()!r})")
    assert "characters that no key has" in refusal(printed)
    if "\x00" not in content:
        monkeypatch.setenv("ANTHROPIC_ADMIN_KEY", content)
        assert "characters that no key has" in refusal(EnvironmentKey())


def test_bytes_that_are_no_text_and_texts_without_end_are_refused(key_file: Path) -> None:
    key_file.write_bytes(ADMIN_KEY.encode("utf-16"))
    assert "characters that no key has" in refusal(KeyFile(key_file))
    key_file.write_text("x" * (LONGEST_KEY + 1), encoding="utf-8")
    assert "more text than a key is long" in refusal(KeyFile(key_file))
    endless = python("import sys\nwhile True: sys.stdout.write('x' * 4096)")
    assert "more text than a key is long" in refusal(endless)


def test_a_command_gives_what_it_prints() -> None:
    assert got(python(f"print({ADMIN_KEY!r})")) == ADMIN_KEY


def test_no_shell_sees_the_command(tmp_path: Path) -> None:
    touched = tmp_path / "touched"
    command = KeyCommand(
        (sys.executable, "-c", "import sys; print(sys.argv[1])", f"a;touch${{IFS}}{touched}")
    )
    assert got(command) == f"a;touch${{IFS}}{touched}"
    assert not touched.exists()


def test_a_failed_command_is_told_by_its_exit_code_and_nothing_it_printed(
    capfd: pytest.CaptureFixture[str],
) -> None:
    said = refusal(
        python(f"import sys; print({ADMIN_KEY!r}); print({ADMIN_KEY!r}, file=sys.stderr); sys.exit(3)")
    )
    assert "failed with exit code 3" in said
    assert "Run the command yourself" in said
    assert ADMIN_KEY not in said
    assert ADMIN_KEY not in "".join(capfd.readouterr())


def test_a_command_that_is_killed_prints_nothing_or_does_not_exist_is_refused(tmp_path: Path) -> None:
    assert "was ended by signal 9" in refusal(python("import os; os.kill(os.getpid(), 9)"))
    assert "there is no key in it" in refusal(python("pass"))
    assert "can't be run: No such file" in refusal(KeyCommand((str(tmp_path / "nothing"),)))
    assert "can't be run: Permission denied" in refusal(KeyCommand((str(tmp_path),)))


def test_a_command_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[bytes]] = []
    real = subprocess.Popen

    def popen(*args: object, **options: object) -> subprocess.Popen[bytes]:
        started.append(real(*args, **options))  # type: ignore[call-overload]
        return started[-1]

    monkeypatch.setattr(credentials, "COMMAND_TIMEOUT_S", 0.05)
    monkeypatch.setattr(subprocess, "Popen", popen)
    said = refusal(python("input()" if sys.stdin.isatty() else "import signal; signal.pause()"))
    assert "gave no key within 0.05 s" in said
    assert started[0].wait() == -9


def test_an_error_names_the_program_and_not_its_arguments() -> None:
    command = KeyCommand((sys.executable, "-c", "import sys; sys.exit(1)", "--token=private"))
    assert "private" not in f"{command.title} {command!r}"
    assert "exit code 1" in refusal(command, hides="private")


class _Backend(ModuleType):
    """Stands in for the keyring package, which is optional."""

    def __init__(self, answer: Callable[[str, str], str | None]) -> None:
        super().__init__("keyring")
        self.get_password = answer


def test_the_keyring_gives_an_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = {("meterdeck", "acme"): ADMIN_KEY}
    monkeypatch.setitem(sys.modules, "keyring", _Backend(lambda service, user: entries.get((service, user))))
    assert got(KeyringEntry("meterdeck", "acme")) == ADMIN_KEY
    assert "python -m keyring set meterdeck beta" in refusal(KeyringEntry("meterdeck", "beta"))


def test_a_keyring_that_fails_is_told_by_the_kind_of_failure_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(service: str, user: str) -> str:
        raise PermissionError(f"locked; {ADMIN_KEY}")

    monkeypatch.setitem(sys.modules, "keyring", _Backend(fail))
    assert "can't be read (PermissionError)" in refusal(KeyringEntry("meterdeck", "acme"))


def test_without_the_keyring_package_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(ImportError):
        importlib.import_module("keyring")
    assert "pip install 'meterdeck[keyring]'" in refusal(KeyringEntry("meterdeck", "acme"))


@pytest.mark.parametrize(
    ("key", "warned_of"),
    [
        (ADMIN_KEY, ""),
        ("sk-ant-admin-of-older-pages", ""),
        ("eyJhbGciOi.token", ""),
        ("some-other-token", "is sent as a bearer token because it does not begin with sk-ant-"),
        ("sk-ant-oat01-an-oauth-token", ""),
        ("sk-ant-api01-analytics", "Enterprise"),
        ("sk-ant-api03-ordinary", "not look like an Admin key"),
        ("sk-ant-something-new", "not look like an Admin key"),
    ],
)
def test_an_unusual_key_is_warned_of_and_not_refused(
    key: str, warned_of: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_ADMIN_KEY", key)
    held = obtain(EnvironmentKey())
    assert held is not None
    assert held.reveal() == key
    assert bool(held.warning) == bool(warned_of)
    assert warned_of in held.warning
    assert key not in held.warning


def test_a_key_is_known_by_what_lasts_longer_than_a_token() -> None:
    command, elsewhere = KeyCommand(("pass", "acme")), KeyCommand(("pass", "beta"))
    assert Key("token-1", command).identity == Key("token-2", command).identity
    assert Key("token-1", command).identity != Key("token-1", elsewhere).identity
    assert Key(ADMIN_KEY, command).identity == Key(ADMIN_KEY, EnvironmentKey()).identity == Secret(ADMIN_KEY)
    assert Key("token-1", EnvironmentKey()).identity != Key("token-2", EnvironmentKey()).identity


def test_a_key_is_shown_nowhere_with_all_that_it_knows() -> None:
    key = Key(ADMIN_KEY, EnvironmentKey(), "org")
    assert ADMIN_KEY not in f"{key} {key!r} {key.identity!r} {[key]} {key.source}"


def test_every_refusal_is_an_error_of_usage() -> None:
    assert issubclass(KeyUnavailable, UsageError)


def test_what_is_a_key_is_told_from_what_names_one() -> None:
    assert looks_like_a_key(ADMIN_KEY)
    assert looks_like_a_key(f"echo {ADMIN_KEY}")
    assert looks_like_a_key("eyJhbGciOiJSUzI1NiJ9.e30")
    for name in ("~/.secrets/sk-ant-admin", "pass anthropic/admin", "eye.txt", "https://api.anthropic.com"):
        assert not looks_like_a_key(name)


def test_a_key_file_made_by_hand_with_an_ordinary_umask_is_caught(tmp_path: Path) -> None:
    path = tmp_path / "key"
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY, 0o644)
    os.close(descriptor)
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        assert "open to other users" in refusal(KeyFile(path))
