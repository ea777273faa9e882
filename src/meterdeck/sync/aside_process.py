"""What runs in the process of `aside`: calls come in, results go out, until the other end is closed."""

from __future__ import annotations

import gc
import os
import pickle
import sys
from contextlib import suppress

POLITENESS = 10
"""The screen comes first, on a machine of one or two processors too."""


def main() -> None:
    """Answer calls until there are no more."""
    calls, results = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # a stray print must not stand between two results
    # Everything here is freed as soon as nothing points to it; a collector would walk all rows of a page in vain.
    gc.disable()
    os.nice(POLITENESS)
    with suppress(EOFError, BrokenPipeError):
        while True:
            function, arguments = pickle.load(calls)  # noqa: S301 - written by the process that started this one
            try:
                answer = (True, function(*arguments))
            except Exception as error:  # noqa: BLE001 - raised again where the call was made
                answer = (False, error)
            results.write(pickle.dumps(answer, pickle.HIGHEST_PROTOCOL))
            results.flush()
            del function, arguments, answer


if __name__ == "__main__":
    main()
