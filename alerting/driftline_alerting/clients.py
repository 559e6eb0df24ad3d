"""What every client of Kafka in the notifier is told."""

from typing import Any

from driftline_schemas.settings import Settings

_LONGEST_PAUSE_MS = 2_000
"""The default of half a minute would let people wait so much longer when Kafka is back after an outage."""


def client_settings(settings: Settings) -> dict[str, Any]:
    """Where Kafka is, and how soon it is tried again."""
    return {"bootstrap_servers": settings.kafka.split(","), "reconnect_backoff_max_ms": _LONGEST_PAUSE_MS}
