"""A retrain from the request to its end: what is waited for, proved, promoted, joined, and taken back."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from driftline_registry import ModelFollower
from driftline_retrain_service.runner import JobRunner
from driftline_schemas import ModelChange, ModelPromoted, RetrainVerdict, RollbackRequest
from driftline_schemas.codec import decode
from driftline_schemas.settings import ClickHouseAddress
from driftline_schemas.topics import Topics
from tests.retrain_service.jobs import champion_registry
from tests.retrain_service.stored import EPOCH_MS, request, settings
from tests.retrain_service.world import World


@pytest.fixture(scope="module")
def runner() -> Iterator[JobRunner]:
    modules = ["driftline_registry.flavours.sklearn", "driftline_retrain_service.trainers.logistic_regression"]
    with JobRunner(modules) as running:
        yield running


@pytest.fixture
def world(kafka_address: str, topics: Topics, database: ClickHouseAddress, tmp_path: Path, runner: JobRunner) -> World:
    registry = champion_registry(tmp_path)
    return World(settings(kafka_address, topics, database, registry.root, "logistic-regression"), registry, runner)


def drifted(world: World) -> None:
    """200 rows of the world that version 1 knows, then 160 of the reverse."""
    world.specify(refit_rows=[150])
    world.stream(200, reverse=False)
    world.stream(160, reverse=True)


def test_a_challenger_is_promoted_as_soon_as_the_outcomes_prove_it_better(world: World) -> None:
    drifted(world)
    world.process(request(1, rows=360, changed_after=200))
    assert world.statuses(1) == ["training", "shadow"]
    with ModelFollower(world.registry, "fraud", poll_seconds=0.05) as follower:
        assert follower.current.predict({"a": 2.0, "b": 0.0}).prediction == "up"
        world.stream(100, reverse=True)
        world.process()
        assert follower.wait_for("2", timeout_seconds=20).predict({"a": 2.0, "b": 0.0}).prediction == "down"
    assert world.steps(1) == [("training", "1", ""), ("shadow", "1", "2"), ("promoted", "1", "2")]
    ((rows, evidence, final),) = world.steps(1, "shadow_rows, evidence, final")[-1:]
    assert final
    assert float(evidence) >= 1 / 0.01
    assert int(rows) < 100
    (announced,) = world.messages(world.settings.topics.models.name)
    change = ModelChange.model_validate_json(announced.value)
    assert (announced.key, change.action, change.version, change.previous_version) == (b"fraud", "promoted", "2", "1")
    assert change.metrics["challenger"]["accuracy"] > 0.9 > 0.2 > change.metrics["champion"]["accuracy"]
    (logged,) = world.messages(world.settings.topics.events.name)
    assert decode(dict(logged.headers)["type"].decode(), logged.value) == ModelPromoted(**change.model_dump())
    assert [entry.action for entry in world.audit.entries()] == ["training", "shadow", "promotion-intended", "promoted"]
    assert world.audit.verify() == []
