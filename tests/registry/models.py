"""Small fitted models for the tests of the registry and of the retrain service."""

from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from driftline_registry import Registry, save_sklearn

FEATURES = ("a", "b")


def threshold_model(*, reverse: bool = False) -> LogisticRegression:
    """'up' where a > 0 (or, reversed, where a < 0); b is noise."""
    numbers = np.random.default_rng(0).normal(size=(200, 2))
    sign = -1 if reverse else 1
    return LogisticRegression().fit(numbers, np.where(sign * numbers[:, 0] > 0, "up", "down"))


def artifact(folder: Path, *, reverse: bool = False) -> Path:
    """The same as an artifact."""
    return save_sklearn(threshold_model(reverse=reverse), folder, features=FEATURES)


def promote(registry: Registry, model: str, folder: Path, *, reverse: bool = False) -> str:
    """Register one and make it the champion by hand; its version."""
    version = registry.register(model, artifact(folder / f"reverse-{reverse}", reverse=reverse)).version
    registry.promote(model, version, expect=registry.aliases(model).champion)
    return version
