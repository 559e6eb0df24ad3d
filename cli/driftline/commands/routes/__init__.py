"""``driftline routes``: one file per sub-command."""

import typer

from driftline.commands.routes.check import check
from driftline.commands.routes.test import test

app = typer.Typer(help="Check the alerting file, and test which channels a notice reaches.", no_args_is_help=True)
app.command()(check)
app.command()(test)
