"""What analysts read about retrains: the tables `retrain_log` and `model_version_log`."""

import math

import orjson
from clickhouse_connect.driver.client import Client

from driftline_retrain_service.run import Run
from driftline_schemas.clickhouse import insert_columns
from driftline_schemas.events.model_change import ModelChange


def record_steps(client: Client, run: Run) -> None:
    """Store every step of a run; those that are stored already are recognised by their token."""
    state, request = run.state, run.request
    result = state.result
    for sequence, step in enumerate(state.steps):
        proven = step.status in ("promoted", "refused") and result is not None
        details = {"spec": state.spec and state.spec.model_dump(mode="json"), "result": result and result.model_dump()}
        insert_columns(
            client,
            "retrain_log",
            {
                "retrain_id": [request.retrain_id],
                "sequence": [sequence],
                "status": [step.status],
                "model": [request.model],
                "version": [step.champion],
                "challenger_version": [step.challenger],
                "reason": [request.reason],
                "rows": [step.rows],
                "champion_accuracy": [result.champion.get("accuracy", math.nan) if proven and result else math.nan],
                "challenger_accuracy": [result.challenger.get("accuracy", math.nan) if proven and result else math.nan],
                "explanation": [step.explanation],
                "details": [orjson.dumps(details if proven else {}).decode()],
                "at": [step.at_ms],
            },
            token=f"{request.retrain_id}:{sequence}",
        )


def record_version(client: Client, change: ModelChange) -> None:
    """Store what became of a version."""
    artifact = change.artifact
    insert_columns(
        client,
        "model_version_log",
        {
            "model": [change.model],
            "version": [change.version],
            "action": [change.action],
            "previous_version": [change.previous_version],
            "retrain_id": [change.retrain_id or ""],
            "artifact_uri": [artifact.uri if artifact else ""],
            "artifact_sha256": [artifact.sha256 if artifact else ""],
            "metrics": [orjson.dumps(change.metrics).decode()],
            "at": [change.timestamp_ms],
        },
        token=f"{change.retrain_id}:{change.action}",
    )
