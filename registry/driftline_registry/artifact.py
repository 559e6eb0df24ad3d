"""Artifacts: a folder with a manifest and a payload; and the models that are loaded from them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from driftline_registry.errors import ArtifactRefused
from driftline_registry.files import sha256_of
from driftline_registry.flavours import Predictor, Scored, Value, flavour_named
from driftline_registry.manifest import Label, Manifest, Training


@dataclass(frozen=True)
class LoadedModel:
    """A verified model, ready to predict; threads may share it."""

    version: str
    manifest: Manifest
    predictor: Predictor

    def predict(self, features: Mapping[str, Value]) -> Scored:
        """Predict one row: `(prediction, score)`, the score being the probability of the predicted class.

        Features that the model does not know are ignored, missing ones are handled by the model.

        Raises:
            TypeError: a string where the model was trained on numbers, or the reverse.
        """
        return self.predictor.predict_many([features])[0]

    def predict_many(self, rows: Sequence[Mapping[str, Value]]) -> list[Scored]:
        """Predict many rows at once, which is many times faster than one by one."""
        return self.predictor.predict_many(rows)


def save_artifact(
    model: object,
    folder: Path,
    *,
    flavour: str,
    features: Sequence[str],
    classes: Sequence[Label] = (),
    categorical: Collection[str] = (),
    training: Training | None = None,
) -> Path:
    """Write a fitted model into a new folder, ready for `LocalRegistry.register`.

    Args:
        model: a fitted scikit-learn estimator (its columns in the order of `features`), a River model, or an ONNX file.
        folder: where; made if need be, and must be empty.
        flavour: `sklearn`, `river` or `onnx`.
        features: names of the features, in the order of the model's columns.
        classes: what each class is called, in the model's own order; none for regression.
        categorical: the features that are strings.
        training: where the model came from.

    Raises:
        ArtifactRefused: the model holds something that could not be loaded safely again.
        FileExistsError: the folder is not empty.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise FileExistsError(f"{folder} is not empty; name a new folder")
    library = flavour_named(flavour)
    payload = folder / library.PAYLOAD
    library.dump(model, payload)
    manifest = Manifest(
        flavour=flavour,
        payload=payload.name,
        sha256=sha256_of(payload),
        features=tuple(features),
        categorical=frozenset(categorical),
        classes=tuple(classes),
        training=training or Training(),
    )
    manifest.write(folder)
    return folder


def save_sklearn(
    model: object,
    folder: Path,
    *,
    features: Sequence[str],
    classes: Sequence[Label] | None = None,
    categorical: Collection[str] = (),
) -> Path:
    """Write a fitted scikit-learn estimator or pipeline that was trained elsewhere into a new folder.

    `classes` says what the model's classes are called, in the order of its `classes_`; by default they keep their
    names, and a model without `classes_` is a regression. See `save_artifact` for the rest.
    """
    own = [] if (found := getattr(model, "classes_", None)) is None else list(found.tolist())
    if classes is not None and len(classes) != len(own):
        raise ValueError(f"{len(classes)} classes named, but the model has {len(own)}: {own}; name each of them")
    named = own if classes is None else classes
    return save_artifact(model, folder, flavour="sklearn", features=features, classes=named, categorical=categorical)


def save_onnx(
    model: Path | str,
    folder: Path,
    *,
    features: Sequence[str],
    classes: Sequence[Label] = (),
    categorical: Collection[str] = (),
) -> Path:
    """Write an ONNX file that was made elsewhere into a new folder; pip install 'driftline-registry[onnx]'.

    The model has one input, a table of all features in this order, or an input of one column for each of them, by its
    name. Its output is a table with the probabilities of the `classes`, in this order, or one number for a row. See
    `save_artifact` for the rest.

    Raises:
        ArtifactRefused: onnxruntime cannot run it, or it takes or gives something else; the folder stays empty.
    """
    saved = save_artifact(model, folder, flavour="onnx", features=features, classes=classes, categorical=categorical)
    try:
        load_artifact(saved)
    except ArtifactRefused:
        for file in saved.iterdir():
            file.unlink()
        raise
    return saved


def load_artifact(folder: Path, version: str = "") -> LoadedModel:
    """Load an artifact whose bytes match its manifest.

    Only for artifacts from a trusted hand: `LocalRegistry.load` checks the signature as well.

    Raises:
        ArtifactRefused: payload and manifest do not agree, or the payload holds something not on the allow-list.
    """
    manifest = Manifest.read(folder)
    payload = folder / manifest.payload
    if not payload.is_file():
        raise ArtifactRefused(f"{payload} is missing")
    if sha256_of(payload) != manifest.sha256:
        raise ArtifactRefused(
            f"{payload} is not the file that {manifest.sha256[:12]}… was computed from: damaged or forged"
        )
    return LoadedModel(version, manifest, flavour_named(manifest.flavour).load(payload, manifest))
