"""``driftline incidents``: one file per sub-command."""

import typer

from driftline.commands.incidents.ack import ack
from driftline.commands.incidents.judge import judge
from driftline.commands.incidents.list_ import list_
from driftline.commands.incidents.resolve import resolve
from driftline.commands.incidents.show import show
from driftline.commands.incidents.silence import silence
from driftline.commands.incidents.silences import silences

app = typer.Typer(help="List and show incidents; acknowledge, resolve and judge them; silence what is expected.")
app.command("list")(list_)
app.command()(show)
app.command()(ack)
app.command()(resolve)
app.command()(judge)
app.command()(silence)
app.command()(silences)
