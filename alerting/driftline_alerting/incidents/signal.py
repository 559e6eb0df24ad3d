"""What an alert says, as far as other alerts are compared with it."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from driftline_schemas.events.alert import Alert
from driftline_schemas.events.base import Record
from driftline_schemas.events.drift import Drift, Kind

OF_DATA: frozenset[Kind] = frozenset({"data-drift", "prediction-drift", "quality"})
OF_ERRORS: frozenset[Kind] = frozenset({"concept-drift", "performance"})

_DRIVING_SHARE = 0.2
_MOST_CHARACTERS = 300
_NAME_AND_DATE = re.compile(r"^[^:]*: (?P<change>.*?),? since \d{4}-\d\d-\d\d \d\d:\d\d UTC")


class Told(NamedTuple):
    """An alert as it arrived.

    Attributes:
        alert: The alert.
        drifts: The drifts that it is built on, as far as they are known.
        at_ms: The broker's time of its record.
        owner: Who answers for the model.
        late: Whether it comes so late that nobody is to be told any more.
    """

    alert: Alert
    drifts: Sequence[Drift]
    at_ms: int
    owner: str = ""
    late: bool = False


class Signal(Record):
    """One thing that changed.

    Attributes:
        kind: What changed.
        feature: The feature that changed; empty where none is meant.
        segment: The segment, as tag=value; empty for all traffic.
        version: Version of the model.
        detector: Who says so; empty where that is not known.
        change: What changed, in words without name and date.
        since_ms: When the change began, as estimated; event time.
        until_ms: When it was detected; event time.
        drivers: Features that brought a fifth of the evidence or more, the most first.
        is_over: Whether it says that a silence is over.
    """

    kind: Kind
    feature: str
    segment: str
    version: str
    detector: str
    change: str
    since_ms: int
    until_ms: int
    drivers: list[str]
    is_over: bool = False

    @property
    def name(self) -> str:
        """Kind, feature and segment in a few words."""
        of = f" of {self.feature}" if self.feature else ""
        where = f" where {self.segment}" if self.segment else ""
        return f"{self.kind}{of}{where}"

    def is_again(self, other: "Signal") -> bool:
        """Whether it is the same thing as an earlier one; versions fall silent each for itself."""
        same = (self.kind, self.feature, self.segment) == (other.kind, other.feature, other.segment)
        return same and (self.kind != "silence" or self.version == other.version)

    @property
    def names(self) -> frozenset[str]:
        """The features that it is about."""
        return frozenset((self.feature, *self.drivers)) - {""}


def signal_of(told: Told) -> Signal:
    """What an alert says."""
    alert = told.alert
    detected_ms = alert.detected.timestamp_ms
    changed_ms = alert.change_point.timestamp_ms if alert.change_point else detected_ms
    shares = {name: share for drift in told.drifts for name, share in drift.contributions.items()}
    drivers = sorted(
        (name for name in shares if shares[name] >= _DRIVING_SHARE), key=lambda name: (-shares[name], name)
    )
    return Signal(
        kind=alert.kind,
        feature=alert.feature or "",
        segment=segment_of(alert),
        version=alert.version,
        detector=told.drifts[0].detector if told.drifts else "",
        change=_change(alert.message),
        since_ms=min(changed_ms, detected_ms),
        until_ms=detected_ms,
        drivers=drivers,
        is_over=alert.kind == "silence" and alert.severity == "info",
    )


def segment_of(alert: Alert) -> str:
    """The segment of an alert as one text."""
    return ",".join(f"{tag}={value}" for tag, value in alert.segment.items())


def _change(message: str) -> str:
    """What a message says, without the model's name, the date and the detector.

    >>> _change("fraud 3: amount rose from 2 to 3 since 1970-01-01 00:00 UTC (adwin)")
    'amount rose from 2 to 3'
    """
    found = _NAME_AND_DATE.match(message)
    return (found["change"] if found else message)[:_MOST_CHARACTERS]
