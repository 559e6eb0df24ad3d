"""``driftline deliveries``."""

from typing import Annotated, Literal

import typer

from driftline.commands.drifts import Limit
from driftline.output import AsJson, show

_SQL = """
SELECT at, channel, status, attempt, model, incident_id, notice_id, milliseconds, error
FROM {table}
WHERE ({{model:String}} = '' OR model = {{model:String}})
  AND ({{channel:String}} = '' OR channel = {{channel:String}})
  AND ({{status:String}} = '' OR status = {{status:String}})
ORDER BY at DESC, attempt DESC
LIMIT {{limit:UInt32}}
"""

_COLUMNS = ("at", "channel", "status", "attempt", "model", "incident_id", "error")

Model = Annotated[str, typer.Argument(metavar="[MODEL]", help="Only this model.")]
Channel = Annotated[str, typer.Option(help="Only this channel.")]
Status = Annotated[Literal["", "delivered", "retrying", "failed"], typer.Option(help="Only those that stand so.")]
Tries = Annotated[bool, typer.Option("--tries", help="Every try instead of the last one of each notice.")]


def deliveries(
    model: Model = "",
    channel: Channel = "",
    status: Status = "",
    tries: Tries = False,
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """List what became of every notice on every channel, newest first, and why a try failed."""
    from driftline import store
    from driftline.addresses import settings

    sql = _SQL.format(table="delivery_log FINAL" if tries else "deliveries")
    parameters = {"model": model, "channel": channel, "status": status, "limit": limit}
    rows = store.rows(settings().clickhouse, sql, parameters)
    show(rows, empty="Nothing was delivered yet.", as_json=as_json, columns=_COLUMNS)
