"""Wait until the next challenger may be trained, and say what for."""

from bisect import bisect_right

from driftline_retrain_service.context import Round
from driftline_retrain_service.policy import reason_to_wait
from driftline_retrain_service.rows.live import Frontier
from driftline_retrain_service.runs.run import Run
from driftline_retrain_service.runs.state import Refit, Step, now_ms


def advance(run: Run, now: Round) -> bool:
    """Begin the next refit if it is due; say whether it is."""
    state = run.state
    frontier = now.frontier(run)
    if frontier is None or state.training or state.refits >= len(run.refit_rows):
        return False
    if not_now := reason_to_wait(run, now, frontier):
        waiting_for = f"{not_now.policy}-{state.refits}"
        if state.waiting_for != waiting_for and not state.challengers:
            step = Step(status="waiting", explanation=not_now.reason, at_ms=now_ms())
            run.step(step, waiting_for=waiting_for)
        return False
    _begin(run, now, frontier)
    return True


def _begin(run: Run, now: Round, frontier: Frontier) -> None:
    model, partition, change = run.request.model, run.request.requested.partition, run.change_offset
    due, upto, rows = 1, frontier.offset, None
    said = f"because of {run.request.reason}"
    if (
        change is not None
    ):  # of several refits that are due, the one that knows most; exactly as many rows, however late
        due = bisect_right(run.refit_rows, now.live.count(model, partition, change))
        rows = run.refit_rows[due - 1]
        upto = now.live.position_of(rows, model, partition, change)
        said += f", {rows} labelled rows since the change"
    number = sum(step.status == "training" for step in run.state.steps) + 1
    champion = now.registry.champion_version(model)
    step = Step(status="training", explanation=said, at_ms=now_ms(), refit=number, champion=champion)
    refit = Refit(number=number, upto=upto, rows_since_change=rows, champion=champion)
    run.step(step, training=refit, refits=due, waiting_for="", began_ms=run.state.began_ms or frontier.logged_at_ms)
