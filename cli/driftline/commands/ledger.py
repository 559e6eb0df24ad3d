"""``driftline ledger``."""

import sys
from typing import Annotated

import typer

from driftline.errors import FAILED

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object.")]


def ledger(as_json: AsJson = False) -> None:
    """Account for every record and event, by partition and by emitter; exit code 1 when something is unexplained."""
    import orjson

    from driftline.addresses import settings
    from driftline.ledger.read import read

    found = read(settings())
    if as_json:
        sys.stdout.write(orjson.dumps(found.document(), option=orjson.OPT_INDENT_2).decode() + "\n")
    else:
        from rich.console import Console

        from driftline.ledger.screen import show

        show(found, Console())
    if found.unexplained:
        raise typer.Exit(FAILED)
