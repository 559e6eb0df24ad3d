"""What people say to the retrain service, and what it answers."""

import json
import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from driftline.errors import CONFIGURATION
from driftline.main import app
from driftline_retrain_service.isolation.runner import JobRunner
from driftline_schemas.codec import decode_retrain
from driftline_schemas.settings import ClickHouseAddress
from driftline_schemas.topics import Topics
from tests.retrain_service.jobs import champion_registry
from tests.retrain_service.stored import settings
from tests.retrain_service.world import World


@pytest.fixture
def world(
    kafka_address: str,
    topics: Topics,
    database: ClickHouseAddress,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[World]:
    """A service, and commands whose environment leads to it."""
    registry = champion_registry(tmp_path)
    for name in [name for name in os.environ if name.startswith("DRIFTLINE_")]:
        monkeypatch.delenv(name)
    address = f"http://{database.username}@{database.host}:{database.port}/{database.database}"
    monkeypatch.setenv("DRIFTLINE_KAFKA", kafka_address)
    monkeypatch.setenv("DRIFTLINE_CLICKHOUSE", address)
    monkeypatch.setenv("DRIFTLINE_TOPIC_PREFIX", topics.prefix)
    monkeypatch.setenv("DRIFTLINE_REGISTRY", str(registry.root))
    configured = settings(kafka_address, topics, database, registry.root, "logistic-regression")
    with JobRunner([]) as runner, closing(World(configured, registry, runner)) as made:
        yield made


def driftline(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def said(*arguments: str) -> str:
    result = driftline(*arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def hear(world: World) -> None:
    """Let the service take everything that was said, also what it has heard before."""
    found = world.messages(world.settings.topics.retrains.name)
    world.process(*(decode_retrain(dict(each.headers)["type"].decode(), each.value) for each in found))


def retrains(*arguments: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in said("retrains", *arguments, "--json").splitlines()]


def test_a_retrain_by_hand_is_approved_and_shown_with_every_step(world: World) -> None:
    assert said("retrains") == "No retrain has been asked for yet.\n"
    refused = driftline("retrain", "fraud")
    assert (refused.exit_code, "nothing of 'fraud' is stored yet" in refused.stderr) == (CONFIGURATION, True)
    world.specify(approval=True)
    world.stream(200, reverse=False)
    retrain_id, *_ = said("retrain", "fraud", "--reason", "new year").split(":")
    hear(world)
    (shown,) = retrains("fraud")
    assert (shown["retrain_id"], shown["reason"], shown["status"], shown["final"]) == (
        retrain_id,
        "new year",
        "waiting",
        False,
    )
    said("approve", retrain_id, "--by", "ana")
    hear(world)
    assert [step["status"] for step in reversed(retrains("--steps", retrain_id))] == ["waiting", "training", "shadow"]
    said("reject", retrain_id, "--by", "ben", "--reason", "a strike")
    hear(world)
    assert retrains()[0]["explanation"] == "by ben: a strike"
    ended = driftline("approve", retrain_id)
    assert (ended.exit_code, "has ended: rejected, by ben: a strike" in ended.stderr) == (CONFIGURATION, True)
    assert driftline("reject", "no-such-id").exit_code == CONFIGURATION


def test_a_promotion_is_taken_back_by_hand(world: World) -> None:
    first = driftline("rollback", "fraud")
    assert (first.exit_code, "is the first champion" in first.stderr) == (CONFIGURATION, True)
    world.specify(refit_rows=[150])
    world.stream(200, reverse=False)
    world.stream(160, reverse=True)
    said("retrain", "fraud")
    hear(world)
    world.stream(500, reverse=True)
    hear(world)
    assert world.registry.champion_version("fraud") == "2"
    said("rollback", "fraud", "--by", "ana")
    hear(world)
    assert world.registry.champion_version("fraud") == "1"
    assert retrains()[0]["status"] == "rolled-back"
