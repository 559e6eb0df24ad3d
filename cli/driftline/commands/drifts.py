"""``driftline drifts``."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from driftline.output import AsJson, show

_SQL = """
SELECT detected_at, model, version, kind, feature, detector, direction, statistic, threshold, change_at, drift_id
FROM drifts
WHERE ({model:String} = '' OR model = {model:String})
  AND detected_at >= fromUnixTimestamp64Milli({since_ms:Int64}, 'UTC')
ORDER BY detected_at DESC, drift_id
LIMIT {limit:UInt32}
"""

_COLUMNS = ("detected_at", "model", "version", "kind", "feature", "detector", "direction")

Model = Annotated[str, typer.Option(help="Only this model.")]
Since = Annotated[datetime | None, typer.Option(help="Only what was detected at this event time (UTC) or later.")]
Limit = Annotated[int, typer.Option(min=1, max=1_000_000, help="At most so many.")]


def drifts(model: Model = "", since: Since = None, limit: Limit = 50, as_json: AsJson = False) -> None:
    """List the drifts that were found, newest first."""
    from driftline import store
    from driftline.addresses import settings

    since_ms = int(since.replace(tzinfo=UTC).timestamp() * 1000) if since else 0
    rows = store.rows(settings().clickhouse, _SQL, {"model": model, "since_ms": since_ms, "limit": limit})
    show(rows, empty="No drift has been found yet.", as_json=as_json, columns=_COLUMNS)
