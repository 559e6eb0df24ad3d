"""``driftline retrains``."""

from typing import Annotated

import typer

from driftline.commands.drifts import Limit
from driftline.output import AsJson, show

_SQL = """
SELECT at, model, retrain_id, reason, status, final, refit, version, challenger_version, rows, shadow_rows, evidence,
       champion_accuracy, challenger_accuracy, explanation
FROM {table}
WHERE ({{model:String}} = '' OR model = {{model:String}})
  AND ({{retrain_id:String}} = '' OR retrain_id = {{retrain_id:String}})
ORDER BY at DESC, sequence DESC
LIMIT {{limit:UInt32}}
"""

_COLUMNS = ("at", "model", "retrain_id", "status", "explanation")

Model = Annotated[str, typer.Argument(metavar="[MODEL]", help="Only this model.")]
Steps = Annotated[str, typer.Option(metavar="ID", help="Every step of this retrain instead of the last ones of all.")]


def retrains(model: Model = "", steps: Steps = "", limit: Limit = 50, as_json: AsJson = False) -> None:
    """List the retrains, newest first: how each stands or how it ended, and why."""
    from driftline import store
    from driftline.addresses import settings

    sql = _SQL.format(table="retrain_steps" if steps else "retrains")
    rows = store.rows(settings().clickhouse, sql, {"model": model, "retrain_id": steps, "limit": limit})
    show(rows, empty="No retrain has been asked for yet.", as_json=as_json, columns=_COLUMNS)
