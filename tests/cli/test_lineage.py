"""From a version back to its events, and its training once more, after a real retrain."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from driftline.main import app
from driftline_retrain_service.isolation.runner import JobRunner
from driftline_schemas.settings import ClickHouseAddress
from driftline_schemas.topics import Topics
from tests.cli.conftest import insert
from tests.retrain_service.jobs import champion_registry
from tests.retrain_service.stored import EPOCH_MS, PARTITION, request, settings
from tests.retrain_service.world import World


def driftline(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


@pytest.fixture
def world(
    kafka_address: str, topics: Topics, database: ClickHouseAddress, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> World:
    """Version 2 was trained in `retrain-1`, because of the drift `d1`."""
    registry = champion_registry(tmp_path)
    with JobRunner(["driftline_retrain_service.trainers.logistic_regression"]) as runner:
        world = World(settings(kafka_address, topics, database, registry.root, "logistic-regression"), registry, runner)
        world.specify(refit_rows=[150])
        world.stream(200, reverse=False)
        world.stream(160, reverse=True)
        drift = {"drift_id": "d1", "model": "fraud", "kind": "concept-drift", "detected_event_id": "e359"}
        places = {"partition": PARTITION, "offset": 719, "change_offset": 399, "change_event_id": "e199"}
        insert(world.client, "drift_log", **drift, **places, detected_at=EPOCH_MS, change_at=EPOCH_MS)
        world.process(request(1, rows=360, changed_after=200))
    url = f"http://{database.username}@{database.host}:{database.port}/{database.database}"
    monkeypatch.setenv("DRIFTLINE_CLICKHOUSE", url)
    monkeypatch.setenv("DRIFTLINE_REGISTRY", str(registry.root))
    return world


def test_a_version_is_traced_to_its_events_and_trained_again_but_one_from_elsewhere_is_not(world: World) -> None:
    found = json.loads(driftline("lineage", "fraud", "2", "--json").stdout)
    assert (found["retrain_id"], found["is_champion"]) == ("retrain-1", False)
    assert found["retrain"]["reason"] == "concept-drift"
    assert [step["status"] for step in found["retrain"]["steps"]][:2] == ["training", "shadow"]
    training = found["training"]
    assert training["chosen"] in training["figures"]
    assert training["environment"]["lock_sha256"]
    (drift,) = found["drifts"]
    assert (drift["offset"], drift["change_event_id"]) == (719, "e199")
    shown = {row["event_id"] for row in world.client.query(drift["sql"]).named_results()}
    assert shown == {"e199", "e359"}
    events = found["events"]
    assert (events["first_event_id"], events["last_event_id"], events["change_row"]) == ("e0", "e349", 200)
    assert [row["event_id"] for row in world.client.query(events["sql"]).named_results()][::349] == ["e0", "e349"]

    text = driftline("lineage", "fraud", "2").stdout
    assert "\nretrain_id: retrain-1\n" in text
    assert "- drift_id: d1\n" in text

    again = driftline("retrain", "rerun", "retrain-1", "--json")
    assert again.exit_code == 0, again.output
    (row,) = [json.loads(line) for line in again.stdout.splitlines()]
    assert (row["training"], row["verdict"], row["digest"]) == (
        "attempt-1",
        "the same digest",
        training["prediction_digest"],
    )

    found = json.loads(driftline("lineage", "fraud", "--json").stdout)
    assert (found["version"], found["is_champion"], found["retrain_id"]) == ("1", True, "")
    assert "retrain" not in found
    assert driftline("lineage", "fraud", "9").exit_code == 1
    assert driftline("retrain", "rerun", "never").exit_code == 2
