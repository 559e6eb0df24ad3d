"""A retrain ends once, wherever it is cut off, and says what became of it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client

from driftline_registry import LocalRegistry, ModelFollower
from driftline_retrain_service import promotion, service
from driftline_retrain_service.announcements import Announcements
from driftline_retrain_service.run import Run
from driftline_retrain_service.runner import JobRunner
from driftline_retrain_service.service import RetrainService
from driftline_schemas import ModelChange, ModelPromoted
from driftline_schemas.clickhouse import connect
from driftline_schemas.codec import decode
from driftline_schemas.settings import ClickHouseAddress, Settings
from driftline_schemas.topics import Topics
from tests.retrain_service.jobs import champion_registry, labelled_rows
from tests.retrain_service.stored import messages, request, settings, store

ROWS = 300


class Crash(BaseException):
    """Stands for kill -9: nothing may catch it."""


class World:
    """A service on real components, which can be started anew."""

    def __init__(self, configured: Settings, registry: LocalRegistry, runner: JobRunner) -> None:
        self.settings = configured
        self.registry = registry
        self.runner = runner
        self.client: Client = connect(configured.clickhouse)

    def process(self, number: int, **changes: Any) -> None:
        with Announcements(self.settings) as announcements:
            started = RetrainService(self.settings.retrain, self.registry, self.runner, announcements)
            started.process(request(number, **({"rows": ROWS} | changes)), self.client)

    def steps(self, number: int) -> list[tuple[str, ...]]:
        columns = "status, version, challenger_version"
        sql = f"SELECT {columns} FROM retrain_steps WHERE retrain_id = {{id:String}} ORDER BY sequence"
        return [tuple(row) for row in self.client.query(sql, parameters={"id": f"retrain-{number}"}).result_rows]

    def explanation(self, number: int) -> str:
        sql = "SELECT explanation FROM retrains WHERE retrain_id = {id:String}"
        return str(self.client.query(sql, parameters={"id": f"retrain-{number}"}).result_rows[0][0])

    def messages(self, topic: str) -> list[Any]:
        return messages(self.settings.kafka, topic)


@pytest.fixture(scope="module")
def runner() -> Iterator[JobRunner]:
    modules = ["driftline_registry.flavours.sklearn", "driftline_retrain_service.trainers.logistic_regression"]
    with JobRunner(modules) as running:
        yield running


@pytest.fixture
def world(kafka_address: str, topics: Topics, database: ClickHouseAddress, tmp_path: Path, runner: JobRunner) -> World:
    registry = champion_registry(tmp_path)
    store(database, labelled_rows(ROWS, reverse=True))
    configured = settings(kafka_address, topics, database, registry.root, "logistic-regression")
    return World(configured, registry, runner)


def test_a_better_challenger_is_promoted_announced_and_recorded(world: World) -> None:
    with ModelFollower(world.registry, "fraud", poll_seconds=0.05) as follower:
        assert follower.current.predict({"a": 2.0}).prediction == "up"
        world.process(1)
        assert follower.wait_for("2", timeout_seconds=20).predict({"a": 2.0}).prediction == "down"
    assert world.steps(1) == [("accepted", "1", ""), ("training", "1", ""), ("promoted", "1", "2")]
    (announced,) = world.messages(world.settings.topics.models.name)
    change = ModelChange.model_validate_json(announced.value)
    assert (announced.key, change.action, change.version, change.previous_version) == (b"fraud", "promoted", "2", "1")
    assert change.metrics["challenger"]["accuracy"] > 0.9 > 0.2 > change.metrics["champion"]["accuracy"]
    (logged,) = world.messages(world.settings.topics.events.name)
    assert decode(dict(logged.headers)["type"].decode(), logged.value) == ModelPromoted(**change.model_dump())
    (version,) = world.client.query("SELECT version, action, artifact_sha256 FROM model_versions").result_rows
    assert change.artifact is not None
    assert version == ("2", "promoted", change.artifact.sha256)


def test_the_same_request_again_and_one_for_the_replaced_version_do_nothing(world: World) -> None:
    world.process(1)
    world.process(1)
    world.process(2, at_seconds=1000)
    assert [version.version for version in world.registry.versions("fraud")] == ["1", "2"]
    assert len(world.messages(world.settings.topics.models.name)) == 1
    assert world.steps(2) == [("skipped", "2", "")]
    assert world.explanation(2) == "version 1 was already replaced by 2"


def test_a_challenger_that_is_not_better_is_refused_with_the_figures(world: World) -> None:
    world.process(1)
    world.process(2, version="2", at_seconds=1000)
    assert world.registry.aliases("fraud").champion == "2"
    assert world.steps(2)[-1][0] == "refused"
    assert "of the champion on the same 100 held-out rows" in world.explanation(2)
    actions = [
        ModelChange.model_validate_json(m.value).action for m in world.messages(world.settings.topics.models.name)
    ]
    assert actions == ["promoted", "refused"]
    assert len(world.messages(world.settings.topics.events.name)) == 1


def test_every_no_says_why(world: World) -> None:
    world.process(1, rows=99)
    assert world.explanation(1) == "99 labelled rows, at least 100 are needed (DRIFTLINE_RETRAIN_MIN_ROWS)"
    world.process(2, model="unknown")
    assert "no champion of 'unknown' is registered: save the model with driftline_registry" in world.explanation(2)
    world.process(3, version="v7")
    assert "version 'v7' is not in the registry, whose champion is 1" in world.explanation(3)
    world.process(4)
    world.process(5, version="2", at_seconds=59)
    assert "asked for 59 s before, the cooldown is 60 s" in world.explanation(5)
    world.process(6, version="2", at_seconds=60)
    assert world.steps(6)[-1][0] == "refused"
    world.process(7, model="x" * 250)
    assert "rename the model" in world.explanation(7)


def test_a_champion_that_was_tampered_with_fails_the_retrain(world: World) -> None:
    payload = world.registry.get("fraud", "1").folder / "model.skops"
    payload.write_bytes(b"planted")
    world.process(1)
    assert world.steps(1)[-1] == ("failed", "1", "")
    assert "damaged or forged" in world.explanation(1)
    assert world.registry.aliases("fraud").champion == "1"


CUTS: list[tuple[object, str]] = [
    (Run, "change"),
    (LocalRegistry, "register"),
    (LocalRegistry, "promote"),
    (JobRunner, "run"),
    (Announcements, "change"),
    (service, "record_steps"),
    (service, "record_version"),
    (promotion, "judge"),
]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(("owner", "name"), CUTS, ids=[name for _, name in CUTS])
def test_a_cut_at_any_step_ends_in_one_version_and_one_promotion(
    world: World, owner: object, name: str, after: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut = 0
    while True:
        cut += 1
        with monkeypatch.context() as patch:
            patch.setattr(owner, name, _crashing(getattr(owner, name), cut, after))
            try:
                world.process(1)
            except Crash:
                continue
        break
    assert cut > 1
    assert [version.retrain_id for version in world.registry.versions("fraud")] == ["", "retrain-1"]
    assert [line.champion for line in world.registry.audit("fraud")] == ["1", "2"]
    assert world.steps(1) == [("accepted", "1", ""), ("training", "1", ""), ("promoted", "1", "2")]
    changes = {message.value for message in world.messages(world.settings.topics.models.name)}
    assert len(changes) == 1


def _crashing(original: Callable[..., Any], call: int, after: bool) -> Callable[..., Any]:
    """The original, except that its n-th call crashes, before or after it has done its work."""
    calls = 0

    def crashing(*arguments: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == call and not after:
            raise Crash
        result = original(*arguments, **named)
        if calls == call:
            raise Crash
        return result

    return crashing
