"""Online drift detection on columns, without I/O: detectors, windows, and a monitor of one model."""

from driftline_detectors.columns import ErrorColumns, PredictionColumns, TrafficColumns
from driftline_detectors.findings import DriftFinding, Findings, ReadingFindings, WindowFindings
from driftline_detectors.interface import Change, Detector, Past, Reading
from driftline_detectors.learning_places import LearningPlaces
from driftline_detectors.model_monitor import ModelMonitor
from driftline_detectors.settings import FeatureSettings, MonitorSettings
from driftline_detectors.snapshots import Plain, SnapshotError
from driftline_detectors.traffic_monitor import TrafficMonitor

__all__ = [
    "Change",
    "Detector",
    "DriftFinding",
    "ErrorColumns",
    "FeatureSettings",
    "Findings",
    "LearningPlaces",
    "ModelMonitor",
    "MonitorSettings",
    "Past",
    "Plain",
    "PredictionColumns",
    "Reading",
    "ReadingFindings",
    "SnapshotError",
    "TrafficColumns",
    "TrafficMonitor",
    "WindowFindings",
]
