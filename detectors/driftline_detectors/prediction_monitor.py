"""What is watched of a model version's predictions: every feature, the latency, and the predictions themselves."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import compress
from typing import Any, Final, Self

import numpy as np

from driftline_detectors.bank import made
from driftline_detectors.category_names import CategoryNames
from driftline_detectors.column_windows import METRICS
from driftline_detectors.columns import Floats, Integers, PredictionColumns
from driftline_detectors.feature_alarm import NULL_RATE
from driftline_detectors.feature_table import FAULTS, LATENCY, MODEL_COLUMNS, PREDICTION, Feature, Table, table, there
from driftline_detectors.feature_watch import FeatureWatch
from driftline_detectors.findings import DriftFinding, Findings, WindowFindings
from driftline_detectors.panel import Panel
from driftline_detectors.settings import ANYTHING, E_DETECTOR, MonitorSettings
from driftline_detectors.snapshots import Plain
from driftline_detectors.subject import Subject
from driftline_detectors.tumbling_window import ClosedWindow, TumblingWindow

_KIND: Final = "data-drift"
_MODEL_METRICS: Final = {"latency": ("mean", "max"), "prediction": ("mean", "std")}
"""What is reported of the columns before those of the features."""
_OF_ALL: Final = [METRICS.index("count"), METRICS.index("nulls")]
"""Metrics that mean something for a category, and for a feature without values."""


class PredictionMonitor:
    """Watches the predictions of one model version: windows of all, and detectors on at most `max_features` features.

    Who comes first is watched; those that appear in the same row come in the order of their names. The values of the
    others are counted in the metric `unmonitored_values`. Those that wait for a place to learn are counted in
    `waiting_features`. The e-detector bank watches categories, predictions and
    latency as well; detectors of the catalogue watch numeric features only.
    """

    def __init__(self, settings: MonitorSettings) -> None:
        self._settings = settings
        self._ignored = {name for name, each in settings.features.items() if each.kind == "ignored"}
        self._tumbling = TumblingWindow(settings.window_size)
        self._panel = Panel(_KIND, MODEL_COLUMNS)
        self._features: list[Feature] = []
        self._classes: bool | None = None
        self._watch: FeatureWatch | None = None
        if settings.feature_detector == E_DETECTOR:
            self._watch = FeatureWatch(settings.budget_events, settings.reference_size, settings.budget_days)
            self._watch.add([Subject("", category=False, kind="latency")])
            self._watch.add([Subject("", category=False, kind="prediction-drift")])
        self._names = CategoryNames()
        self._faults: Counter[tuple[str, str]] = Counter()
        self._unmonitored = 0

    @classmethod
    def of_features(cls, names: Iterable[str], settings: MonitorSettings) -> Self:
        """Return a monitor that will watch these numeric features from its first row on."""
        monitor = cls(settings)
        monitor._watch_features([Feature(name, False, settings.features.get(name, ANYTHING)) for name in names])
        return monitor

    def successor(self) -> Self:
        """Return a monitor for another version of the model, which knows what the features were like."""
        monitor = type(self)(self._settings)
        monitor._watch_features(self._features)
        monitor._names = CategoryNames.restore(self._names.snapshot())
        if self._watch is not None:
            monitor._watch = self._watch.successor()
        return monitor

    def observe(self, batch: PredictionColumns) -> Findings:
        """Take the next predictions, in log order."""
        found = Findings()
        if not len(batch):
            return found
        if self._classes is None:
            self._classes = bool(batch.prediction) and bool(np.isnan(batch.prediction_value[0]))
            if self._classes and self._watch is not None:
                self._watch.begin_anew(PREDICTION, Subject("", category=True, kind="prediction-drift"))
        columns = self._table(batch)
        origins = np.array((batch.position, batch.timestamp_ms))
        for rows, closed in self._tumbling.segments(batch.timestamp_ms):
            if self._admit(batch, rows):
                columns = self._table(batch)
            for drift in self._detect(columns, rows, origins[:, rows]):
                found.drifts.append(replace(drift, row=drift.row + rows.start))
            if closed:
                self._close(closed, found)
        found.drifts.sort(key=lambda drift: (drift.row, drift.feature or ""))
        return found

    @property
    def watch(self) -> FeatureWatch | None:
        """The e-detector bank, where the settings ask for it."""
        return self._watch

    def evidence(self, feature: str | None) -> float:
        """How much evidence of a change of this feature there is; of what has no name, and by other detectors, none."""
        return self._watch.evidence(feature) if self._watch is not None and feature else 0.0

    def _table(self, batch: PredictionColumns) -> Table:
        if self._watch is not None:
            for feature in self._features:
                if feature.category:
                    self._names.learn(feature.name, batch.texts.get(feature.name, ()))
            if self._classes:
                self._names.learn("", batch.prediction)
        return table(batch, self._features, classes=bool(self._classes) and self._watch is not None)

    def _detect(self, columns: Table, rows: slice, origins: Integers) -> list[DriftFinding]:
        values, carried = columns.values[:, rows], None if columns.carried is None else columns.carried[:, rows]
        self._faults.update({key: int(where[rows].sum()) for key, where in columns.faults.items() if where[rows].any()})
        found = self._panel.observe(values, carried, origins)
        if self._watch is not None:
            found += [self._named(drift, columns, rows) for drift in self._watch.observe(values, origins)]
        return [drift for drift in found if drift.kind != "latency" or drift.direction == "up"]

    def _named(self, drift: DriftFinding, columns: Table, rows: slice) -> DriftFinding:
        """Say which category it is, and instead of "null" what is wrong with the value at which it was seen."""
        feature = drift.feature or ""
        if drift.of_shares:
            return replace(drift, category=self._names.of(feature, drift.code))
        here = rows.start + drift.row
        found = [
            fault for fault in FAULTS if (feature, fault) in columns.faults and columns.faults[feature, fault][here]
        ]
        return replace(drift, detector=found[0].replace("_", "-")) if drift.detector == NULL_RATE and found else drift

    def _admit(self, batch: PredictionColumns, rows: slice) -> int:
        """Begin to watch the features that these rows are the first to carry, and count what there is no room for."""
        arrivals = []
        known = {feature.name for feature in self._features} | self._ignored
        for name in (batch.features.keys() | (batch.texts.keys() if self._watch is not None else set())) - known:
            numbers, texts = there(batch, name, rows)
            carried = numbers if self._watch is None else numbers | texts
            if carried.any():
                first = int(carried.argmax())
                feature = Feature.of(name, self._settings.features.get(name), text=bool(texts[first]))
                arrivals.append((first, feature, int(carried.sum())))
        if not arrivals:
            return 0
        arrivals.sort(key=lambda arrival: (arrival[0], arrival[1].name))
        room = self._settings.max_features - len(self._features)
        self._watch_features([feature for _, feature, _ in arrivals[:room]])
        self._unmonitored += sum(values for _, _, values in arrivals[room:])
        return len(arrivals[:room])

    def _watch_features(self, features: list[Feature]) -> None:
        self._features += features
        if self._watch is None:
            self._panel.add((feature.name, made(self._settings.feature_detector)) for feature in features)
            return
        self._panel.add_bare(len(features))
        self._watch.add([Subject(feature.name, feature.category) for feature in features])

    def _close(self, closed: ClosedWindow, found: Findings) -> None:
        """Report the window's metrics and the detectors' readings, and begin the next window."""
        windows = closed.findings()
        windows.append("", "count", float(self._tumbling.size), self._tumbling.size)
        values, sizes = self._panel.metrics()
        for column, name in ((LATENCY, "latency"), (PREDICTION, "prediction")):
            size = 0 if name == "prediction" and self._classes else int(sizes[column, 0])
            for metric in _MODEL_METRICS[name] if size else ():
                windows.append("", f"{name}_{metric}", float(values[column, METRICS.index(metric)]), size)
        if self._unmonitored:
            windows.append("", "unmonitored_values", float(self._unmonitored), self._unmonitored)
        if self._watch is not None and (waiting := self._watch.waiting):
            windows.append("", "waiting_features", float(waiting), waiting)
        self._report_features(values[MODEL_COLUMNS:], sizes[MODEL_COLUMNS:], windows)
        for (feature, fault), count in sorted(self._faults.items()):
            windows.append(feature, fault, float(count), count)
        found.windows.append(windows)
        found.readings.append((self._panel if self._watch is None else self._watch).readings(closed.row))
        self._panel.begin_window()
        self._faults.clear()
        self._unmonitored = 0

    def _report_features(self, values: Floats, sizes: Integers, windows: WindowFindings) -> None:
        """Add the metrics of all features; of a category, and of one without values, only those that count."""
        names = [feature.name for feature in self._features]
        numeric = np.array([not feature.category for feature in self._features], np.bool_)[:, np.newaxis]
        known = np.repeat((sizes[:, :1] > 0) & numeric, len(METRICS), axis=1)
        known[:, _OF_ALL] = True
        chosen = known.ravel().tolist()
        features = compress((name for name in names for _ in METRICS), chosen)
        windows.extend(features, compress(METRICS * len(names), chosen), values[known].tolist(), sizes[known].tolist())

    def snapshot(self) -> dict[str, Plain]:
        """Return the whole state as plain data."""
        return {
            "tumbling": self._tumbling.snapshot(),
            "panel": self._panel.snapshot(),
            "features": [[feature.name, feature.category] for feature in self._features],
            "classes": self._classes,
            "watch": None if self._watch is None else self._watch.snapshot(),
            "names": self._names.snapshot(),
            "faults": [[*key, count] for key, count in sorted(self._faults.items())],
            "unmonitored": self._unmonitored,
        }

    @classmethod
    def restore(cls, state: Mapping[str, Any], settings: MonitorSettings) -> Self:
        """Return the monitor that `snapshot` described; raise LookupError, TypeError or ValueError if it is damaged."""
        monitor = cls(settings)
        monitor._tumbling = TumblingWindow.restore(state["tumbling"])
        for name, category in state["features"]:
            monitor._features.append(Feature(name, bool(category), settings.features.get(name, ANYTHING)))
        bare = MODEL_COLUMNS + (len(monitor._features) if settings.feature_detector == E_DETECTOR else 0)
        monitor._panel = Panel.restore(state["panel"], _KIND, bare)
        monitor._classes = state["classes"]
        if monitor._watch is not None:
            monitor._watch = FeatureWatch.restore(state["watch"])
        monitor._names = CategoryNames.restore(state["names"])
        monitor._faults.update({(feature, fault): int(count) for feature, fault, count in state["faults"]})
        monitor._unmonitored = int(state["unmonitored"])
        return monitor
