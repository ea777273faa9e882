"""Measure chosen cases, and name the figures that are furthest off: `python -m benches.price_steps --help`."""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from benches.price_steps.cases import Bench, Case
from benches.price_steps.collected import Collecting, TodaysBill
from benches.price_steps.table import others, percent, steady, steps


def main() -> None:
    """Print each kind of figure of the chosen cases with its largest error and where it is."""
    parser = argparse.ArgumentParser(prog="python -m benches.price_steps", description=__doc__)
    parser.add_argument("name", nargs="*", help="cases whose names hold one of these words (default: all)")
    parser.add_argument(
        "--at", default="12:00", metavar="HH:MM", help="how late it is today (default: %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=1, help="default: %(default)s")
    parser.add_argument("--today", type=TodaysBill, default=TodaysBill.PARTIAL, choices=list(TodaysBill))
    parser.add_argument("--bill", type=Collecting, choices=list(Collecting), help="how the bill was read")
    arguments = parser.parse_args()
    time = datetime.strptime(arguments.at, "%H:%M")  # noqa: DTZ007 - a time of day
    clock = timedelta(hours=time.hour, minutes=time.minute)
    base = Case(todays_bill=arguments.today, seed=arguments.seed, clock=clock)
    cases = [*steady(base), *steps(base), *others(base)]
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        for name, case in cases:
            if arguments.name and not any(word in name for word in arguments.name):
                continue
            chosen = replace(case, collecting=arguments.bill) if arguments.bill else case
            print(f"{name}: today's bill {chosen.todays_bill}, {chosen.collecting}")
            for kind, worst in bench.measure(chosen).items():
                print(f"  {kind:20} {percent(worst.error):>7} %  {worst.what}", flush=True)


if __name__ == "__main__":
    main()
