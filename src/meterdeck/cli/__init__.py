"""The command line: argparse first, everything heavy after the command is known."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:  # even these would be felt before the last screen is painted
    from collections.abc import Sequence
    from typing import NoReturn

    from meterdeck.domain.errors import MeterdeckError

OK, NO_ANSWER, USAGE_ERROR = 0, 1, 2
INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code: 0 done, 1 no answer, 2 asked wrongly, 3 incomplete."""
    import os

    from meterdeck.cli.arguments import parse
    from meterdeck.domain.errors import MeterdeckError, UsageError

    words = sys.argv[1:] if argv is None else argv
    try:
        _check_for_keys(words)
        arguments = parse(words)
        arguments.words = words
        code: int = arguments.run(arguments)
        sys.stdout.flush()
    except UsageError as error:
        return _say(error, USAGE_ERROR)
    except MeterdeckError as error:
        return _say(error, NO_ANSWER)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output went away (`| head`); nothing is wrong, and nothing more can be said.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    return code


def end() -> NoReturn:
    """Run the command line and end the process with its exit code: what `meterdeck` starts."""
    from meterdeck.cli import last_screen

    try:
        last_screen.paint(sys.argv[1:])
        code = main()
    except KeyboardInterrupt:  # in the middle of an import
        code = INTERRUPTED
    finally:
        last_screen.leave()

    from meterdeck.cli import ending

    ending.leave(code)


def _say(error: MeterdeckError, code: int) -> int:
    from meterdeck.cli import last_screen
    from meterdeck.present.names import clean

    last_screen.leave()
    print(f"meterdeck: {clean(str(error))}", file=sys.stderr)
    return code


def _check_for_keys(words: Sequence[str]) -> None:
    """Before anything else reads them: what makes no sense is repeated in the words of the refusal."""
    from meterdeck.credentials import KEY_VARIABLES, looks_like_a_key
    from meterdeck.domain.errors import UsageError

    if any(looks_like_a_key(part) for word in words for part in (word, word.partition("=")[2])):
        raise UsageError(
            "A key has no place on the command line: other programs can read it there, and the shell keeps it.",
            next=f"Set {KEY_VARIABLES[0]}, or say in the configuration where the key lies (meterdeck config init).",
        )
