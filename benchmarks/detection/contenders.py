"""Ours and River's: each says at which rows of a stream it raises an alarm, and for which feature."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from river import drift
from river.drift import binary

from benchmarks.detection.streams import START_MS, Stream
from driftline_detectors.adwin import Adwin
from driftline_detectors.bank import Bank
from driftline_detectors.e_sr import ESr
from driftline_detectors.feature_watch import FeatureWatch, Subject

Alarms = list[tuple[int, int]]
"""Row and feature."""

_CHUNK_ROWS = 1_000


def feature_watch(stream: Stream) -> Alarms:
    """The e-detector bank, at most one false alarm in a million events."""
    watch = FeatureWatch()
    features, rows = stream.values.shape
    watch.add([Subject(str(number), category=number in stream.categories) for number in range(features)])
    found: Alarms = []
    for begin in range(0, rows, _CHUNK_ROWS):
        numbers = np.arange(begin, min(begin + _CHUNK_ROWS, rows))
        origins = np.array((numbers, START_MS + numbers * stream.gap_ms))
        drifts = watch.observe(stream.values[:, numbers], origins)
        found += [(begin + alarm.row, int(alarm.feature or 0)) for alarm in drifts]
    return found


def error_watch(stream: Stream) -> Alarms:
    """ADWIN and e-SR on errors; what falls is good news."""
    bank = Bank("concept-drift")
    bank.add([("", Adwin()), ("", ESr())])
    rows = stream.values.shape[1]
    found: Alarms = []
    for begin in range(0, rows, _CHUNK_ROWS):
        numbers = np.arange(begin, min(begin + _CHUNK_ROWS, rows))
        values = np.repeat(stream.values[:, numbers], 2, axis=0)
        origins = np.array((numbers, numbers))
        drifts = bank.remember(values, None, origins, bank.update(values))
        found += [(begin + alarm.row, 0) for alarm in drifts]
    return sorted(found)


def river(make: Callable[[], Any]) -> Callable[[Stream], Alarms]:
    """A detector of River's for every feature, which ignores nulls."""

    def alarms(stream: Stream) -> Alarms:
        found = []
        for number, values in enumerate(stream.values):
            detector = make()
            for row, value in enumerate(values.tolist()):
                if value == value:
                    detector.update(value)
                    if detector.drift_detected:
                        found.append((row, number))
        return sorted(found)

    return alarms


OF_FEATURES: Mapping[str, Callable[[Stream], Alarms]] = {
    "driftline": feature_watch,
    "river-adwin": river(drift.ADWIN),
    "river-page-hinkley": river(drift.PageHinkley),
}
OF_ERRORS: Mapping[str, Callable[[Stream], Alarms]] = {
    "driftline": error_watch,
    "river-adwin": river(drift.ADWIN),
    "river-ddm": river(binary.DDM),
    "river-eddm": river(binary.EDDM),
    "river-hddm-a": river(binary.HDDMA),
    "river-hddm-w": river(binary.HDDMW),
}
