"""``driftline doctor``."""

from dataclasses import asdict
from pathlib import Path

import orjson
import typer

from driftline.commands.options import StateFolder
from driftline.errors import FAILED
from driftline.output import AsJson


def doctor(state: StateFolder = None, as_json: AsJson = False) -> None:
    """Name each thing that is wrong with the stack in one line, with its remedy; exit code 1 when there is one."""
    from driftline.stack.doctor import examine
    from driftline.stack.folder import default_state_folder
    from driftline.stack.jars import default_cache

    folder = Path(state or default_state_folder()).expanduser().absolute()
    problems = list(examine(folder, default_cache()))
    for problem in problems:
        typer.echo(orjson.dumps(asdict(problem)) if as_json else str(problem))
    if problems:
        raise typer.Exit(FAILED)
    if not as_json:
        typer.echo(f"Nothing is wrong with the stack in {folder}.")
