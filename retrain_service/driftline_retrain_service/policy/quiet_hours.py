"""Nothing is trained in quiet hours."""

from datetime import UTC, datetime

from driftline_retrain_service.context import Round
from driftline_retrain_service.rows.live import Frontier
from driftline_retrain_service.runs.run import Run


def reason_to_wait(run: Run, now: Round, frontier: Frontier) -> str | None:  # noqa: ARG001
    """Say so while the log's time lies in the quiet hours."""
    hours = run.state.policy.quiet_hours
    at = datetime.fromtimestamp(frontier.logged_at_ms / 1000, UTC)
    if hours is None or not is_quiet(hours, at.hour):
        return None
    return f"it is {at:%H:%M} UTC, and {hours} are quiet hours"


def is_quiet(hours: str, hour: int) -> bool:
    """Whether an hour of the day, 0 to 23, lies in hours such as `22-06`.

    >>> [hour for hour in range(24) if is_quiet("22-02", hour)]
    [0, 1, 22, 23]
    >>> is_quiet("09-17", 17), is_quiet("00-00", 12)
    (False, False)
    """
    first, end = map(int, hours.split("-"))
    return first <= hour < end if first <= end else not end <= hour < first
