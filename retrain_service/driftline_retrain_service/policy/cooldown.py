"""Not too soon after the last retrain."""

from driftline_retrain_service.context import Round
from driftline_retrain_service.rows.live import Frontier
from driftline_retrain_service.runs.run import Run


def reason_to_wait(run: Run, now: Round, frontier: Frontier) -> str | None:
    """Say how long ago the last retrain of the model began, while that is less than the cooldown."""
    minutes = run.state.policy.cooldown_minutes
    cooldown_seconds = now.settings.cooldown_seconds if minutes is None else 60 * minutes
    began = [past.began_ms for past in now.runs.past(run.request.model, besides=run.request.retrain_id)]
    passed_seconds = (frontier.logged_at_ms - max(began, default=0)) / 1000
    if passed_seconds >= cooldown_seconds:
        return None
    return f"the last retrain began {passed_seconds:g} s before, the cooldown is {cooldown_seconds:g} s"
