"""What a command is, and arguments that several have."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import NamedTuple

from meterdeck.cli import values
from meterdeck.domain.dimensions import Dimension


class Command(NamedTuple):
    """A command as the help lists it, and how its parser gets its arguments once it is asked for."""

    name: str
    help: str
    fill: Callable[[argparse.ArgumentParser], None]
    description: str = ""
    """What its own help says; the same as the list where there is nothing more to say."""


FORMATS = ("table", "json", "csv", "markdown")


def add_reading(parser: argparse.ArgumentParser) -> None:
    """How to print, and what to read before."""
    parser.add_argument("--format", choices=FORMATS, default="table", help="default: %(default)s")
    reading = parser.add_mutually_exclusive_group()
    reading.add_argument(
        "--refresh",
        action="store_true",
        help="read all of the report's time again now, what was corrected late along with it",
    )
    # SUPPRESS keeps an `--offline` given before the command.
    reading.add_argument(
        "--offline", action="store_true", default=argparse.SUPPRESS, help="use the store alone"
    )
    parser.add_argument(
        "--wait",
        type=values.seconds,
        default=30.0,
        metavar="SECONDS",
        help="how long to read at most (default: 30)",
    )
    parser.set_defaults(watch=None)


def add_demo(parser: argparse.ArgumentParser, does: str) -> None:
    """``--demo`` behind the command too; SUPPRESS keeps one that was given before it."""
    parser.add_argument("--demo", action="store_true", default=argparse.SUPPRESS, help=does)


def add_filters(parser: argparse.ArgumentParser) -> None:
    """What to narrow a report to."""
    for flag, dimension, metavar in (
        ("--workspace", Dimension.WORKSPACE, "ID_OR_NAME|default"),
        ("--model", Dimension.MODEL, "ID"),
        ("--api-key", Dimension.API_KEY, "ID|console"),
        ("--service-tier", Dimension.SERVICE_TIER, "TIER"),
        ("--context-window", Dimension.CONTEXT_WINDOW, "WINDOW"),
    ):
        parser.add_argument(
            flag,
            dest=dimension.value,
            action="append",
            default=[],
            metavar=metavar,
            help=f"only this {dimension.title}; may be repeated",
        )
