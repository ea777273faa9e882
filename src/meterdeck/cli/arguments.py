"""The arguments of every command. No heavy import: `--help` and `--version` answer at once."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from meterdeck import __version__
from meterdeck.domain.dimensions import SERIES_DIMENSIONS, Dimension
from meterdeck.domain.scope import Span

REPORT_BY = (*SERIES_DIMENSIONS, Dimension.TOKEN_TYPE)
COSTS_BY = (*REPORT_BY, Dimension.COST_TYPE, Dimension.DESCRIPTION)
FORMATS = ("table", "json", "csv", "markdown")
DEFAULT_BY = {"rates": Dimension.MODEL, "costs": Dimension.WORKSPACE, "breakdown": Dimension.WORKSPACE}

_EPILOG = """\
The key is read from ANTHROPIC_ADMIN_KEY (or ANTHROPIC_ADMIN_API_KEY), never from the command line.
meterdeck is unofficial and not affiliated with Anthropic.
"""


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line; exits with 2 and a usage line where it makes no sense."""
    return _parser().parse_args(argv)


def _parser() -> argparse.ArgumentParser:
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
    parser.add_argument("--base-url", metavar="URL", help="ask this server instead of api.anthropic.com")
    parser.set_defaults(run=_run_deck)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", dest="command")
    _add_report(commands)
    _add_serve(commands)
    return parser


def _add_report(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    report = commands.add_parser(
        "report", help="print what a pane shows, as a table, JSON, CSV or Markdown", allow_abbrev=False
    )
    kinds = report.add_subparsers(title="reports", metavar="REPORT", dest="report", required=True)
    for kind, about in (
        ("rates", "tokens by hour"),
        ("costs", "dollars by UTC day: billed, and estimated where the bill is not in"),
        ("breakdown", "tokens and estimated dollars of a window, ranked"),
    ):
        by = COSTS_BY if kind == "costs" else REPORT_BY
        parser = kinds.add_parser(kind, help=about, description=about, allow_abbrev=False)
        parser.add_argument(
            "--by", choices=[d.word for d in by], default=DEFAULT_BY[kind].word, help="default: %(default)s"
        )
        parser.add_argument(
            "--window",
            choices=[span.value for span in Span],
            default=Span.WEEK.value if kind == "costs" else Span.DAY.value,
            help="how far back, the running bucket included (default: %(default)s)",
        )
        _add_filters(parser)
        parser.add_argument("--format", choices=FORMATS, default="table", help="default: %(default)s")
        reading = parser.add_mutually_exclusive_group()
        reading.add_argument("--refresh", action="store_true", help="read the newest figures again now")
        reading.add_argument("--offline", action="store_true", help="use the store alone")
        parser.add_argument(
            "--wait",
            type=_seconds,
            default=30.0,
            metavar="SECONDS",
            help="how long to read at most (default: 30)",
        )
        parser.set_defaults(run=_run_report)


def _add_filters(parser: argparse.ArgumentParser) -> None:
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


def _add_serve(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    serve = commands.add_parser(
        "serve",
        help="speak the Admin API on a loopback port, for the simulated organisation",
        description="Speak the Admin API on a loopback port. Needs the extra: pip install 'meterdeck[serve]'.",
        allow_abbrev=False,
    )
    # SUPPRESS keeps a `--demo` given before the command.
    serve.add_argument(
        "--demo", action="store_true", default=argparse.SUPPRESS, help="serve the simulated organisation"
    )
    serve.add_argument("--port", type=_port, default=8787, help="0 takes a free one (default: %(default)s)")
    serve.add_argument(
        "--seed", type=int, default=1, help="another seed is another organisation (default: %(default)s)"
    )
    serve.add_argument(
        "--size", choices=("small", "normal", "large"), default="normal", help="default: %(default)s"
    )
    serve.add_argument(
        "--today",
        choices=("partial", "empty", "absent", "refused"),
        default="partial",
        help="what the bill says of today (default: %(default)s)",
    )
    serve.add_argument(
        "--shape",
        choices=("nested", "flat"),
        default="nested",
        help="how answers are worded: the official shape or an older flat one",
    )
    serve.set_defaults(run=_run_serve)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1
    if not 0 <= seconds <= 3600:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds between 0 and 3600")
    return seconds


def _port(text: str) -> int:
    if not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port between 0 and 65535")
    return int(text)


def _run_deck(arguments: argparse.Namespace) -> int:
    from meterdeck.cli.deck import run

    return run(arguments)


def _run_report(arguments: argparse.Namespace) -> int:
    from meterdeck.cli.report import run

    return run(arguments)


def _run_serve(arguments: argparse.Namespace) -> int:
    from meterdeck.cli.serve import run

    return run(arguments)
