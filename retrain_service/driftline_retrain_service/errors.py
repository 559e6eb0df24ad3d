"""What can go wrong with a retrain.

RetrainFailed      the challenger could not be trained; the champion stays and the retrain is recorded as failed
RunRefused         a run.json that this version of Driftline cannot read
"""

from driftline_schemas.errors import DriftlineError


class RetrainFailed(DriftlineError):
    """There is no usable challenger; the message says why and where the trainer's output lies."""


class RunRefused(DriftlineError):
    """The state of a retrain cannot be read; the message says which file, and what to do about it."""
