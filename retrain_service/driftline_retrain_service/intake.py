"""What records of `driftline.retrains` lead to; each may come any number of times and does its work once."""

import logging

from driftline_registry import RegistryError
from driftline_retrain_service.context import Round
from driftline_retrain_service.policy.version import reason_against
from driftline_retrain_service.reversal import Reversal, take_back
from driftline_retrain_service.runs.run import Run
from driftline_retrain_service.runs.state import Status, Step, now_ms
from driftline_retrain_service.specifications import retrain_policy
from driftline_schemas.errors import Unavailable
from driftline_schemas.events.retrain_request import RetrainRequest
from driftline_schemas.events.retrain_verdict import RetrainVerdict
from driftline_schemas.events.rollback_request import RollbackRequest

_MOST_TRIALS = 20
"""A retrain that has proved nothing in so many trials does not go on from one more change."""

logger = logging.getLogger(__name__)


def take_request(request: RetrainRequest, now: Round) -> None:
    """Open a retrain. One that makes no sense ends at once, and so does one that another in flight covers."""
    run = now.runs.open(request)
    if not run.is_new:
        return
    run.prepare(retrain_policy(now.client, request.model))
    try:
        if refusal := reason_against(request, now.registry):
            _end(run, "skipped", refusal)
        elif other := now.runs.in_flight(request.model):
            _meet(run, other, now)
        else:
            run.change()
    except RegistryError as error:
        if isinstance(error, Unavailable):
            raise
        _end(run, "failed", str(error))
    now.runs.note(run)


def take_verdict(verdict: RetrainVerdict, now: Round) -> None:
    """Let a retrain go on that waits for approval, or end it."""
    run = now.runs.find(verdict.retrain_id)
    if run is None or run.state.ended:
        logger.warning("%s decides about retrain %s, which is not open", verdict.by, verdict.retrain_id)
        return
    action = "approved" if verdict.approved else "rejected"
    now.audit.append(
        actor=verdict.by,
        action=action,
        model=run.request.model,
        subject=verdict.retrain_id,
        details={"because": verdict.reason},
        at_ms=verdict.timestamp_ms,
        once=f"{verdict.retrain_id}:{action}",
    )
    if verdict.approved:
        run.change(approved_by=verdict.by)
    else:
        said = f"by {verdict.by}" + (f": {verdict.reason}" if verdict.reason else "")
        step = Step(status="rejected", explanation=said, at_ms=now_ms(), final=True)
        run.step(step, training=None, challengers=())
    now.runs.note(run)


def take_rollback(request: RollbackRequest, now: Round) -> None:
    """Make the previous champion the champion again, as a person wishes."""
    reversal = Reversal(
        reversal_id=request.rollback_id,
        model=request.model,
        version=request.version,
        actor=request.by,
        reason=request.reason or "by hand",
        at_ms=request.timestamp_ms,
    )
    try:
        take_back(reversal, now)
    except RegistryError as error:
        if isinstance(error, Unavailable):
            raise
        logger.warning("the roll-back of %s by %s is refused: %s", request.model, request.by, error)
        now.audit.append(
            actor=request.by,
            action="rollback-refused",
            model=request.model,
            subject=request.version,
            details={"because": str(error)},
            at_ms=request.timestamp_ms,
            once=f"{request.rollback_id}:refused",
        )
        return
    now.watches.end(request.model)


def _meet(run: Run, other: Run, now: Round) -> None:
    """Join the retrain in flight, unless this one is about a change that began after that one was asked for.

    A retrain that only waits for the labels of a later refit does not cover a request about no change, as a person's.
    Before it has promoted anything, a retrain with challengers in shadow goes on from the later change itself: two
    detectors may date one change differently, and what is being proved would have to be trained again.
    """
    state = other.state
    if run.change_offset is None:
        is_covered = bool(state.training or state.challengers) or not state.began_ms
        told = "is newer"
    else:
        is_covered = run.change_offset <= other.request.requested.offset
        told = "is about a later change"
    if is_covered:
        _end(run, "joined", f"retrain {other.request.retrain_id} is in flight and covers it")
        return
    if state.challengers and not state.promoted and state.trials < _MOST_TRIALS:
        other.move_on(run.request)
        _end(run, "joined", f"retrain {other.request.retrain_id} is in flight and goes on from this later change")
        now.runs.note(other)
        return
    other.close(f"retrain {run.request.retrain_id} {told}")
    now.runs.note(other)
    run.change()


def _end(run: Run, status: Status, explanation: str) -> None:
    run.step(Step(status=status, explanation=explanation, at_ms=now_ms(), final=True))
