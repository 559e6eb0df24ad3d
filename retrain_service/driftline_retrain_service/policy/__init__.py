"""Whether a retrain may go on now. One reason to wait per file; every one is told, and why."""

from collections.abc import Callable
from typing import NamedTuple

from driftline_retrain_service.context import Round
from driftline_retrain_service.policy import approval, budget, cooldown, quiet_hours, rows
from driftline_retrain_service.rows.live import Frontier
from driftline_retrain_service.runs.run import Run

Policy = Callable[[Run, Round, Frontier], str | None]
"""Says why a retrain must wait; None when it need not. Now is the broker's time of the last stored record."""

_BEFORE_THE_FIRST: dict[str, Policy] = {
    "approval": approval.reason_to_wait,
    "cooldown": cooldown.reason_to_wait,
    "budget": budget.reason_to_wait,
}
_BEFORE_EACH: dict[str, Policy] = {"rows": rows.reason_to_wait, "quiet-hours": quiet_hours.reason_to_wait}


class NotNow(NamedTuple):
    """Name of the policy, and its reason."""

    policy: str
    reason: str


def reason_to_wait(run: Run, now: Round, frontier: Frontier) -> NotNow | None:
    """The first reason why the next refit must wait; None when there is none."""
    policies = _BEFORE_EACH if run.state.began_ms else _BEFORE_THE_FIRST | _BEFORE_EACH
    for name, policy in policies.items():
        if reason := policy(run, now, frontier):
            return NotNow(name, reason)
    return None
