import time
from collections.abc import Mapping, Sequence

from driftline_registry import LoadedModel, Manifest
from driftline_registry.flavours import Scored, Value
from driftline_retrain_service.proof.guards import Figures, GuardSettings, veto
from driftline_retrain_service.proof.latency import latency_ms
from driftline_retrain_service.rows.live import LiveRows

ROWS = LiveRows(numbers=[{"a": 1.0}] * 5, categories=[{}] * 5)


class Model:
    """Burns so much CPU time for every call."""

    def __init__(self, burned_ms: float) -> None:
        self._seconds = burned_ms / 1000

    def predict_many(self, rows: Sequence[Mapping[str, Value]]) -> list[Scored]:
        began = time.thread_time()
        while time.thread_time() - began < self._seconds:
            pass
        return [Scored("up", None)] * len(rows)


def loaded(burned_ms: float) -> LoadedModel:
    return LoadedModel(
        "1", Manifest(flavour="sklearn", payload="m.skops", sha256="0" * 64, features=("a",)), Model(burned_ms)
    )


def test_a_slow_challenger_is_measured_and_vetoed() -> None:
    slow, fast = latency_ms(loaded(20), ROWS), latency_ms(loaded(0), ROWS)
    assert slow is not None
    assert slow >= 20
    assert fast is not None
    said = veto(Figures(latency_ms=fast), Figures(latency_ms=slow), GuardSettings())
    assert said is not None
    assert said.startswith("latency 2")


def test_without_rows_nothing_is_measured() -> None:
    assert latency_ms(loaded(0), LiveRows()) is None
