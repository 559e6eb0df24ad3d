"""``driftline retrain``: one file per sub-command; without one, the service; any other word is a model."""

from typing import Any

import typer
from typer.core import TyperGroup

from driftline.commands.retrain.ask import ask
from driftline.commands.retrain.rerun import rerun
from driftline.commands.retrain.serve import serve


class _CommandOrModel(TyperGroup):
    def resolve_command(self, ctx: typer.Context, args: list[str]) -> Any:  # type: ignore[override]
        known = self.get_command(ctx, args[0]) is not None
        return super().resolve_command(ctx, args if known else ["ask", *args])


app = typer.Typer(
    cls=_CommandOrModel,
    help="Run the retrain service; ask for a retrain (`driftline retrain MODEL`); train a retrain again.",
    invoke_without_command=True,
)
app.callback()(serve)
app.command()(ask)
app.command()(rerun)
