"""The arguments of every command. No heavy import: `--help` and `--version` answer at once."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from meterdeck import __version__
from meterdeck.cli import values
from meterdeck.domain.dimensions import ON_DEMAND_DIMENSIONS, SERIES_DIMENSIONS, Dimension
from meterdeck.domain.history import HISTORY_DAYS, LONGEST_HISTORY_DAYS
from meterdeck.domain.scope import Span

REPORT_BY = (*SERIES_DIMENSIONS, Dimension.TOKEN_TYPE)
BREAKDOWN_BY = (*REPORT_BY, *ON_DEMAND_DIMENSIONS)
COSTS_BY = (*REPORT_BY, Dimension.COST_TYPE, Dimension.DESCRIPTION)
FORMATS = ("table", "json", "csv", "markdown")
QUERY_FORMATS = ("jsonl", "csv")
USAGE_FILTERS = (
    (Dimension.WORKSPACE, "ID"),
    (Dimension.MODEL, "ID"),
    (Dimension.API_KEY, "ID"),
    (Dimension.SERVICE_TIER, "TIER"),
    (Dimension.CONTEXT_WINDOW, "WINDOW"),
    (Dimension.INFERENCE_GEO, "GEO"),
    (Dimension.SPEED, "SPEED"),
    (Dimension.ACCOUNT, "ID"),
    (Dimension.SERVICE_ACCOUNT, "ID"),
)
"""The dimensions that the usage report can be grouped and filtered by (api-facts 2.1)."""
COST_GROUPS = (Dimension.WORKSPACE, Dimension.DESCRIPTION)
DEFAULT_BY = {
    "rates": Dimension.MODEL,
    "minutes": Dimension.MODEL,
    "costs": Dimension.WORKSPACE,
    "breakdown": Dimension.WORKSPACE,
}

_EPILOG = """\
The key is read from ANTHROPIC_ADMIN_KEY (or ANTHROPIC_ADMIN_API_KEY), or from where the configuration says
(meterdeck config init), never from the command line.
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
    parser.add_argument("--offline", action="store_true", help="show what the store has, and ask nobody")
    parser.set_defaults(run=_run_deck)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", dest="command")
    _add_report(commands)
    _add_query(commands)
    _add_prices(commands)
    _add_backfill(commands)
    _add_store(commands)
    _add_mark(commands)
    _add_serve(commands)
    _add_config(commands)
    _add_doctor(commands)
    return parser


def _add_doctor(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    doctor = commands.add_parser(
        "doctor",
        help="check key, server, reports, clock, terminal and store; say what is wrong",
        description="Check what has to work, with at most six requests, and say what to do about what does not. "
        "Exit code 0: all is well, 1: something needs attention, 2: something is broken. "
        "Nothing secret is printed.",
        allow_abbrev=False,
    )
    doctor.add_argument("--json", action="store_true", help="print one JSON document, fit for a ticket")
    _add_demo(doctor, "check with the simulated organisation")
    doctor.set_defaults(run=_run_doctor)


def _add_config(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    about = "write, show or find the configuration file"
    parser = commands.add_parser(
        "config", help=about, description=about.capitalize() + ".", allow_abbrev=False
    )
    kinds = parser.add_subparsers(title="actions", metavar="ACTION", dest="action", required=True)
    for action, does in (
        ("init", "write a file with every setting explained; never over another"),
        ("show", "print every setting and where its value comes from; never the key"),
        ("path", "print where the file lies, or would lie"),
    ):
        kinds.add_parser(action, help=does, description=does.capitalize() + ".", allow_abbrev=False)
    parser.set_defaults(run=_run_config)


def _add_report(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    report = commands.add_parser(
        "report", help="print what a pane shows, as a table, JSON, CSV or Markdown", allow_abbrev=False
    )
    kinds = report.add_subparsers(title="reports", metavar="REPORT", dest="report", required=True)
    for kind, about in (
        ("rates", "tokens by hour"),
        ("costs", "dollars by UTC day: billed, and estimated where the bill is not in"),
        ("breakdown", "tokens and estimated dollars of a window, ranked"),
        ("minutes", "tokens by minute of one hour; minutes that are not kept are read from the API"),
    ):
        by = {"costs": COSTS_BY, "breakdown": BREAKDOWN_BY}.get(kind, REPORT_BY)
        parser = kinds.add_parser(kind, help=about, description=about, allow_abbrev=False)
        parser.add_argument(
            "--by", choices=[d.word for d in by], default=DEFAULT_BY[kind].word, help="default: %(default)s"
        )
        if kind == "minutes":
            parser.set_defaults(window=Span.DAY.value)
            parser.add_argument(
                "--hour",
                type=values.hour,
                required=True,
                metavar="HOUR",
                help="its start in UTC: 2026-11-17T14:00Z",
            )
        else:
            parser.add_argument(
                "--window",
                choices=[span.value for span in Span],
                default=Span.WEEK.value if kind == "costs" else Span.DAY.value,
                help="how far back, the running bucket included (default: %(default)s)",
            )
        _add_filters(parser)
        if kind == "costs":
            _add_lines(parser)
        _add_reading(parser)
        parser.set_defaults(run=_run_minutes if kind == "minutes" else _run_report)
    about = "how today and the month will end, and when each budget will be gone: all of it estimated"
    forecast = kinds.add_parser("forecast", help=about, description=about, allow_abbrev=False)
    _add_filters(forecast)
    _add_reading(forecast)
    # No question of its own: it has one window and no breakdown.
    forecast.set_defaults(run=_run_forecast, by=Dimension.WORKSPACE.word, window=Span.CALENDAR_MONTH.value)


def _add_reading(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--format", choices=FORMATS, default="table", help="default: %(default)s")
    reading = parser.add_mutually_exclusive_group()
    reading.add_argument("--refresh", action="store_true", help="read the newest figures again now")
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


def _add_prices(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    about = "show every price in use and where it comes from, or hold estimates against the bill"
    prices = commands.add_parser(
        "prices", help=about, description=about.capitalize() + ".", allow_abbrev=False
    )
    prices.add_argument(
        "--backtest",
        action="store_true",
        help="yesterday and the last 7 settled days, each estimated without its own bill, against that bill",
    )
    _add_reading(prices)
    prices.set_defaults(run=_run_prices, report="prices")


def _add_backfill(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    backfill = commands.add_parser(
        "backfill",
        help="read more of the past into the store, and say how far it is",
        description="Read the hours and the bill of the last days, newest first, within the backfill's half of the "
        "budget. Can be stopped at any moment and goes on where it was; a deck may run beside it. "
        "Exit code 0: all of it is read, 3: something is missing, 1: nothing was read.",
        allow_abbrev=False,
    )
    backfill.add_argument(
        "--days",
        type=values.days,
        default=HISTORY_DAYS,
        metavar="N",
        help=f"UTC days before today, at most {LONGEST_HISTORY_DAYS} (default: %(default)s)",
    )
    _add_demo(backfill, "read the simulated organisation")
    backfill.set_defaults(run=_run_backfill)


def _add_store(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    about = "look at the local store, or hold it against the API"
    parser = commands.add_parser(
        "store", help=about, description=about.capitalize() + ".", allow_abbrev=False
    )
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
        _add_demo(action, "the store of the simulated organisation")


def _add_mark(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    about = "mark a moment, such as the start of a launch; list or remove marks"
    mark = commands.add_parser(
        "mark",
        help=about,
        description=f"{about.capitalize()}. Minutes around marks are kept longer.",
        allow_abbrev=False,
    )
    mark.add_argument("name", nargs="?", metavar="NAME", help='what happened, like "T0 checkout"')
    mark.add_argument(
        "--at", metavar="TIME", help="13:05 (of today, in UTC) or 2026-11-20T13:05Z (default: now)"
    )
    mark.add_argument("--list", action="store_true", help="print all marks with their ids, oldest first")
    mark.add_argument("--remove", type=int, metavar="ID", help="take a mark away")
    _add_demo(mark, "marks of the simulated organisation")
    mark.set_defaults(run=_run_mark)


def _add_demo(parser: argparse.ArgumentParser, does: str) -> None:
    """``--demo`` behind the command too; SUPPRESS keeps one that was given before it."""
    parser.add_argument("--demo", action="store_true", default=argparse.SUPPRESS, help=does)


def _add_lines(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--lines",
        action="store_true",
        help="every line of one day's bill, exact; --by and --window say nothing then",
    )
    parser.add_argument("--day", type=values.day, metavar="DATE", help="the UTC day of --lines: 2026-11-17")


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


def _add_query(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    query = commands.add_parser(
        "query",
        help="ask one of the two reports anything it can answer, as JSON lines or CSV",
        description="Ask a report directly, with any of its parameters. All pages are read; nothing is stored.",
        allow_abbrev=False,
    )
    kinds = query.add_subparsers(title="reports", metavar="REPORT", dest="report", required=True)
    about = "tokens by minute, hour or UTC day"
    usage = kinds.add_parser("usage", help=about, description=f"Print {about}.", allow_abbrev=False)
    _add_query_times(usage, end="the end of the running bucket")
    usage.add_argument("--width", choices=("1m", "1h", "1d"), default="1d", help="default: %(default)s")
    _add_group_by(usage, tuple(dimension for dimension, _ in USAGE_FILTERS), "at most five times")
    for dimension, metavar in USAGE_FILTERS:
        usage.add_argument(
            f"--{dimension.value.replace('_', '-')}",
            dest=dimension.value,
            action="append",
            default=[],
            metavar=metavar,
            help=f"only this {dimension.title}, as the API spells it; may be repeated",
        )
    _add_query_output(usage, "at most 1440 minutes, 168 hours or 31 days")
    about = "the bill by UTC day, in exact cents and dollars"
    cost = kinds.add_parser("cost", help=about, description=f"Print {about}.", allow_abbrev=False)
    _add_query_times(cost, end="tomorrow, so that today is in it")
    _add_group_by(cost, COST_GROUPS, "description fills type, model, tier and the like")
    _add_query_output(cost, "at most 31 days")


def _add_query_times(parser: argparse.ArgumentParser, *, end: str) -> None:
    form = "2026-11-17 or 2026-11-17T14:00:00Z"
    parser.add_argument(
        "--start",
        type=values.moment,
        required=True,
        metavar="TIME",
        help=f"start of the first bucket: {form} (a date is its midnight in UTC)",
    )
    parser.add_argument(
        "--end", type=values.moment, metavar="TIME", help=f"end of the last one (default: {end})"
    )


def _add_group_by(parser: argparse.ArgumentParser, dimensions: Sequence[Dimension], note: str) -> None:
    words = [dimension.word for dimension in dimensions]
    parser.add_argument(
        "--group-by",
        action="append",
        default=[],
        choices=words,
        metavar="DIMENSION",
        help=f"split rows by {', '.join(words)}; may be repeated ({note}). Default: one row a bucket",
    )


def _add_query_output(parser: argparse.ArgumentParser, most: str) -> None:
    parser.add_argument(
        "--limit",
        type=int,
        metavar="N",
        help=f"buckets a page, {most}; it never cuts the answer off",
    )
    parser.add_argument("--format", choices=QUERY_FORMATS, default="jsonl", help="default: %(default)s")
    parser.set_defaults(run=_run_query)


def _add_serve(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    serve = commands.add_parser(
        "serve",
        help="speak the Admin API on a loopback port, for the simulated organisation",
        description="Speak the Admin API on a loopback port. Needs the extra: pip install 'meterdeck[serve]'.",
        allow_abbrev=False,
    )
    _add_demo(serve, "serve the simulated organisation")
    serve.add_argument(
        "--port", type=values.port, default=8787, help="0 takes a free one (default: %(default)s)"
    )
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


def _run_deck(arguments: argparse.Namespace) -> int:
    from meterdeck.cli.deck import run

    return run(arguments)


def _run_report(arguments: argparse.Namespace) -> int:
    from meterdeck.cli.report import run

    return run(arguments)


def _run_prices(arguments: argparse.Namespace) -> int:
    from meterdeck.cli.prices import run

    return run(arguments)


def _run_query(arguments: argparse.Namespace) -> int:
    from meterdeck.cli.query import run

    return run(arguments)


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


def _run_forecast(arguments: argparse.Namespace) -> int:
    from meterdeck.cli.forecast import run

    return run(arguments)


def _run_minutes(arguments: argparse.Namespace) -> int:
    from meterdeck.cli.minutes import run

    return run(arguments)


def _run_config(arguments: argparse.Namespace) -> int:
    from meterdeck.cli.config import run

    return run(arguments)


def _run_doctor(arguments: argparse.Namespace) -> int:
    from meterdeck.cli.doctor import run

    return run(arguments)


def _run_serve(arguments: argparse.Namespace) -> int:
    from meterdeck.cli.serve import run

    return run(arguments)
