"""A person must approve first."""

from driftline_retrain_service.context import Round
from driftline_retrain_service.rows.live import Frontier
from driftline_retrain_service.runs.run import Run


def reason_to_wait(run: Run, now: Round, frontier: Frontier) -> str | None:  # noqa: ARG001
    """Ask for approval where the model's specification wants one."""
    if not run.state.policy.approval or run.state.approved_by:
        return None
    return f"a person must approve: `driftline approve {run.request.retrain_id}`, or `driftline reject` it"
