"""Histogram gradient boosting by scikit-learn, for classes and numbers; it handles missing values itself."""

from collections.abc import Mapping

import numpy as np
from pydantic import JsonValue
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OrdinalEncoder

from driftline_registry.flavours.matrices import matrix_builder
from driftline_retrain_service.trainers import TrainingData


class GradientBoostingTrainer:
    """`params` are those of `sklearn.ensemble.HistGradientBoostingClassifier` or `...Regressor`."""

    flavour = "sklearn"

    def fit(self, data: TrainingData, params: Mapping[str, JsonValue], seed: int) -> object:
        """Fit the trees; categories are numbered in the order of their names."""
        estimator = HistGradientBoostingClassifier if data.is_classification else HistGradientBoostingRegressor
        categories = [column for column, name in enumerate(data.features) if name in data.categorical]
        encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan)
        columns = ColumnTransformer([("categories", encoder, categories)], remainder="passthrough")
        model = Pipeline([("columns", columns), ("model", estimator(**{"random_state": seed, **params}))])
        matrix = matrix_builder(data.features, data.categorical)(data.rows)
        return model.fit(matrix, np.array(data.labels), model__sample_weight=data.weights)


trainer = GradientBoostingTrainer()
