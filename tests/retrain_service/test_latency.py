import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from driftline_registry import LoadedModel, Manifest
from driftline_registry.flavours import Scored, Value
from driftline_retrain_service.isolation.runner import JobRunner
from driftline_retrain_service.proof.guards import Figures, GuardSettings, veto
from driftline_retrain_service.proof.latency import latency_ms
from driftline_retrain_service.rows.live import LiveRows
from driftline_schemas.settings import ClickHouseAddress
from driftline_schemas.topics import Topics
from tests.retrain_service.jobs import champion_registry
from tests.retrain_service.stored import request, settings
from tests.retrain_service.world import World

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


@pytest.mark.usefixtures("rogue_trainers")
def test_a_challenger_that_is_better_but_slow_is_refused(
    kafka_address: str, topics: Topics, database: ClickHouseAddress, tmp_path: Path
) -> None:
    registry = champion_registry(tmp_path)
    configured = settings(kafka_address, topics, database, registry.root, "ponderous")
    with (
        JobRunner(["driftline_registry.flavours.sklearn"]) as runner,
        closing(World(configured, registry, runner)) as world,
    ):
        world.specify(refit_rows=[150])
        world.stream(160, reverse=True)
        world.process(request(1, rows=160, changed_after=1))
        world.stream(100, reverse=True)
        world.process()
        assert world.statuses(1) == ["training", "shadow", "refused"]
        assert "better, but latency" in world.explanation(1)
        assert world.registry.champion_version("fraud") == "1"
        assert world.changes() == [("refused", "2", "1")]
