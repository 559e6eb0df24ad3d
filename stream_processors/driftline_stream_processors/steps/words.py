"""What happened, in one line for people."""

from datetime import UTC, datetime

from driftline_detectors import DriftFinding
from driftline_stream_processors.memory.faults import Fault


def message(model: str, version: str, finding: DriftFinding) -> str:
    """What happened to which model since when, and who says so.

    >>> message("fraud", "3", DriftFinding(0, "data-drift", "amount", "adwin", 1, 1, "up", 2, 3, 9, 7, 0))
    'fraud 3: amount rose from 2 to 3 since 1970-01-01 00:00 UTC (adwin)'
    """
    since = datetime.fromtimestamp(finding.change_timestamp_ms / 1000, UTC)
    name = f"{model} {version}" if version else model
    where = f" where {'='.join(finding.segment)}" if finding.segment else ""
    return f"{name}: {_change(finding)}{where} since {since:%Y-%m-%d %H:%M} UTC ({finding.detector})"


def withheld(fault: Fault) -> str:
    """Why no retrain is asked for."""
    since = datetime.fromtimestamp(fault.began_ms / 1000, UTC)
    return f"; no retrain is asked for: {fault.feature} is broken since {since:%Y-%m-%d %H:%M} UTC"


_UNNAMED = {"prediction-drift": "the prediction", "latency": "the latency"}


def _change(finding: DriftFinding) -> str:
    before, after = finding.before, finding.after
    what = finding.feature or _UNNAMED.get(finding.kind, "error")
    if finding.kind == "performance":
        figure, side = ("accuracy", "below") if finding.direction == "down" else ("mean absolute error", "above")
        return f"{figure} is {after:.4g}, {side} {before:.4g},"
    if finding.detector == "null-rate":
        return f"{what} is missing or invalid in {after:.0%} of the events instead of {before:.0%}"
    if finding.detector == "frozen":
        return f"{what} is frozen: {after:.0%} of its values repeat the one before instead of {before:.0%}"
    if finding.of_shares:
        return f"the mix of {what} changed, the share of one value from {before:.0%} to {after:.0%},"
    return f"{what} {'rose' if finding.direction == 'up' else 'fell'} from {before:.4g} to {after:.4g}"
