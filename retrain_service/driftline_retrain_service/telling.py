"""Tell everybody what has happened: Kafka, ClickHouse and the audit, step by step, each once."""

import logging

from pydantic import JsonValue

from driftline_retrain_service.context import Round
from driftline_retrain_service.records import record_step, record_version
from driftline_retrain_service.runs.run import Run
from driftline_retrain_service.runs.state import Step
from driftline_schemas.events.model_change import ArtifactRef, ModelChange

SERVICE = "retrain-service"
"""Who decides what no person does."""

_AUDITED_BEFORE = ("rejected", "rolled-back")
"""These were audited with who decided them."""

logger = logging.getLogger(__name__)


def tell(run: Run, now: Round) -> None:
    """Announce and record the steps that were not told yet; all of it may be repeated."""
    for sequence in range(run.state.told, len(run.state.steps)):
        step = run.state.steps[sequence]
        logger.info(
            "retrain %s of %s: %s: %s", run.request.retrain_id, run.request.model, step.status, step.explanation
        )
        if step.status in ("promoted", "refused") and step.challenger:
            change = _model_change(run, step, now)
            now.announcements.change(change)
            record_version(now.client, change, token=f"{run.request.retrain_id}:{sequence}")
        record_step(now.client, run, sequence)
        if step.status not in _AUDITED_BEFORE:
            _audit(run, sequence, now)
        run.change(told=sequence + 1)
        now.runs.told[step.status] += 1
    now.runs.note(run)


def _audit(run: Run, sequence: int, now: Round) -> None:
    step = run.state.steps[sequence]
    kept: dict[str, JsonValue] = step.model_dump(exclude={"status", "at_ms"}, exclude_defaults=True, mode="json")
    now.audit.append(
        actor=SERVICE,
        action=step.status,
        model=run.request.model,
        subject=run.request.retrain_id,
        details=kept,
        at_ms=step.at_ms,
        once=f"{run.request.retrain_id}:{sequence}",
    )


def _model_change(run: Run, step: Step, now: Round) -> ModelChange:
    version = now.registry.get(run.request.model, step.challenger)
    compared = {"champion": dict(step.champion_metrics), "challenger": dict(step.challenger_metrics)}
    return ModelChange(
        model=run.request.model,
        action="promoted" if step.status == "promoted" else "refused",
        version=step.challenger,
        previous_version=step.champion,
        retrain_id=run.request.retrain_id,
        artifact=ArtifactRef(uri=version.uri, sha256=version.manifest.sha256),
        metrics=compared if step.shadow_rows else {},
        timestamp_ms=step.at_ms,
    )
