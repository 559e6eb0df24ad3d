"""``driftline routes check``."""

from pathlib import Path
from typing import Annotated

import typer

from driftline.output import AsJson, show

File = Annotated[Path, typer.Argument(metavar="FILE", help="The alerting file, as YAML.")]


def check(file: File, as_json: AsJson = False) -> None:
    """Read an alerting file and list its routes; what is wrong is told with its line, and exit code 2."""
    import os
    from dataclasses import asdict

    from driftline_alerting.configuration import Configuration

    found = Configuration.read(file, os.environ)
    rows = [asdict(route) for route in found.routes]
    show(rows, empty="There is no route: nobody is told anything.", as_json=as_json)
    unused = sorted(set(found.channels) - {name for route in found.routes for name in route.channels})
    if unused and not as_json:
        typer.echo(f"No route leads to: {', '.join(unused)}")
