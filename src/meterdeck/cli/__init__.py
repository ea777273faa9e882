"""The command line: argparse first, everything heavy after the command is known."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from meterdeck.cli.arguments import parse
from meterdeck.domain.errors import MeterdeckError, UsageError
from meterdeck.present.names import clean

OK, NO_ANSWER, USAGE_ERROR = 0, 1, 2
INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code: 0 done, 1 no answer, 2 asked wrongly, 3 incomplete."""
    arguments = parse(argv)
    try:
        code: int = arguments.run(arguments)
        sys.stdout.flush()
    except UsageError as error:
        print(f"meterdeck: {clean(str(error))}", file=sys.stderr)
        return USAGE_ERROR
    except MeterdeckError as error:
        print(f"meterdeck: {clean(str(error))}", file=sys.stderr)
        return NO_ANSWER
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output went away (`| head`); nothing is wrong, and nothing more can be said.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    return code
