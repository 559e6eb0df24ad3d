"""``driftline audit``: one file per sub-command."""

import typer

from driftline.commands.audit.list_ import list_
from driftline.commands.audit.verify import verify

app = typer.Typer(help="List what was decided about models, by whom or what; verify that nobody changed it.")
app.command("list")(list_)
app.command()(verify)
