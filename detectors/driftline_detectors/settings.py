"""What a monitor is told to watch, and how."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

E_DETECTOR = "e-detector"
"""Name of the bank that watches all features under one budget (feature_watch.py)."""

FeatureKind = Literal["number", "category", "ignored"]


@dataclass(frozen=True, slots=True)
class FeatureSettings:
    """What a feature is, and what it may be; a value that it may not be counts like a null.

    Without a kind it is what its first value is: text makes a category.
    """

    kind: FeatureKind | None = None
    minimum: float = -math.inf
    maximum: float = math.inf
    values: frozenset[str] | None = None


ANYTHING = FeatureSettings()
"""What a feature is of which nothing is known."""


@dataclass(frozen=True, slots=True)
class MonitorSettings:
    """How a model is watched.

    Attributes:
        feature_detector: E_DETECTOR, or the name of a detector in the catalogue for every numeric feature.
        error_detectors: Names of detectors in the catalogue.
        budget_events: At most one false alarm about the data in so many predictions, on average; 1 or more.
        features: What is known of features, by name.
        segments: Tags whose values are watched by themselves, too.
        minimum_accuracy: What a window's accuracy must not fall below, 0 to 1.
        maximum_mae: What a window's mean absolute error must not exceed, above 0.
        reference_size: Values of a feature that it is compared with, 500 or more: its first ones.
        window_size: Rows of a window, 1 or more.
        max_features: Features that are watched, 0 or more; who comes first.
        budget_days: `budget_events` in days of event time instead, above 0.
    """

    feature_detector: str = E_DETECTOR
    error_detectors: tuple[str, ...] = ("adwin", "e-sr")
    budget_events: float = 1e6
    features: Mapping[str, FeatureSettings] = field(default_factory=dict)
    segments: tuple[str, ...] = ()
    minimum_accuracy: float | None = None
    maximum_mae: float | None = None
    reference_size: int = 5000
    window_size: int = 500
    max_features: int = 512
    budget_days: float | None = None
