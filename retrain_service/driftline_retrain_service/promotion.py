"""From a trained challenger to a new champion, in steps that may all be taken again after a crash."""

from driftline_registry import ChampionChanged, LocalRegistry
from driftline_retrain_service.gate import Verdict, judge
from driftline_retrain_service.job import ARTIFACT, JobResult, JobSpec
from driftline_retrain_service.run import Run, Status
from driftline_schemas.events.model_change import ArtifactRef, ModelChange


def conclude(registry: LocalRegistry, run: Run, spec: JobSpec, result: JobResult) -> None:
    """Register the challenger, promote it if the gate says so, and note what became of it.

    The intent is on disk before: `run.json` holds the figures, and the gate decides the same again.
    """
    verdict = judge(result.champion, result.challenger, spec.validation_rows)
    version = (
        result.version or registry.register(spec.model, run.attempt / ARTIFACT, retrain_id=spec.retrain_id).version
    )
    if verdict.promote:
        try:
            registry.promote(spec.model, version, expect=spec.champion, retrain_id=spec.retrain_id)
        except ChampionChanged as error:
            verdict = Verdict(False, str(error))
    status: Status = "promoted" if verdict.promote else "refused"
    run.step(status, verdict.explanation, champion=spec.champion, challenger=version, rows=spec.rows)


def model_change(registry: LocalRegistry, run: Run) -> ModelChange | None:
    """Return the announcement of what became of the challenger; None when there was none."""
    step, result = run.state.steps[-1], run.state.result
    if step.status not in ("promoted", "refused") or result is None:
        return None
    version = registry.get(run.request.model, step.challenger)
    return ModelChange(
        model=run.request.model,
        action=step.status,
        version=step.challenger,
        previous_version=step.champion,
        retrain_id=run.request.retrain_id,
        artifact=ArtifactRef(uri=version.folder.resolve().as_uri(), sha256=version.manifest.sha256),
        metrics={"champion": dict(result.champion), "challenger": dict(result.challenger)},
        timestamp_ms=step.at_ms,
    )
