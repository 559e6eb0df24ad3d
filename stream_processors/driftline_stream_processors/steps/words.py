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
_INVALID = {
    "null-rate": "missing",
    "wrong-type": "missing or of the wrong type",
    "out-of-range": "missing or out of range",
    "unseen": "missing or none of its categories",
}


def _traffic(finding: DriftFinding) -> str:
    before, after = finding.before, finding.after
    if finding.kind == "silence" and finding.direction == "up":
        return f"predictions again after {_duration(1000 * finding.statistic)},"
    if finding.kind == "silence":
        usual = f" ({before:,.0f} are usual in this time)" if before >= 1 else ""
        return f"no predictions for {_duration(1000 * finding.statistic)}{usual},"
    if finding.kind == "volume":
        return f"{after:,.0f} predictions in an hour instead of {before:,.0f}"
    if finding.detector == "duplicates":
        return f"{after:.2%} of the predictions repeat an earlier one instead of {before:.2%},"
    if finding.detector == "label-coverage":
        return f"{after:.2g} outcomes for each prediction of a day instead of {before:.2g}"
    return f"outcomes came {_duration(after)} after their predictions instead of {_duration(before)}"


def _duration(span_ms: float) -> str:
    """A time span in the largest unit of which there are two.

    >>> [_duration(1000 * seconds) for seconds in (90, 600, 7200, 200_000)]
    ['90 s', '10 min', '2 h', '2.3 days']
    """
    for unit, length_ms in (("days", 86_400_000), ("h", 3_600_000), ("min", 60_000)):
        if span_ms >= 2 * length_ms:
            return f"{span_ms / length_ms:.2g} {unit}"
    return f"{span_ms / 1000:.0f} s"


def _change(finding: DriftFinding) -> str:
    before, after = finding.before, finding.after
    if finding.kind in {"volume", "silence"} or finding.detector in {"duplicates", "label-coverage", "label-delay"}:
        return _traffic(finding)
    what = finding.feature or _UNNAMED.get(finding.kind, "error")
    if finding.kind == "performance":
        figure, side = ("accuracy", "below") if finding.direction == "down" else ("mean absolute error", "above")
        return f"{figure} is {after:.4g}, {side} {before:.4g},"
    if finding.detector == "unseen" and finding.of_shares:
        return f"{what} is {finding.category or 'a new value'}, which it never was, in {after:.0%} of the events"
    if finding.detector in _INVALID:
        return f"{what} is {_INVALID[finding.detector]} in {after:.0%} of the events instead of {before:.0%}"
    if finding.detector == "frozen":
        return f"{what} is frozen: {after:.0%} of its values repeat the one before instead of {before:.0%}"
    if finding.of_shares:
        which = finding.category or ("one value" if finding.code is not None else "all rare values")
        return f"the mix of {what} changed, the share of {which} from {before:.0%} to {after:.0%},"
    return f"{what} {'rose' if finding.direction == 'up' else 'fell'} from {before:.4g} to {after:.4g}"
