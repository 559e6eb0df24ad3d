"""What people read of an incident."""

import re
from collections.abc import Sequence

from driftline_alerting.incidents.signal import Told
from driftline_schemas.events.drift import Drift

MOST_CHARACTERS = 600
_MOST_NAMED = 4
_LEAST_SHARE = 0.01
_SAYS_WHO = re.compile(r" \([a-z0-9_-]+\)$")
_WITHHELD = "; no retrain is asked for: "


def headline(lead: str, sureness: str, others: Sequence[str], alerts: int) -> str:
    """What happened to which model, since when, how sure that is, and what came with it."""
    shown, more = others[:_MOST_NAMED], len(others) - _MOST_NAMED
    also = f", with {', '.join(shown)}" + (f" and {more} more" if more > 0 else "") if shown else ""
    said = f"{_SAYS_WHO.sub('', lead)} ({sureness})" if sureness else lead
    return cut(said + also + (f": {alerts:,} alerts" if alerts > 1 else ""))


def lead_of(told: Told) -> str:
    """An alert's message without what it says about retrains, which becomes the remedy."""
    return told.alert.message.partition(_WITHHELD)[0]


def withheld(told: Told) -> str:
    """Why no retrain is asked for, where the alert says so."""
    reason = told.alert.message.partition(_WITHHELD)[2]
    return cut(f"no retrain is asked for: {reason}") if reason else ""


def sureness(drifts: Sequence[Drift]) -> str:
    """How far the first drift's statistic is beyond its threshold; empty without one."""
    if not drifts:
        return ""
    drift = drifts[0]
    if drift.threshold > 0 and drift.statistic >= drift.threshold:
        return f"{drift.detector} at {drift.statistic / drift.threshold:.3g} times its threshold"
    return f"{drift.detector}: {drift.statistic:.4g}, threshold {drift.threshold:.4g}"


def evidence(told: Told) -> str:
    """What was measured, in one line."""
    parts = [told.alert.message]
    for drift in told.drifts:
        parts.append(f"{drift.detector}: statistic {drift.statistic:.4g}, threshold {drift.threshold:.4g}")
        parts += [said for shares in (drift.contributions, drift.segments) if (said := _shares(shares))]
    return cut("; ".join(parts))


def _shares(shares: dict[str, float]) -> str:
    """Who brought how much of the evidence, the most first; empty where nobody is named."""
    largest = sorted((share, name or "the prediction") for name, share in shares.items() if share >= _LEAST_SHARE)
    return "evidence from " + ", ".join(f"{name} {share:.0%}" for share, name in reversed(largest)) if largest else ""


def cut(text: str) -> str:
    """A text of strangers that is not longer than a message may be."""
    return text if len(text) <= MOST_CHARACTERS else text[: MOST_CHARACTERS - 1] + "…"
