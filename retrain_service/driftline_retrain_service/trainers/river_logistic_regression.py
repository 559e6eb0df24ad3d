"""Logistic regression by River: one pass over the window, oldest row first, so that the newest rows weigh most."""

import numbers
import random
from collections.abc import Mapping

from pydantic import JsonValue
from river import compose, linear_model, optim, preprocessing

from driftline_registry.flavours.river import present
from driftline_retrain_service.trainers import TrainingData, require_classes

_LEARNING_RATE = 0.05


class RiverLogisticRegressionTrainer:
    """`params` may set `learning_rate` (default 0.05)."""

    flavour = "river"

    def fit(self, data: TrainingData, params: Mapping[str, JsonValue], seed: int) -> object:
        """Learn every row at most once; a missing value contributes nothing.

        River's softmax knows no weights: a row that weighs half is learnt with a probability of one half.
        """
        require_classes(data, "river-logistic-regression")
        rate = float(str(params.get("learning_rate", _LEARNING_RATE)))
        scaled = compose.SelectType(numbers.Number) | preprocessing.StandardScaler()
        encoded = compose.SelectType(str) | preprocessing.OneHotEncoder()
        model = (scaled + encoded) | linear_model.SoftmaxRegression(optim.SGD(rate))
        chance = random.Random(seed)  # noqa: S311 - to be the same again, not to be secret
        weights = data.weights or [1.0] * len(data.rows)
        for row, label, weight in zip(data.rows, data.labels, weights, strict=True):
            if weight >= 1.0 or chance.random() < weight:
                model.learn_one(present(row, data.features), label)
        return model


trainer = RiverLogisticRegressionTrainer()
