"""`report`, `status` and `prices`: what prints figures of the store."""

from __future__ import annotations

import argparse

from meterdeck.cli import values
from meterdeck.cli.arguments.shared import Command, add_demo, add_filters, add_reading
from meterdeck.domain.dimensions import ON_DEMAND_DIMENSIONS, SERIES_DIMENSIONS, Dimension
from meterdeck.domain.scope import Span

REPORT_BY = (*SERIES_DIMENSIONS, Dimension.TOKEN_TYPE)
BREAKDOWN_BY = (*REPORT_BY, *ON_DEMAND_DIMENSIONS)
COSTS_BY = (*REPORT_BY, Dimension.INFERENCE_GEO, Dimension.COST_TYPE, Dimension.DESCRIPTION)
DEFAULT_BY = {
    "rates": Dimension.MODEL,
    "minutes": Dimension.MODEL,
    "costs": Dimension.WORKSPACE,
    "breakdown": Dimension.WORKSPACE,
}


def _add_report(report: argparse.ArgumentParser) -> None:
    kinds = report.add_subparsers(title="reports", metavar="REPORT", dest="report", required=True)
    for kind, about in (
        ("rates", "tokens by hour"),
        (
            "costs",
            "dollars by UTC day: billed, shared out to what the bill does not know, and open days at their worth so far",
        ),
        ("breakdown", "tokens and dollars of a window, ranked"),
        ("minutes", "tokens by minute of one hour; minutes that are not kept are read from the API"),
    ):
        by = {"costs": COSTS_BY, "breakdown": BREAKDOWN_BY}.get(kind, REPORT_BY)
        parser = kinds.add_parser(kind, help=about, description=about, allow_abbrev=False)
        parser.add_argument(
            "--by",
            type=values.dimension,
            choices=[d.word for d in by],
            default=DEFAULT_BY[kind].word,
            help="default: %(default)s",
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
        add_filters(parser)
        if kind == "costs":
            _add_lines(parser)
        add_reading(parser)
        _add_watch(parser)
        parser.set_defaults(run=_run_minutes if kind == "minutes" else _run_report)
    about = "how today and the month will end, and when each budget will be gone"
    forecast = kinds.add_parser("forecast", help=about, description=about, allow_abbrev=False)
    add_filters(forecast)
    add_reading(forecast)
    _add_watch(forecast)
    # No question of its own: it has one window and no breakdown.
    forecast.set_defaults(run=_run_forecast, by=Dimension.WORKSPACE.word, window=Span.CALENDAR_MONTH.value)


def _add_status(status: argparse.ArgumentParser) -> None:
    status.add_argument("--format", choices=("text", "json"), default="text", help="default: %(default)s")
    status.add_argument("--ascii", action="store_true", default=argparse.SUPPRESS, help="write text in ASCII")
    add_demo(status, "figures of the simulated organisation")
    status.set_defaults(run=_run_status)


def _add_watch(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--watch",
        type=values.poll_seconds,
        nargs="?",
        const=0.0,
        metavar="SECONDS",
        help="keep reading, as the deck does, and print the report again below when its figures have changed, at most "
        "every SECONDS (default: the deck's pace, 75). Plain lines with the time above each print, for screen readers "
        "and logs: nothing is drawn over. Ctrl+C ends it",
    )


def _add_lines(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--lines",
        action="store_true",
        help="every line of one day's bill, exact; --by and --window say nothing then",
    )
    parser.add_argument("--day", type=values.day, metavar="DATE", help="the UTC day of --lines: 2026-11-17")
    parser.add_argument(
        "--inference-geo",
        action="append",
        default=[],
        metavar="GEO",
        help="with --lines: only lines of this geo, as the bill spells it; may be repeated",
    )


def _add_prices(prices: argparse.ArgumentParser) -> None:
    prices.add_argument(
        "--backtest",
        action="store_true",
        help="yesterday and the last 7 settled days, each estimated without its own bill, against that bill",
    )
    add_reading(prices)
    prices.set_defaults(run=_run_prices, report="prices")


def _run_report(arguments: argparse.Namespace) -> int:
    from meterdeck.cli.report import run

    return run(arguments)


def _run_minutes(arguments: argparse.Namespace) -> int:
    from meterdeck.cli.minutes import run

    return run(arguments)


def _run_forecast(arguments: argparse.Namespace) -> int:
    from meterdeck.cli.forecast import run

    return run(arguments)


def _run_status(arguments: argparse.Namespace) -> int:
    from meterdeck.cli.status import run

    return run(arguments)


def _run_prices(arguments: argparse.Namespace) -> int:
    from meterdeck.cli.prices import run

    return run(arguments)


COMMANDS = (
    Command(
        "report",
        "print what a pane shows, as a table, JSON, CSV or Markdown",
        _add_report,
    ),
    Command(
        "status",
        "print the key figures in one line, for a status bar or a prompt",
        _add_status,
        description="Print the key figures in one line, from the store alone: as the session that collects showed them "
        "last, with the age of their data. Asks nobody, and runs no command for a key. Exit code 0: current and whole, "
        "3: stale, or a part is missing, 1: there are none.",
    ),
    Command(
        "prices",
        "show every price in use and where it comes from, or hold estimates against the bill",
        _add_prices,
    ),
)
