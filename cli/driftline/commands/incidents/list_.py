"""``driftline incidents list``."""

from typing import Annotated

import typer

from driftline.commands.drifts import Limit, Model
from driftline.output import AsJson, show

_SQL = """
SELECT incident_id, severity, state, model, owner, opened_at, since, alerts, verdict, headline, cause, remedy, kinds,
       features, segments, step, at
FROM incidents
WHERE ({model:String} = '' OR model = {model:String}) AND ({all:Bool} OR state != 'resolved')
ORDER BY state = 'resolved', state = 'acknowledged',
         if(state = 'resolved', 0, indexOf(['critical', 'warning', 'info'], severity)), opened_at DESC, incident_id
LIMIT {limit:UInt32}
"""

_COLUMNS = ("incident", "severity", "state", "opened_at", "alerts", "headline")
_SHORT = 10

All = Annotated[bool, typer.Option("--all", help="Also those that are resolved.")]


def list_(model: Model = "", everything: All = False, limit: Limit = 50, as_json: AsJson = False) -> None:
    """List the incidents: those that nobody has acknowledged first, the gravest and newest first."""
    from driftline import store
    from driftline.addresses import settings

    rows = store.rows(settings().clickhouse, _SQL, {"model": model, "limit": limit, "all": everything})
    shown = [{"incident": str(row["incident_id"])[:_SHORT], **row} for row in rows]
    empty = "There is no incident yet." if everything else "No incident is open; --all lists those that are resolved."
    show(rows if as_json else shown, empty=empty, as_json=as_json, columns=() if as_json else _COLUMNS)
