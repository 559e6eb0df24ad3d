"""Logistic regression by scikit-learn: missing numbers imputed, numbers scaled, categories one-hot encoded."""

from collections.abc import Mapping

import numpy as np
from pydantic import JsonValue
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from driftline_registry.flavours.matrices import matrix_builder
from driftline_retrain_service.trainers import TrainingData, require_classes


class LogisticRegressionTrainer:
    """`params` are those of `sklearn.linear_model.LogisticRegression`."""

    flavour = "sklearn"

    def fit(self, data: TrainingData, params: Mapping[str, JsonValue], seed: int) -> object:
        """Fit the pipeline."""
        require_classes(data, "logistic-regression")
        names = list(enumerate(data.features))
        columns = ColumnTransformer(
            [
                (
                    "numbers",
                    make_pipeline(SimpleImputer(keep_empty_features=True), StandardScaler()),
                    [column for column, name in names if name not in data.categorical],
                ),
                (
                    "categories",
                    OneHotEncoder(handle_unknown="ignore"),
                    [column for column, name in names if name in data.categorical],
                ),
            ]
        )
        learner = LogisticRegression(**{"random_state": seed, "max_iter": 1000, **params})
        matrix = matrix_builder(data.features, data.categorical)(data.rows)
        model = Pipeline([("columns", columns), ("model", learner)])
        return model.fit(matrix, np.array(data.labels), model__sample_weight=data.weights)


trainer = LogisticRegressionTrainer()
