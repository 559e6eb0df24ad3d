"""Trains on a stream's rows, as the retrain service would."""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.retraining.streams import Stream
from driftline_registry import LoadedModel, load_artifact, save_artifact
from driftline_retrain_service.trainers import TrainingData, load_trainer


@contextmanager
def artifact(stream: Stream, rows: Sequence[int]) -> Iterator[Path]:
    """The artifact of a model that has learnt these rows."""
    categorical = frozenset(name for name, values in stream.columns.items() if isinstance(values[0], str))
    labels = [stream.labels[row] for row in rows]
    trainer = load_trainer(stream.trainer)
    data = TrainingData(
        [stream.row(row) for row in rows], labels, list(stream.columns), categorical, is_classification=True
    )
    with tempfile.TemporaryDirectory() as folder:
        yield save_artifact(
            trainer.fit(data, {}, 0),
            Path(folder),
            flavour=trainer.flavour,
            features=data.features,
            classes=sorted(set(labels)),
            categorical=categorical,
        )


def trained(stream: Stream, rows: Sequence[int]) -> LoadedModel:
    """The model itself."""
    with artifact(stream, rows) as folder:
        return load_artifact(folder)


def right(model: LoadedModel, stream: Stream, rows: Iterable[int]) -> list[bool]:
    """Whether a model is right on each of these rows."""
    numbers = list(rows)
    answers = model.predict_many([stream.row(row) for row in numbers])
    return [answer.prediction == stream.labels[row] for answer, row in zip(answers, numbers, strict=True)]
