"""Train the first version, register it and let it serve: `python -m fraud_service.train`."""

import os
import tempfile
from itertools import islice
from pathlib import Path

from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder

from driftline_registry import Registry, open_registry, save_sklearn
from fraud_service.payments import CATEGORICAL, FEATURES, MODEL, payments

ROWS = 2_000


def train(registry: Registry, seed: int = 1) -> str:
    """Fit a pipeline on past payments and make it the champion; return its version."""
    past = list(islice(payments(seed), ROWS))
    rows = [[payment.features[name] for name in FEATURES] for payment in past]
    encode = make_column_transformer(
        (OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1), [FEATURES.index("country")]),
        remainder="passthrough",
    )
    model = make_pipeline(encode, HistGradientBoostingClassifier(max_iter=20, random_state=0))
    model.fit(rows, [payment.label for payment in past])
    with tempfile.TemporaryDirectory() as folder:
        artifact = save_sklearn(model, Path(folder), features=FEATURES, categorical=CATEGORICAL)
        version = registry.register(MODEL, artifact).version
    registry.promote(MODEL, version, expect=registry.aliases(MODEL).champion)
    return version


if __name__ == "__main__":
    registry = open_registry(os.environ.get("DRIFTLINE_REGISTRY", "registry"))
    print(f"version {train(registry)} of {MODEL!r} serves from {registry.uri}")
