"""``driftline demo``."""

import logging
import os
from pathlib import Path
from typing import Annotated

import typer

from driftline.errors import FAILED

Keep = Annotated[bool, typer.Option("--keep", help="Leave everything running at the end, to look around.")]
JsonFile = Annotated[
    Path | None, typer.Option("--json", metavar="FILE", dir_okay=False, help="Write everything measured as JSON.")
]
State = Annotated[
    Path | None,
    typer.Option("--state", metavar="FOLDER", file_okay=False, help="Keep the data here, not in a temporary folder."),
]


def demo(keep: Keep = False, json_file: JsonFile = None, state: State = None) -> None:
    """Watch a real model go stale and recover: 42,000 electricity prices in about two minutes."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # before scikit-learn is loaded: on busy cores its threads only wait
    logging.getLogger("kafka").setLevel(logging.ERROR)  # it warns of every tenth of a second that a busy core costs it
    logging.getLogger("kafka.net.transport").setLevel(logging.CRITICAL)  # it may read once more from what it has closed
    from rich.console import Console

    from driftline.demo.advice import show_advice
    from driftline.demo.run import run_demo

    console = Console()
    run = run_demo(console, keep=keep, state=state)
    run.report.show(console)
    if json_file:
        run.report.write(json_file)
    if run.report.disagreements:
        console.print(f"Data and logs of this run are in {run.folder}", soft_wrap=True, highlight=False)
        raise typer.Exit(FAILED)
    show_advice(console, run.folder if keep else None)
