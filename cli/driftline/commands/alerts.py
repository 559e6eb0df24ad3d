"""``driftline alerts``."""

from typing import Annotated

import typer

from driftline.commands.drifts import Limit, Model
from driftline.output import AsJson, Row, cell, show, show_json_lines
from driftline_schemas.settings import Settings

_SQL = """
SELECT detected_at, severity, model, version, kind, feature, message, alert_id
FROM alerts
WHERE {model:String} = '' OR model = {model:String}
ORDER BY detected_at DESC, alert_id
LIMIT {limit:UInt32}
"""

_COLUMNS = ("detected_at", "severity", "message")

Follow = Annotated[bool, typer.Option("--follow", "-f", help="Wait for new alerts and show them as they come.")]


def alerts(model: Model = "", limit: Limit = 50, follow: Follow = False, as_json: AsJson = False) -> None:
    """List the alerts, newest first, or follow them live from Kafka until Ctrl-C."""
    from driftline.addresses import settings

    if follow:
        _follow(settings(), model, as_json=as_json)
    else:
        from driftline import store

        rows = store.rows(settings().clickhouse, _SQL, {"model": model, "limit": limit})
        show(rows, empty="There is no alert yet.", as_json=as_json, columns=_COLUMNS)


def _follow(current: Settings, model: str, *, as_json: bool) -> None:
    from driftline.subscription import Subscription
    from driftline_schemas import Alert

    seen: set[str] = set()  # a worker that takes over sends its predecessor's last alerts again, with the same ids
    with Subscription(current.kafka, current.topics.alerts.name) as subscription:
        for value in subscription.forever():
            alert = Alert.model_validate_json(value)
            if alert.alert_id in seen or model not in ("", alert.model):
                continue
            seen.add(alert.alert_id)
            _show_one(alert.model_dump(mode="json"), as_json=as_json)


def _show_one(alert: Row, *, as_json: bool) -> None:
    if as_json:
        show_json_lines([alert])
    else:
        typer.echo(f"{cell(alert['severity']):8} {cell(alert['message'])}")
