"""Storing what has happened to incidents; all of it may be repeated."""

import hashlib
from collections.abc import Sequence

from clickhouse_connect.driver.client import Client

from driftline_alerting.incidents.case import Case
from driftline_alerting.journal.rows import columns_of
from driftline_schemas.clickhouse import insert_columns
from driftline_schemas.events.silence import Silence


def write_steps(client: Client, cases: Sequence[Case]) -> None:
    """Store steps of incidents; the same ones are stored once."""
    token = hashlib.sha256("\x1f".join(case.incident.notice_id for case in cases).encode()).hexdigest()
    insert_columns(client, "incident_log", columns_of(cases), token)


def write_silence(client: Client, silence: Silence) -> None:
    """Store a silence; of those with one id the one that was decided last holds."""
    columns: dict[str, Sequence[object]] = {
        "silence_id": [silence.silence_id],
        "model": [silence.model],
        "kinds": [silence.kinds],
        "segments": [silence.segments],
        "from_at": [silence.from_ms],
        "until_at": [silence.until_ms],
        "by": [silence.by],
        "comment": [silence.comment],
        "at": [silence.timestamp_ms],
    }
    insert_columns(client, "silence_log", columns, f"{silence.silence_id}:{silence.timestamp_ms}")
