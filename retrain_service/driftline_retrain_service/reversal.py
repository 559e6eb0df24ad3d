"""Take a promotion back: the previous champion serves again, and everybody hears of it."""

from dataclasses import dataclass

from driftline_retrain_service.context import Round
from driftline_retrain_service.records import record_version
from driftline_retrain_service.runs.run import Run
from driftline_retrain_service.runs.state import Step
from driftline_schemas.events.model_change import ArtifactRef, ModelChange


@dataclass(frozen=True)
class Reversal:
    """A promotion that is to be taken back.

    Attributes:
        reversal_id: The same id takes a version back once.
        model: Name of the model.
        version: The champion that is taken back.
        actor: Who or what decided it.
        reason: Why, in words.
        at_ms: When it was decided.
    """

    reversal_id: str
    model: str
    version: str
    actor: str
    reason: str
    at_ms: int


def take_back(reversal: Reversal, now: Round) -> str:
    """Make the previous champion the champion and return it. Taken again after a crash, each part is found done.

    Raises:
        ChampionChanged: Another version is the champion by now.
        UnknownVersion: There is no previous champion.
    """
    _audit(reversal, now, "rollback-intended", {"because": reversal.reason})
    serving = now.registry.rollback(reversal.model, expect=reversal.version, retrain_id=reversal.reversal_id)
    change = ModelChange(
        model=reversal.model,
        action="rolled-back",
        version=serving.version,
        previous_version=reversal.version,
        retrain_id=serving.retrain_id or None,
        artifact=ArtifactRef(uri=serving.uri, sha256=serving.manifest.sha256),
        timestamp_ms=reversal.at_ms,
    )
    now.announcements.change(change)
    record_version(now.client, change, token=f"{reversal.reversal_id}:{reversal.version}")
    _note(reversal, serving.version, now)
    _audit(reversal, now, "rolled-back", {"because": reversal.reason, "champion": serving.version})
    return serving.version


def _audit(reversal: Reversal, now: Round, action: str, details: dict[str, str]) -> None:
    now.audit.append(
        actor=reversal.actor,
        action=action,
        model=reversal.model,
        subject=reversal.version,
        details=details,
        at_ms=reversal.at_ms,
        once=f"{reversal.reversal_id}:{reversal.version}:{action}",
    )


def _note(reversal: Reversal, serving: str, now: Round) -> None:
    """Add the step to the retrain that made the version; one that is open goes on."""
    retrain_id = now.registry.get(reversal.model, reversal.version).retrain_id
    run: Run | None = now.runs.find(retrain_id) if retrain_id else None
    if run is None or run.state.promoted != reversal.version:
        return
    said = f"version {serving} serves again, by {reversal.actor}: {reversal.reason}"
    step = Step(
        status="rolled-back",
        explanation=said,
        at_ms=reversal.at_ms,
        final=run.state.ended,
        champion=serving,
        challenger=reversal.version,
    )
    run.change(steps=(*run.state.steps, step), promoted="")
    now.runs.note(run)
