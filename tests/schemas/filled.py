"""Two days of a model, as the worker, the retrain service and the notifier would have stored them."""

from datetime import UTC, datetime
from typing import Any

from clickhouse_connect.driver.client import Client

from driftline_schemas.clickhouse import insert_columns

HOUR_MS = 60 * 60 * 1000
HOURS = 48
PER_HOUR = 60
CHANGE_HOUR = 36  # from here on amounts are larger, and the model errs more often
END_MS = int(datetime.now(UTC).timestamp() * 1000) // HOUR_MS * HOUR_MS
BEGIN_MS = END_MS - HOURS * HOUR_MS

PREDICTIONS = f"""
INSERT INTO prediction_log (timestamp, model, version, event_id, features, categories, segment, prediction,
                            prediction_value, score, latency_ms, subject_id, partition, offset, logged_at)
SELECT fromUnixTimestamp64Milli({{begin:Int64}} + number * {HOUR_MS // PER_HOUR}, 'UTC') AS at, 'fraud',
       if(number < {CHANGE_HOUR * PER_HOUR // 2}, '3', '4'), 'e' || toString(number),
       map('amount', if(late, 30., 10.) + number % 7, 'age', if(number % 10 = 0, nan, 20. + number % 40)),
       map('plan', if(late AND number % 2 = 0, 'pro', 'basic')), map('country', if(number % 3 = 0, 'DE', 'FR')),
       if(number % 4 = 0, 'fraud', 'ok'), nan, 0.55 + (number % 40) / 100, 2 + number % 5,
       'u' || toString(number % 100), 0, number, at
FROM (SELECT number, number >= {CHANGE_HOUR * PER_HOUR} AS late FROM numbers({HOURS * PER_HOUR}))
"""
OUTCOMES = f"""
INSERT INTO outcome_log (model, event_id, source, label, label_value, timestamp, predicted_at, version, prediction,
                         prediction_value, score, segment, joined, error, partition, offset, position, logged_at)
SELECT model, event_id, 'chargebacks', if(wrong, if(prediction = 'ok', 'fraud', 'ok'), prediction), nan,
       timestamp + INTERVAL 30 MINUTE, timestamp, version, prediction, nan, score, segment, 1, toFloat64(wrong), 0,
       10000 + offset, 10000 + offset, timestamp + INTERVAL 30 MINUTE
FROM (SELECT *, offset % if(offset >= {CHANGE_HOUR * PER_HOUR}, 3, 10) = 0 AS wrong FROM prediction_log)
"""


def fill(client: Client) -> None:
    """Store everything."""
    client.command(PREDICTIONS, {"begin": BEGIN_MS})
    client.command(OUTCOMES)
    change, detected = BEGIN_MS + CHANGE_HOUR * HOUR_MS, BEGIN_MS + (CHANGE_HOUR + 1) * HOUR_MS
    model: dict[str, Any] = {"model": "fraud", "version": "4"}
    drift = model | {
        "drift_id": "d1",
        "kind": "data-drift",
        "feature": "amount",
        "detector": "evidence",
        "statistic": 9.5,
    }
    drift |= {"threshold": 4.0, "direction": "up", "before": 13.0, "after": 33.0, "detected_at": detected}
    store(client, "drift_log", drift | {"change_at": change, "logged_at": detected, "contributions": {"amount": 0.9}})
    alert = model | {"alert_id": "a1", "drift_ids": ["d1"], "kind": "data-drift", "feature": "amount"}
    alert |= {"severity": "warning", "message": "fraud: amount rose", "detected_at": detected, "logged_at": detected}
    store(client, "alert_log", alert)
    request = model | {"retrain_id": "r1", "reason": "concept-drift", "drift_ids": ["d1"], "logged_at": detected}
    store(client, "retrain_request_log", request)
    retrain = model | {"retrain_id": "r1", "reason": "concept-drift", "rows": 500, "explanation": "more right"}
    retrain |= {"champion_accuracy": 0.7, "challenger_accuracy": 0.8, "challenger_version": "5"}
    for sequence, status in enumerate(("training", "shadow", "promoted")):
        last = status == "promoted"
        at = detected + sequence * HOUR_MS
        store(client, "retrain_log", retrain | {"sequence": sequence, "status": status, "final": last, "at": at})
    for version, previous, at in (("4", "3", BEGIN_MS + HOUR_MS), ("5", "4", detected + 2 * HOUR_MS)):
        promoted = {"model": "fraud", "version": version, "previous_version": previous, "action": "promoted"}
        store(client, "model_version_log", promoted | {"retrain_id": "r1", "at": at})
    incident = model | {"incident_id": "a1", "severity": "warning", "kinds": ["data-drift"], "features": ["amount"]}
    incident |= {"headline": "fraud: amount rose", "since": change, "opened_at": detected, "alerts": 1, "owner": "risk"}
    for sequence, (step, state) in enumerate((("opened", "open"), ("acknowledged", "acknowledged"))):
        at = detected + sequence * 600_000
        named = {"notice_id": f"n{sequence}", "sequence": sequence, "step": step, "state": state, "at": at}
        store(client, "incident_log", incident | named | {"notify": sequence == 0})
    delivery = {"notice_id": "n0", "incident_id": "a1", "model": "fraud", "channel": "chat", "status": "delivered"}
    store(client, "delivery_log", delivery | {"attempt": 1, "milliseconds": 120.0, "at": detected + 1000})
    total = HOURS * PER_HOUR
    counts = {"records": total, "data_records": total - 1, "dead_letters": 1, "events": total - 1}
    block = {"first_offset": 0, "first_record": 0, "last_offset": total - 1, "predictions": total - 1, **counts}
    store(client, "block_log", block | {"first_logged_at": BEGIN_MS, "last_logged_at": END_MS - 1000})
    letter = {"reason": "not-json", "error": "line 1", "key": "fraud", "size_bytes": 9, "offset": 7}
    store(client, "dead_letter_log", letter | {"logged_at": BEGIN_MS + HOUR_MS})
    report = {"model": "fraud", "emitter": "host-1", "logged": total, "sent": total, "offset": total - 1}
    store(
        client,
        "emitter_report_log",
        report | {"timestamp": END_MS - 2000, "arrived": total, "logged_at": END_MS - 2000},
    )
    arrival = {"model": "fraud", "emitter": "host-1", "last_offset": total - 1, "events": total}
    store(client, "emitter_arrival_log", arrival | {"dead_letters": 1, "logged_at": END_MS - 1000})
    window = model | {
        "window_start": change,
        "window_end": detected,
        "feature": "amount",
        "metric": "mean",
        "value": 33.0,
    }
    store(client, "window_log", window | {"count": PER_HOUR, "logged_at": detected})
    reading = model | {"timestamp": detected, "feature": "amount", "detector": "evidence", "statistic": 9.5}
    store(client, "detector_log", reading | {"threshold": 4.0, "logged_at": detected})


def store(client: Client, table: str, row: dict[str, Any]) -> None:
    """Store one row."""
    insert_columns(client, table, {name: [value] for name, value in row.items()}, f"{table} {row}")
