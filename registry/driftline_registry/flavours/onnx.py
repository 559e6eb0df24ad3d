"""ONNX models, computed by onnxruntime: graphs of its own operators, which bring no code along.

A model has one input, a table of all features of one type in the manifest's order, or an input of one column for each
feature, by its name. One that predicts classes has an output with a probability for each of them, one that predicts
numbers a single output.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime

from driftline_registry.errors import ArtifactRefused
from driftline_registry.flavours import Scored, Value
from driftline_registry.flavours.matrices import matrix_builder, most_probable
from driftline_registry.manifest import Manifest

PAYLOAD = "model.onnx"

_NUMBERS: Mapping[str, type] = {"tensor(float)": np.float32, "tensor(double)": np.float64}
_TEXT = "tensor(string)"


def dump(model: object, path: Path) -> None:
    """Write a model: the content of its file, or the file's path."""
    path.write_bytes(model if isinstance(model, bytes) else Path(str(model)).read_bytes())


def load(path: Path, manifest: Manifest) -> "OnnxPredictor":
    """Read a model; raise `ArtifactRefused` unless it takes these features and predicts these classes."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4  # what is wrong is raised, and need not be printed too
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    try:
        # From its bytes: parts of a model in other files, wherever they are, are not read.
        session = onnxruntime.InferenceSession(path.read_bytes(), options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise ArtifactRefused(f"{path} is not an ONNX model that onnxruntime can run: {error}") from error
    return OnnxPredictor(session, manifest)


class OnnxPredictor:
    """Feeds rows of named features to a session; threads may share it."""

    def __init__(self, session: Any, manifest: Manifest) -> None:
        self._session = session
        self._classes = manifest.classes
        self._inputs = [_Input(each, manifest) for each in session.get_inputs()]
        self._output = _output(session, manifest)
        taken = [name for each in self._inputs for name in each.features]
        if sorted(taken) != sorted(manifest.features):
            raise ArtifactRefused(
                f"the ONNX model has inputs {', '.join(each.name for each in session.get_inputs())}; expected one "
                f"table, or one input for each feature: {', '.join(manifest.features)}"
            )

    def predict_many(self, rows: Sequence[Mapping[str, Value]]) -> list[Scored]:
        """Predict each row."""
        if not rows:
            return []
        (found,) = self._session.run([self._output], {each.name: each.columns(rows) for each in self._inputs})
        if self._classes:
            return most_probable(found, self._classes)
        return [Scored(value, None) for value in found.reshape(-1).tolist()]


class _Input:
    """One input of a model, and the features that it takes."""

    def __init__(self, declared: Any, manifest: Manifest) -> None:
        self.name: str = declared.name
        self.features = (self.name,) if self.name in manifest.features else manifest.features
        categorical = manifest.categorical & set(self.features)
        expected = _TEXT if categorical else "tensor(float) or tensor(double)"
        if declared.type not in ((_TEXT,) if categorical else _NUMBERS) or 0 < len(categorical) < len(self.features):
            raise ArtifactRefused(
                f"input {self.name!r} of the ONNX model is {declared.type}, expected {expected}; numbers and strings "
                "need inputs of their own, one for each feature"
            )
        self._type = _NUMBERS.get(declared.type, object)
        self._matrix = matrix_builder(self.features, categorical)

    def columns(self, rows: Sequence[Mapping[str, Value]]) -> npt.NDArray[Any]:
        return self._matrix(rows).astype(self._type)


def _output(session: Any, manifest: Manifest) -> str:
    """The name of the output that holds the probabilities, or the numbers."""
    outputs = [each for each in session.get_outputs() if each.type in _NUMBERS]
    if manifest.classes:
        outputs = [each for each in outputs if len(each.shape) == 2 and each.shape[1] in (None, len(manifest.classes))]
    else:
        outputs = [each for each in outputs if len(each.shape) == 1 or each.shape[1:] == [1]]
    if len(outputs) != 1:
        declared = ", ".join(f"{each.name}: {each.type}{each.shape}" for each in session.get_outputs())
        wanted = f"one table with {len(manifest.classes)} probabilities" if manifest.classes else "one number for a row"
        raise ArtifactRefused(
            f"the ONNX model has outputs {declared}; expected {wanted} (skl2onnx: options={{'zipmap': False}})"
        )
    return str(outputs[0].name)
