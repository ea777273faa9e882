"""Any input becomes a value or a `BadPayload`: no other exception, and no figure that the document does not hold."""

from __future__ import annotations

import multiprocessing
import os
import secrets
import sys
import time
from concurrent.futures import ProcessPoolExecutor

import pytest

from fuzz import campaign
from fuzz.parsers import PARSERS

INPUTS = 6_000
SOAK_INPUTS = int(os.environ.get("METERDECK_SOAK_INPUTS", "1000000"))
"""For each parser."""
SOAK_SECONDS = float(os.environ.get("METERDECK_SOAK_SECONDS", "inf"))
"""For each parser; the count that was reached is printed."""
PROCESSES = 2


@pytest.mark.parametrize("name", PARSERS)
def test_a_spoiled_answer_is_refused_or_read_exactly(name: str) -> None:
    result = campaign.run(name, number=1, inputs=INPUTS)
    assert result.findings == []
    assert result.inputs == INPUTS
    assert result.inputs * 0.05 < result.accepted, "hardly anything was accepted: the figures were not tried"


@pytest.mark.soak
@pytest.mark.parametrize("name", PARSERS)
def test_a_million_spoiled_answers_are_refused_or_read_exactly(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    begin = secrets.randbelow(10**9)
    until = time.monotonic() + SOAK_SECONDS
    shares = [SOAK_INPUTS // PROCESSES] * PROCESSES
    shares[0] += SOAK_INPUTS % PROCESSES
    with ProcessPoolExecutor(PROCESSES, mp_context=multiprocessing.get_context("spawn")) as pool:
        running = [
            pool.submit(campaign.run, name, begin + number, share, until)
            for number, share in enumerate(shares)
        ]
        results = [process.result() for process in running]
    inputs, accepted = sum(part.inputs for part in results), sum(part.accepted for part in results)
    findings = [finding for part in results for finding in part.findings]
    rate = inputs / max(part.seconds for part in results)
    with capsys.disabled():
        sys.stdout.write(
            f"\n{name}: {inputs:,} inputs ({accepted:,} accepted) at {rate:,.0f} a second, "
            f"random numbers from {begin}; {len(findings)} findings\n"
        )
    assert findings == []
    assert inputs == SOAK_INPUTS or until < float("inf")
