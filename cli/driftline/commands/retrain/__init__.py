"""``driftline retrain``: one file per sub-command; without one, the service."""

import typer

from driftline.commands.retrain.rerun import rerun
from driftline.commands.retrain.serve import serve

app = typer.Typer(help="Run the retrain service; train a retrain again.", invoke_without_command=True)
app.callback()(serve)
app.command()(rerun)
