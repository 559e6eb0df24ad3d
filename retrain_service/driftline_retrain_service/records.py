"""What analysts read about retrains: the tables `retrain_log` and `model_version_log`."""

import math

import orjson
from clickhouse_connect.driver.client import Client

from driftline_retrain_service.job.files import RESULT, SPEC
from driftline_retrain_service.runs.run import Run
from driftline_retrain_service.runs.state import Step
from driftline_schemas.clickhouse import insert_columns
from driftline_schemas.events.model_change import ModelChange


def record_step(client: Client, run: Run, sequence: int) -> None:
    """Store a step of a run; one that is stored already is recognised by its token."""
    request, step = run.request, run.state.steps[sequence]
    insert_columns(
        client,
        "retrain_log",
        {
            "retrain_id": [request.retrain_id],
            "sequence": [sequence],
            "status": [step.status],
            "final": [step.final],
            "refit": [step.refit],
            "model": [request.model],
            "version": [step.champion],
            "challenger_version": [step.challenger],
            "reason": [request.reason],
            "rows": [step.rows],
            "shadow_rows": [step.shadow_rows],
            "evidence": [math.nan if step.evidence is None else step.evidence],
            "champion_accuracy": [step.champion_metrics.get("accuracy", math.nan)],
            "challenger_accuracy": [step.challenger_metrics.get("accuracy", math.nan)],
            "explanation": [step.explanation],
            "details": [orjson.dumps(_details(run, step)).decode()],
            "at": [step.at_ms],
        },
        token=f"{request.retrain_id}:{sequence}",
    )


def _details(run: Run, step: Step) -> dict[str, object]:
    """What was trained, how it did before its trial, and the figures of the trial."""
    if not step.attempt:
        return {}
    folder = run.attempt(step.attempt)
    return {
        "spec": orjson.loads((folder / SPEC).read_bytes()),
        "result": orjson.loads((folder / RESULT).read_bytes()),
        "champion": dict(step.champion_metrics),
        "challenger": dict(step.challenger_metrics),
    }


def record_version(client: Client, change: ModelChange, token: str) -> None:
    """Store what became of a version; the same token stores it once."""
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
        token=token,
    )
