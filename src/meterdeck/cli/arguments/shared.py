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
        help="read all of the report's time and all names again now, what was corrected late along with it",
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
    for dimension, metavar, more in (
        (
            Dimension.WORKSPACE,
            "ID_OR_NAME|default",
            " (null: the default one, even where another is called so)",
        ),
        (Dimension.MODEL, "ID_OR_NAME", ""),
        (
            Dimension.API_KEY,
            "ID_OR_NAME|console",
            " (null: the Console's use, even where a key is called so)",
        ),
        (Dimension.SERVICE_TIER, "TIER", ""),
        (Dimension.CONTEXT_WINDOW, "WINDOW", ""),
    ):
        does = f"only this {dimension.title}; may be repeated{more}"
        add_filter(parser, dimension, dimension.word, metavar, does)


def add_filter(
    parser: argparse.ArgumentParser, dimension: Dimension, name: str, metavar: str, does: str
) -> None:
    """A flag of the dimension's name, and the others that it has, which help does not repeat."""
    for one in (name, *(other for other in dimension.names if other != name)):
        parser.add_argument(
            f"--{one.replace('_', '-')}",
            dest=dimension.value,
            action="append",
            default=[],
            metavar=metavar,
            help=does if one == name else argparse.SUPPRESS,
        )
