"""Killed at random points, the service ends every retrain in exactly one state, with one story in all its records."""

from collections import Counter
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest

from driftline_retrain_service.isolation.runner import JobRunner
from driftline_retrain_service.runs.state import FINAL
from driftline_schemas import ModelChange
from driftline_schemas.settings import ClickHouseAddress
from driftline_schemas.topics import Topics
from tests.retrain_service.jobs import champion_registry
from tests.retrain_service.kills import Killed
from tests.retrain_service.stored import settings
from tests.retrain_service.world import World


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("kills", [2, pytest.param(50, marks=pytest.mark.long)])
def test_killed_at_random_points(
    kills: int, kafka_address: str, topics: Topics, database: ClickHouseAddress, tmp_path: Path
) -> None:
    registry = champion_registry(tmp_path)
    configured = settings(kafka_address, topics, database, registry.root, "logistic-regression")
    with JobRunner([]) as runner, closing(World(configured, registry, runner)) as world:
        world.specify(refit_rows=[150, 300], shadow_rows=300, probation_rows=200)
        world.stream(200, reverse=False)
        killed = Killed(world, tmp_path, seed=kills)
        for _ in range(kills):
            killed.kill()
        killed.end()
        _one_end_each(world, killed)
        _one_story(world)


def _one_end_each(world: World, killed: Killed) -> None:
    sql = (
        "SELECT retrain_id, groupArray((status, final)) FROM (SELECT * FROM retrain_steps ORDER BY sequence) GROUP BY 1"
    )
    told = {
        retrain_id: [step for step, final in steps if final and step != "rolled-back"]
        for retrain_id, steps in world.client.query(sql).result_rows
    }
    assert set(told) == set(killed.requested)
    assert all(len(ends) == 1 and ends[0] in FINAL for ends in told.values()), told


def _one_story(world: World) -> None:
    changes = world.registry.audit("fraud")
    assert all(after.previous_champion == before.champion for before, after in pairwise(changes))
    assert world.registry.champion_version("fraud") == changes[-1].champion
    aliased = [(change.action, change.champion, change.previous_champion) for change in changes[1:]]
    found = [ModelChange.model_validate_json(each.value) for each in world.messages(world.settings.topics.models.name)]
    announced = [(each.action, each.version, each.previous_version) for each in found if each.action != "refused"]
    assert Counter(set(announced)) == Counter(set(aliased))
    assert announced[-1:] == aliased[-1:]
    assert [entry.subject for entry in world.audit.entries() if entry.action == "promotion-intended"] == [
        champion for action, champion, _ in aliased if action == "promoted"
    ]
    assert world.audit.verify() == []
