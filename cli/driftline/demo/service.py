"""A small prediction service, as a user of Driftline would write it: will the price rise or fall?"""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from driftline.demo.market import FEATURES, Market, timestamp_ms
from driftline_producers import InferenceLogger
from driftline_registry import ModelFollower, Registry, save_sklearn

MODEL = "elec2-price"
TRAINING_ROWS = 1_440
"""The first version learns from the first 30 days, and the replay begins after them."""
LABEL_DELAY_ROWS = 48
"""Whether the price rose is known a day later."""


@dataclass(frozen=True)
class FirstVersion:
    """The model as it was on its first day.

    Attributes:
        version: Its number in the registry.
        predictions: What it says about every row, had it served for ever.
    """

    version: str
    predictions: NDArray[np.str_]


def train_first_version(market: Market, registry: Registry) -> FirstVersion:
    """Train on the first `TRAINING_ROWS` rows, register the model and make it the champion."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    model = HistGradientBoostingClassifier(random_state=0)
    model.fit(market.features[:TRAINING_ROWS], market.labels[:TRAINING_ROWS])
    with tempfile.TemporaryDirectory() as folder:
        artifact = save_sklearn(model, Path(folder), features=FEATURES)
        version = registry.register(MODEL, artifact).version
    registry.promote(MODEL, version, expect=None)
    return FirstVersion(version, cast("NDArray[np.str_]", model.predict(market.features)))


class PriceService:
    """Predicts with the champion of the moment, logs every prediction, and reports the outcome a day later.

    Args:
        market: What happened.
        follower: Always has the champion.
        logger: The emitter of Driftline's SDK.
    """

    def __init__(self, market: Market, follower: ModelFollower, logger: InferenceLogger) -> None:
        self._market = market
        self._follower = follower
        self._logger = logger

    def predict(self, rows: Sequence[int]) -> tuple[str, list[str]]:
        """Predict some rows with one call of the model and log each; return the version and the predictions."""
        model = self._follower.current
        features = [self._market.features_at(row) for row in rows]
        answers = model.predict_many(features)
        for row, values, answer in zip(rows, features, answers, strict=True):
            self._logger.log(
                values,
                answer.prediction,
                score=answer.score,
                version=model.version,
                event_id=event_id(row),
                timestamp_ms=timestamp_ms(row),
            )
        return model.version, [str(answer.prediction) for answer in answers]

    def report_outcome(self, row: int) -> str:
        """Tell how a row turned out, as of `LABEL_DELAY_ROWS` later; return the label."""
        label = str(self._market.labels[row])
        self._logger.outcome(event_id(row), label, timestamp_ms=timestamp_ms(row + LABEL_DELAY_ROWS))
        return label


def event_id(row: int) -> str:
    """The id of a row's prediction; sorted by time, as ids should be.

    >>> event_id(2880)
    'elec2-02880'
    """
    return f"elec2-{row:05d}"
