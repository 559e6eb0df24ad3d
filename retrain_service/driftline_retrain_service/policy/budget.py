"""Not too many retrains in a day."""

from driftline_retrain_service.context import Round
from driftline_retrain_service.rows.live import Frontier
from driftline_retrain_service.runs.run import Run

_DAY_MS = 24 * 3600 * 1000


def reason_to_wait(run: Run, now: Round, frontier: Frontier) -> str | None:
    """Say how many retrains of the model began within 24 hours, while that is as many as may."""
    per_day = run.state.policy.per_day
    if per_day is None:
        return None
    since_ms = frontier.logged_at_ms - _DAY_MS
    past = now.runs.past(run.request.model, besides=run.request.retrain_id)
    begun = sum(each.began_ms > since_ms for each in past if each.began_ms)
    return f"{begun} retrains began within 24 hours, at most {per_day} may" if begun >= per_day else None
