"""Disturb workers, broker and store; check that nothing is lost, nothing is counted twice, and nothing differs.

``python -m tests.chaos [--seed N] [--disturbances N] [--seconds S] [--events N]``
"""

import argparse
import logging
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.chaos.run import ChaosRun, Options, Report

SECONDS_PER_DISTURBANCE = 11


def main() -> None:
    """Run, show what happened, and exit with 1 when anything differs."""
    options = _options()
    logging.getLogger("kafka").setLevel(logging.CRITICAL)  # a broker that is away is what we want
    console = Console()
    folder = Path(tempfile.mkdtemp(prefix="driftline-chaos-"))
    console.print(f"seed {options.seed}; logs in {folder}")
    run = ChaosRun(options, folder, console)
    try:
        report = run.run()
    except TimeoutError as error:
        run.report.wrong.append(str(error))
        report = run.report
    _show(console, report)
    sys.exit(1 if report.wrong else 0)


def _options() -> Options:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1, help="of the log and of the schedule")
    parser.add_argument("--disturbances", type=int, default=100)
    parser.add_argument("--seconds", type=float, help=f"how long to disturb; {SECONDS_PER_DISTURBANCE} s for each")
    parser.add_argument("--events", type=int, help="predictions in the log; 200 a second")
    given = parser.parse_args()
    seconds = given.seconds or SECONDS_PER_DISTURBANCE * given.disturbances
    return Options(given.seed, given.disturbances, seconds, given.events or int(200 * seconds))


def _show(console: Console, report: Report) -> None:
    for title, counts in (
        ("disturbances", dict(report.disturbances.most_common())),
        ("rows compared", report.rows),
        ("sent again", report.sent_again),
        ("seconds", {name: round(seconds) for name, seconds in report.seconds.items()}),
    ):
        table = Table(title, "", show_edge=False)
        for name, count in counts.items():
            table.add_row(name, f"{count:,}")
        console.print(table)
    console.print(f"{report.records:,} records in the log, at least {report.replayed:,} read more than once")
    for wrong in report.wrong:
        console.print(f"[red]✗[/red] {wrong}", markup=True, highlight=False)
    if not report.wrong:
        console.print("[green]✓[/green] the disturbed reading left what the undisturbed one left")


main()
