"""``driftline models apply``."""

from pathlib import Path
from typing import Annotated

import typer

File = Annotated[Path, typer.Argument(metavar="FILE", help="The specification, as YAML.")]


def apply(file: File) -> None:
    """Let a model be watched as a file says, from now on."""
    from driftline.addresses import settings
    from driftline.specification.file import read
    from driftline.specification.store import append, now_ms
    from driftline.waiting import tell_if_stored

    current, spec = settings(), read(file, now_ms())
    partition, offset = append(current, spec)
    typer.echo(f"{spec.model}: from offset {offset} of partition {partition} on")
    tell_if_stored(current)
