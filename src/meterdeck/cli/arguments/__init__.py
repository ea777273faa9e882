"""The arguments of every command. No heavy import: `--help` and `--version` answer at once."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from meterdeck import __version__
from meterdeck.cli import values
from meterdeck.cli.arguments import keeping, queries, reports, setting_up

COMMANDS = (*reports.COMMANDS, *queries.COMMANDS, *keeping.COMMANDS, *setting_up.COMMANDS)

_EPILOG = """\
The key is read from ANTHROPIC_ADMIN_KEY (or ANTHROPIC_ADMIN_API_KEY), or from where the configuration says
(meterdeck config init), never from the command line.
meterdeck is unofficial and not affiliated with Anthropic.
"""


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line; exits with 2 and a usage line where it makes no sense."""
    words = sys.argv[1:] if argv is None else argv
    return _parser(words).parse_args(words)


def whole() -> argparse.ArgumentParser:
    """The parser with everything that it knows."""
    return _parser([command.name for command in COMMANDS])


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="meterdeck",
        description="A terminal monitor for what an organisation spends on the Claude API.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"meterdeck {__version__}")
    parser.add_argument(
        "--demo", action="store_true", help="use the embedded, simulated organisation: no key, no network"
    )
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="where the stores lie")
    parser.add_argument("--config", type=Path, metavar="FILE", help="the configuration file (TOML)")
    parser.add_argument("--profile", metavar="NAME", help="use this profile of the configuration file")
    parser.add_argument("--base-url", metavar="URL", help="ask this server instead of api.anthropic.com")
    parser.add_argument(
        "--org",
        metavar="ID_OR_NAME",
        help="the organisation: opens its store, and takes no answer of another one",
    )
    parser.add_argument(
        "--poll",
        type=values.poll_seconds,
        metavar="SECONDS",
        help="how often the deck asks for the newest minutes (default: 75), within the budget of all sessions",
    )
    parser.add_argument(
        "--theme", metavar="NAME", help="the deck's colours: auto, or what meterdeck themes lists"
    )
    parser.add_argument("--offline", action="store_true", help="show what the store has, and ask nobody")
    parser.add_argument(
        "--mouse", action="store_true", help="let the deck have the mouse; the terminal's own selection goes"
    )
    parser.add_argument(
        "--ascii",
        action=argparse.BooleanOptionalAction,
        help="draw the deck in ASCII (default: where the locale does not say UTF-8)",
    )
    opening = parser.add_mutually_exclusive_group()
    opening.add_argument("--view", metavar="NAME", help="open the deck with a saved view")
    opening.add_argument(
        "--resume", action="store_true", help="open the deck with what it showed when it was last left"
    )
    parser.set_defaults(run=_run_deck)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", dest="command")
    for command in COMMANDS:
        about = command.description or f"{command.help[0].upper()}{command.help[1:]}."
        one = commands.add_parser(command.name, help=command.help, description=about, allow_abbrev=False)
        if (
            command.name in words
        ):  # the arguments of all would take as long as the shorter commands themselves
            command.fill(one)
    return parser


def _run_deck(arguments: argparse.Namespace) -> int:
    from meterdeck.cli.deck import run

    return run(arguments)
