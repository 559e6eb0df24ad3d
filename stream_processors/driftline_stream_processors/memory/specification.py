"""What a model's specification means to its monitors."""

import math

from driftline_detectors import FeatureSettings, MonitorSettings
from driftline_schemas import ModelSpec
from driftline_schemas.events.model_spec import FeatureSpec


def monitor_settings(spec: ModelSpec) -> MonitorSettings:
    """How the model is to be watched."""
    return MonitorSettings(
        feature_detector=spec.detectors.features,
        error_detectors=tuple(dict.fromkeys(spec.detectors.errors)),
        budget_events=spec.budget_events,
        budget_days=spec.budget_days,
        features={name: _feature(feature) for name, feature in spec.features.items()},
        segments=tuple(dict.fromkeys(spec.segments)),
        minimum_accuracy=spec.performance.minimum_accuracy,
        maximum_mae=spec.performance.maximum_mae,
    )


def _feature(spec: FeatureSpec) -> FeatureSettings:
    return FeatureSettings(
        kind="category" if spec.values is not None else spec.kind,
        minimum=-math.inf if spec.minimum is None else spec.minimum,
        maximum=math.inf if spec.maximum is None else spec.maximum,
        values=None if spec.values is None else frozenset(spec.values),
    )
