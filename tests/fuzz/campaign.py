"""Throws spoiled documents at one parser and collects what it does wrong."""

from __future__ import annotations

import time
from typing import NamedTuple

from fuzz import truth
from fuzz.mutator import Mutator
from fuzz.parsers import PARSERS
from meterdeck.api import BadPayload

ENOUGH_FINDINGS = 5


class Result(NamedTuple):
    """How much was thrown, and what came of it."""

    inputs: int
    accepted: int
    seconds: float
    findings: list[str]


def run(name: str, number: int, inputs: int, until: float = float("inf")) -> Result:
    """Throw so many documents, or fewer if ``until`` (of `time.monotonic`) comes first."""
    parser = PARSERS[name]
    mutator = Mutator(parser.documents(), number)
    begin = time.monotonic()
    accepted = done = 0
    findings: list[str] = []
    while done < inputs and len(findings) < ENOUGH_FINDINGS:
        body = mutator.next()
        done += 1
        try:
            value = parser.parse(body)
        except BadPayload as refused:
            str(refused).encode()  # what a user reads can be written to a terminal
            if parser.never_refuses:
                findings.append(f"{refused!r} for {body[:3000]!r}")
        except BaseException as error:  # noqa: BLE001 - that it raises anything else is what is looked for
            findings.append(f"raised {error!r:.200} for {body[:3000]!r}")
        else:
            accepted += 1
            findings += _wrong(name, value, body)
        if not done % 4096 and time.monotonic() > until:
            break
    return Result(done, accepted, time.monotonic() - begin, findings)


def _wrong(name: str, value: object, body: bytes) -> list[str]:
    if value == (None, None, None):  # an error body that says nothing may be anything
        return []
    try:
        if PARSERS[name].agrees(value, truth.read(body)):
            return []
        said = "another value"
    except (AssertionError, ValueError, KeyError, TypeError, AttributeError) as error:
        said = f"{type(error).__name__}: {error}"[:200]
    return [f"accepted, but {said}: {body[:3000]!r} became {value!r:.1500}"]
