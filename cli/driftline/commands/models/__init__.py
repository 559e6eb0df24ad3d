"""``driftline models``: one file per sub-command; without one, the list."""

import typer

from driftline.commands.models.apply import apply
from driftline.commands.models.diff import diff
from driftline.commands.models.list_ import list_
from driftline.commands.models.show import show

app = typer.Typer(help="List models; show, compare and apply how they are to be watched.", invoke_without_command=True)
app.callback()(list_)
app.command()(apply)
app.command()(show)
app.command()(diff)
