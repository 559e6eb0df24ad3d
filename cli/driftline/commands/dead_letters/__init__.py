"""``driftline dead-letters``: one file per sub-command."""

import typer

from driftline.commands.dead_letters.list_ import list_
from driftline.commands.dead_letters.replay import replay
from driftline.commands.dead_letters.show import show

app = typer.Typer(help="List and show the records that could not be read, and replay them after a fix.")
app.command("list")(list_)
app.command()(show)
app.command()(replay)
