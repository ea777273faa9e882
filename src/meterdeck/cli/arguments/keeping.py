"""`backfill`, `store` and `mark`: what fills the store, checks it and writes into it."""

from __future__ import annotations

import argparse

from meterdeck.cli import values
from meterdeck.cli.arguments.shared import Command, add_demo
from meterdeck.domain.history import HISTORY_DAYS, LONGEST_HISTORY_DAYS


def _add_backfill(backfill: argparse.ArgumentParser) -> None:
    backfill.add_argument(
        "--days",
        type=values.days,
        default=HISTORY_DAYS,
        metavar="N",
        help=f"UTC days before today, at most {LONGEST_HISTORY_DAYS} (default: %(default)s)",
    )
    add_demo(backfill, "read the simulated organisation")
    backfill.set_defaults(run=_run_backfill)


def _add_store(parser: argparse.ArgumentParser) -> None:
    kinds = parser.add_subparsers(title="actions", metavar="ACTION", dest="action", required=True)
    about = "print where the store lies, how large it is, what it holds and who collects"
    info = kinds.add_parser(
        "info", help=about, description=f"{about.capitalize()}. Asks nobody.", allow_abbrev=False
    )
    info.add_argument("--format", choices=("table", "json"), default="table", help="default: %(default)s")
    info.set_defaults(run=_run_store_info)
    about = "read a sample of settled hours and days of the bill again, and compare"
    verify = kinds.add_parser(
        "verify",
        help=about,
        description=f"{about.capitalize()} cell by cell. Exit code 0: all equal, 3: something differs, 1: it could "
        "not be told. The store stays as it is unless --repair is given.",
        allow_abbrev=False,
    )
    verify.add_argument(
        "--sample",
        type=values.count,
        default=5,
        metavar="N",
        help="so many hours, and as many days (default: %(default)s)",
    )
    verify.add_argument("--seed", type=int, metavar="S", help="draw the same sample again")
    verify.add_argument("--repair", action="store_true", help="store what was read again where it differs")
    verify.set_defaults(run=_run_store_verify)
    for action in (info, verify):
        add_demo(action, "the store of the simulated organisation")


def _add_mark(mark: argparse.ArgumentParser) -> None:
    mark.add_argument("name", nargs="?", metavar="NAME", help='what happened, like "T0 checkout"')
    mark.add_argument(
        "--at", metavar="TIME", help="13:05 (of today, in UTC) or 2026-11-20T13:05Z (default: now)"
    )
    mark.add_argument("--list", action="store_true", help="print all marks with their ids, oldest first")
    mark.add_argument("--remove", type=int, metavar="ID", help="take a mark away")
    add_demo(mark, "marks of the simulated organisation")
    mark.set_defaults(run=_run_mark)


def _run_backfill(arguments: argparse.Namespace) -> int:
    from meterdeck.cli.backfill import run

    return run(arguments)


def _run_store_info(arguments: argparse.Namespace) -> int:
    from meterdeck.cli.store_info import run

    return run(arguments)


def _run_store_verify(arguments: argparse.Namespace) -> int:
    from meterdeck.cli.store_verify import run

    return run(arguments)


def _run_mark(arguments: argparse.Namespace) -> int:
    from meterdeck.cli.mark import run

    return run(arguments)


COMMANDS = (
    Command(
        "backfill",
        "read more of the past into the store, and say how far it is",
        _add_backfill,
        description="Read the hours and the bill of the last days, newest first, within the backfill's half of the "
        "budget. Can be stopped at any moment and goes on where it was; a deck may run beside it. "
        "Exit code 0: all of it is read, 3: something is missing, 1: nothing was read.",
    ),
    Command(
        "store",
        "look at the local store, or hold it against the API",
        _add_store,
    ),
    Command(
        "mark",
        "mark a moment, such as the start of a launch; list or remove marks",
        _add_mark,
        description="Mark a moment, such as the start of a launch; list or remove marks. Minutes around marks are kept longer.",
    ),
)
