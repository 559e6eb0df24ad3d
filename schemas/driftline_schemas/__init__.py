"""The wire contract of Driftline: records, topics, codec and settings."""

from driftline_schemas.errors import ConfigurationError, DriftlineError, InvalidRecord, Unavailable
from driftline_schemas.events.alert import Alert
from driftline_schemas.events.drift import Drift
from driftline_schemas.events.emitter_report import EmitterReport
from driftline_schemas.events.model_change import ArtifactRef, ModelChange, ModelPromoted
from driftline_schemas.events.model_spec import ModelSpec
from driftline_schemas.events.outcome import Outcome
from driftline_schemas.events.outcome_batch import OutcomeBatch
from driftline_schemas.events.position import ChangePoint, LogPosition
from driftline_schemas.events.prediction import Prediction
from driftline_schemas.events.prediction_batch import PredictionBatch
from driftline_schemas.events.retrain_request import RetrainRequest
from driftline_schemas.events.retrain_verdict import RetrainVerdict
from driftline_schemas.events.rollback_request import RollbackRequest
from driftline_schemas.events.tick import Tick

__all__ = [
    "Alert",
    "ArtifactRef",
    "ChangePoint",
    "ConfigurationError",
    "Drift",
    "DriftlineError",
    "EmitterReport",
    "InvalidRecord",
    "LogPosition",
    "ModelChange",
    "ModelPromoted",
    "ModelSpec",
    "Outcome",
    "OutcomeBatch",
    "Prediction",
    "PredictionBatch",
    "RetrainRequest",
    "RetrainVerdict",
    "RollbackRequest",
    "Tick",
    "Unavailable",
]
