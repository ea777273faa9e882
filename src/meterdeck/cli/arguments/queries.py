"""`query`: a report of the API, asked directly."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from meterdeck.cli import values
from meterdeck.cli.arguments.shared import Command, add_filter
from meterdeck.domain.dimensions import Dimension

QUERY_FORMATS = ("jsonl", "csv")
USAGE_FILTERS = (
    (Dimension.WORKSPACE, "ID"),
    (Dimension.MODEL, "ID_OR_NAME"),
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


def _add_query(query: argparse.ArgumentParser) -> None:
    kinds = query.add_subparsers(title="reports", metavar="REPORT", dest="report", required=True)
    about = "tokens by minute, hour or UTC day"
    usage = kinds.add_parser("usage", help=about, description=f"Print {about}.", allow_abbrev=False)
    _add_times(usage, end="the end of the running bucket")
    usage.add_argument("--width", choices=("1m", "1h", "1d"), default="1d", help="default: %(default)s")
    _add_group_by(usage, tuple(dimension for dimension, _ in USAGE_FILTERS), "at most five times")
    for dimension, metavar in USAGE_FILTERS:
        spelled = " or by its short name" if dimension is Dimension.MODEL else ""
        does = f"only this {dimension.title}, as the API spells it{spelled}; may be repeated"
        add_filter(usage, dimension, dimension.value, metavar, does)
    _add_output(usage, "at most 1440 minutes, 168 hours or 31 days")
    about = "the bill by UTC day, in exact cents and dollars"
    cost = kinds.add_parser("cost", help=about, description=f"Print {about}.", allow_abbrev=False)
    _add_times(cost, end="tomorrow, so that today is in it")
    _add_group_by(cost, COST_GROUPS, "description fills type, model, tier and the like")
    _add_output(cost, "at most 31 days")


def _add_times(parser: argparse.ArgumentParser, *, end: str) -> None:
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
    parser.add_argument(
        "--snap",
        action="store_true",
        help="where --start or --end lies inside a bucket, ask for that whole bucket, and say so",
    )


def _add_group_by(parser: argparse.ArgumentParser, dimensions: Sequence[Dimension], note: str) -> None:
    words = [dimension.word for dimension in dimensions]
    parser.add_argument(
        "--group-by",
        action="append",
        default=[],
        type=values.dimension,
        choices=words,
        metavar="DIMENSION",
        help=f"split rows by {', '.join(words)}; may be repeated ({note}). Default: one row a bucket",
    )


def _add_output(parser: argparse.ArgumentParser, most: str) -> None:
    parser.add_argument(
        "--limit",
        type=int,
        metavar="N",
        help=f"buckets a page, {most}; it never cuts the answer off",
    )
    parser.add_argument(
        "--beta",
        action="append",
        default=[],
        metavar="NAME",
        help="a version for the anthropic-beta header; may be repeated (that of speed is sent by itself)",
    )
    parser.add_argument("--format", choices=QUERY_FORMATS, default="jsonl", help="default: %(default)s")
    parser.set_defaults(run=_run_query)


def _run_query(arguments: argparse.Namespace) -> int:
    from meterdeck.cli.query import run

    return run(arguments)


COMMANDS = (
    Command(
        "query",
        "ask one of the two reports anything it can answer, as JSON lines or CSV",
        _add_query,
        description="Ask a report directly, with any of its parameters. All pages are read; nothing is stored.",
    ),
)
