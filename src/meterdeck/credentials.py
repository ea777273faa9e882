"""Where the key comes from: the environment, a file, a command or the keyring; never the command line.

A key is a `Secret` from the moment it is read. No function here that can raise keeps one in a plain local
variable, so that no traceback, however thorough, can show it.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import re
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from meterdeck.domain.errors import UsageError
from meterdeck.domain.secret import Secret

if TYPE_CHECKING:  # with what waits for a command it takes as long to load as all of `meterdeck --version`
    from concurrent.futures import Future

KEY_VARIABLES = ("ANTHROPIC_ADMIN_KEY", "ANTHROPIC_ADMIN_API_KEY")
"""The name of today's docs first, then the older one (api-facts 1.2)."""
COMMAND_TIMEOUT_S = 30.0
LONGEST_KEY = 8192
_KEY_CHARACTERS = re.compile(r"[!-~]+")
_STATIC, _OAUTH, _WEB_TOKEN = "sk-ant-", "sk-ant-oat", "eyJ"
_A_KEY = re.compile(r"sk-ant-\w+-[\w-]{8,}|^eyJ[\w-]{8,}", re.IGNORECASE)
_CONFIG_SHOW = "meterdeck config show"
_RUN_IT_YOURSELF = "Run the command yourself to see why."


class KeyUnavailable(UsageError):
    """The configured place has no key for us; the message names the place and never the key."""


class Key(Secret):
    """A key that knows where it came from, whose it should be, and how to get a new one."""

    __slots__ = ("organization", "source")

    def __init__(self, value: str, source: KeySource, organization: str | None = None) -> None:
        super().__init__(value)
        self.source = source
        self.organization = organization
        """The id of the organisation that it must belong to; None until the configuration or the API has said."""

    @property
    def warning(self) -> str:
        """What is odd about this kind of key, in a sentence; empty where nothing is. Never a reason to refuse."""
        return prefix_warning(self)

    @property
    def identity(self) -> Secret:
        """What stays the same when the key is renewed, to find its organisation by."""
        passing = is_bearer(self) and not isinstance(self.source, EnvironmentKey)
        return Secret(_lasting(self.source)) if passing else self

    async def renew(self) -> Secret | None:
        """Ask for the key again, after it was refused; None where asking can't help. Raises `KeyUnavailable`."""
        if not isinstance(self.source, KeyCommand):
            return None
        return _key(await self.source.read_again(), self.source, self.organization)


@dataclass(frozen=True, slots=True)
class EnvironmentKey:
    """The first of these environment variables that holds anything."""

    variables: tuple[str, ...] = KEY_VARIABLES
    required: bool = False
    """Whether the user named the variable, so that its absence is an error."""

    @property
    def title(self) -> str:
        """Where the key lies, for a message."""
        return f"the environment variable {self.found_in(os.environ) or self.variables[0]}"

    def found_in(self, environment: Mapping[str, str]) -> str | None:
        """The variable that gives the key, or None."""
        return next((name for name in self.variables if environment.get(name, "").strip()), None)

    def read(self) -> Secret | None:
        """The variable's text; None where nobody named a variable and none is set."""
        name = self.found_in(os.environ)
        if name is not None:
            return Secret(os.environ[name])
        if self.required:
            raise KeyUnavailable(
                f"The environment variable {self.variables[0]}, which should hold the key, is not set.",
                next=f"Set it, or name another source (see {_CONFIG_SHOW}).",
            )
        return None


@dataclass(frozen=True, slots=True)
class KeyFile:
    """A file that holds the key and nothing else, and that its owner alone can read."""

    path: Path

    @property
    def title(self) -> str:
        """Where the key lies, for a message."""
        return f"the key file {self.path}"

    def read(self) -> Secret:
        """The file's text. The file that was checked is the file that is read: links are followed once."""
        try:
            # Not blocking: a named pipe would wait for a writer before it could be refused.
            descriptor = os.open(self.path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        except OSError as error:
            raise KeyUnavailable(
                f"The key file {self.path} can't be read: {error.strerror}.",
                next=f"Check key_file (see {_CONFIG_SHOW}).",
            ) from None
        try:
            _check_private(os.fstat(descriptor), self.path)
            with open(descriptor, "rb", closefd=False) as file:
                return _decoded(file.read(LONGEST_KEY + 1))
        finally:
            os.close(descriptor)


@dataclass(frozen=True, slots=True)
class KeyringEntry:
    """An entry of the system's keyring; needs the optional extra."""

    service: str
    username: str

    @property
    def title(self) -> str:
        """Where the key lies, for a message."""
        return f"the keyring's entry {self.service}/{self.username}"

    def read(self) -> Secret:
        """The entry's password."""
        try:
            keyring = importlib.import_module("keyring")
        except ImportError:
            raise KeyUnavailable(
                "The system keyring needs a package that is not installed.",
                next="Run: pip install 'meterdeck[keyring]'",
            ) from None
        try:
            found = keyring.get_password(self.service, self.username)
            secret = None if found is None else Secret(found)
            del found
        except Exception as error:  # noqa: BLE001 - each backend fails in its own way; words may hold anything
            raise KeyUnavailable(
                f"The system keyring can't be read ({type(error).__name__}).",
                next="Check it with: python -m keyring diagnose",
            ) from None
        if secret is None:
            raise KeyUnavailable(
                f"The keyring has no entry {self.service}/{self.username}.",
                next=f"Make it with: python -m keyring set {self.service} {self.username}",
            )
        return secret


@dataclass(frozen=True, slots=True)
class KeyCommand:
    """A command that prints the key, such as `pass show meterdeck`; run without a shell."""

    words: tuple[str, ...] = field(repr=False)

    @property
    def title(self) -> str:
        """Where the key lies, for a message. The program alone: its arguments can be private."""
        return f"the key command {Path(self.words[0]).name}"

    def read(self) -> Secret:
        """Run it before the screen opens: it may talk to the terminal, to ask for a passphrase or a touch."""
        run = _Run(self, alone=False)
        try:
            return run.result.result(COMMAND_TIMEOUT_S)
        except TimeoutError:
            raise self.slow() from None
        finally:
            run.stop()

    async def read_again(self) -> Secret:
        """Run it while the screen is up: out of reach of the terminal, and gone as soon as nobody waits."""
        import asyncio  # noqa: PLC0415 - half of what `--version` would load

        run = _Run(self, alone=True)
        try:
            async with asyncio.timeout(COMMAND_TIMEOUT_S):
                return await asyncio.wrap_future(run.result)
        except TimeoutError:
            raise self.slow() from None
        finally:
            run.stop()

    def slow(self) -> KeyUnavailable:
        """It took too long."""
        return KeyUnavailable(
            f"{_sentence(self.title)} gave no key within {COMMAND_TIMEOUT_S:g} s.", next=_RUN_IT_YOURSELF
        )


KeySource = EnvironmentKey | KeyFile | KeyCommand | KeyringEntry


def obtain(source: KeySource, organization: str | None = None) -> Key | None:
    """Read the key where it lies; None without a key in an environment that nobody promised to hold one.

    Raises `KeyUnavailable` with the place and the reason.
    """
    raw = source.read()
    return None if raw is None else _key(raw, source, organization)


async def obtain_again(source: KeyCommand, organization: str | None = None) -> Key:
    """The key of a command that is run while a screen is up."""
    return _key(await source.read_again(), source, organization)


def find_key(environment: Mapping[str, str]) -> Secret | None:
    """The Admin key or OAuth token of the environment, or None where there is none."""
    name = EnvironmentKey().found_in(environment)
    return None if name is None else Secret(environment[name].strip())


def is_bearer(key: Secret) -> bool:
    """Whether this is an OAuth token, sent as a bearer, and no static key (api-facts 1.1)."""
    return not key.reveal().startswith(_STATIC) or key.reveal().startswith(_OAUTH)


def is_of_unknown_form(key: Secret) -> bool:
    """Whether this begins neither as a key of Anthropic's nor as a JSON web token: anything, then, or half a key."""
    return not key.reveal().startswith((_STATIC, _WEB_TOKEN))


def looks_like_a_key(text: str) -> bool:
    """Whether a text that should be something else is a key, pasted in the wrong place."""
    return _A_KEY.search(text) is not None


def prefix_warning(key: Secret) -> str:
    """What is odd about a kind of key (api-facts 1.2); empty where nothing is."""
    if is_of_unknown_form(key):
        return (
            "The key is sent as a bearer token because it does not begin with sk-ant-. An Admin key (sk-ant-admin…) does:"
            " if it is one, it was not copied whole."
        )
    if is_bearer(key) or key.reveal().startswith("sk-ant-admin"):
        return ""
    if key.reveal().startswith("sk-ant-api01"):
        return (
            "This looks like a Claude Enterprise (Analytics) key (sk-ant-api01…), which can't read these reports. "
            "They need an Admin key (sk-ant-admin…) of a Console organisation. Trying it all the same."
        )
    return (
        "This does not look like an Admin key (sk-ant-admin…). An ordinary API key works only if it is bound to no "
        "workspace and its owner may read the reports. Trying it all the same."
    )


class _Run:
    """One run of a key command, read by a thread that nobody has to wait for."""

    def __init__(self, command: KeyCommand, *, alone: bool) -> None:
        from concurrent.futures import Future  # noqa: PLC0415 - with the logging that it brings

        self.result: Future[Secret] = Future()
        self._command = command
        self._alone = alone
        self.result.set_running_or_notify_cancel()
        errors = None if not alone and sys.stderr.isatty() else subprocess.DEVNULL
        try:
            self._process = subprocess.Popen(  # noqa: S603 - the user's own command; there is no shell
                command.words,
                stdin=subprocess.DEVNULL if alone else None,
                stdout=subprocess.PIPE,
                stderr=errors,
                start_new_session=alone,
            )
        except OSError as error:
            raise KeyUnavailable(
                f"{_sentence(command.title)} can't be run: {error.strerror}.",
                next=f"Check key_command (see {_CONFIG_SHOW}).",
            ) from None
        threading.Thread(target=self._watch, daemon=True).start()

    def stop(self) -> None:
        """End the command, if it has not ended."""
        if self._process.poll() is not None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if self._alone:
                os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.kill()

    def _watch(self) -> None:
        with self._process as process:
            content = process.stdout.read(LONGEST_KEY + 1) if process.stdout else b""
            endless = len(content) > LONGEST_KEY
            if endless:
                self.stop()
            code = process.wait()
        printed = _decoded(content)
        if code and not endless:
            ended = f"failed with exit code {code}" if code > 0 else f"was ended by signal {-code}"
            self.result.set_exception(
                KeyUnavailable(f"{_sentence(self._command.title)} {ended}.", next=_RUN_IT_YOURSELF)
            )
        else:
            self.result.set_result(printed)


def _key(raw: Secret, source: KeySource, organization: str | None) -> Key:
    """Check what was read: one word of ASCII, as a header can carry it."""
    if not raw.reveal().strip():
        raise KeyUnavailable(f"{_sentence(source.title)} is empty: there is no key in it.")
    if len(raw.reveal()) > LONGEST_KEY:
        raise KeyUnavailable(f"{_sentence(source.title)} gives far more text than a key is long.")
    if not _KEY_CHARACTERS.fullmatch(raw.reveal().strip()):
        raise KeyUnavailable(
            f"{_sentence(source.title)} gives characters that no key has, such as spaces, line breaks or accents.",
            next="It must give the key alone, in one line.",
        )
    return Key(raw.reveal().strip(), source, organization)


def _decoded(content: bytes) -> Secret:
    return Secret(content.decode("utf-8", "replace"))


def _check_private(status: os.stat_result, path: Path) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise KeyUnavailable(f"The key file {path} is no ordinary file.")
    if os.name == "posix" and status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise KeyUnavailable(
            f"The key file {path} is open to other users (mode {stat.S_IMODE(status.st_mode):04o}).",
            next=f"Close it with: chmod 600 {path}",
        )


def _lasting(source: KeySource) -> str:
    return "\0".join(source.words) if isinstance(source, KeyCommand) else source.title


def _sentence(title: str) -> str:
    return title[0].upper() + title[1:]
