"""Enough labelled rows, in all and since the change."""

from driftline_retrain_service.context import Round
from driftline_retrain_service.rows.live import Frontier
from driftline_retrain_service.runs.run import Run

FROM_THE_BEGINNING = -1


def reason_to_wait(run: Run, now: Round, frontier: Frontier) -> str | None:  # noqa: ARG001
    """Say how many labelled rows there are, while they are too few for the next refit."""
    model, partition = run.request.model, run.request.requested.partition
    wanted = run.refit_rows[run.state.refits]
    if run.change_offset is not None:
        rows = now.live.count(model, partition, run.change_offset)
        if rows < wanted:
            return f"{rows} labelled rows since the change, the next challenger is trained on {wanted}"
    if run.state.began_ms:
        return None
    rows = now.live.count(model, partition, FROM_THE_BEGINNING)
    if rows < now.settings.min_rows:
        return f"{rows} labelled rows, at least {now.settings.min_rows} are needed (DRIFTLINE_RETRAIN_MIN_ROWS)"
    return None
