"""What a check says, fit to be pasted into a ticket: cleaned, short, the home folder as ~, and nothing secret."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from meterdeck.domain.errors import MeterdeckError
from meterdeck.domain.secret import Secret
from meterdeck.present.names import clean

LONGEST_TEXT = 400
_SHORTEST_SECRET = 8
# Whatever begins like a key, but for the prefixes that our own hints name; tokens; credentials in an address.
_SECRETS = re.compile(
    r"sk-ant-(?!(?:admin|api01|oat)…(?![\w*]))[\w.…*-]*|\beyJ[\w.=-]{8,}|(?<=//)[^/\s@]+(?=@)|(?<=bearer )\S+",
    re.IGNORECASE,
)


class Verdict(Enum):
    """How a check ended; the value is its word."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    SKIPPED = "skipped"


EXIT_CODES = {Verdict.OK: 0, Verdict.WARN: 1, Verdict.FAIL: 2}


@dataclass(frozen=True, slots=True)
class Check:
    """One line: what was looked at, how it is, and what to do about it."""

    name: str
    verdict: Verdict
    says: str
    hint: str = ""


def ok(name: str, says: str, hint: str = "") -> Check:
    """All is well."""
    return Check(name, Verdict.OK, says, hint)


def warn(name: str, says: str, hint: str = "") -> Check:
    """It works, and needs attention."""
    return Check(name, Verdict.WARN, says, hint)


def fail(name: str, says: str, hint: str = "") -> Check:
    """It is broken."""
    return Check(name, Verdict.FAIL, says, hint)


def skipped(name: str, why: str) -> Check:
    """It could not be looked at."""
    return Check(name, Verdict.SKIPPED, why)


def broken(name: str, error: MeterdeckError) -> Check:
    """A failure of the program's own family, in its own words."""
    return fail(name, error.what, error.next)


def overall(checks: Iterable[Check]) -> Verdict:
    """The worst of all; what was skipped counts by what it was skipped for."""
    verdicts = {check.verdict for check in checks}
    return next((worst for worst in (Verdict.FAIL, Verdict.WARN) if worst in verdicts), Verdict.OK)


def scrubbed(check: Check, secrets: Sequence[Secret]) -> Check:
    """The same check, in texts that anybody may read."""
    return Check(check.name, check.verdict, _scrub(check.says, secrets), _scrub(check.hint, secrets))


def _scrub(text: str, secrets: Sequence[Secret]) -> str:
    text = clean(text)
    for secret in secrets:
        if len(secret.reveal()) >= _SHORTEST_SECRET:
            text = text.replace(secret.reveal(), "(removed)")
    text = _SECRETS.sub("(removed)", text)
    home = str(Path.home())
    if home != "/":
        text = re.sub(rf"{re.escape(home)}(?![\w.-])", "~", text)
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"
