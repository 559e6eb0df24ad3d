"""While a challenger is being trained, everything else goes on."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from driftline_registry import LocalRegistry
from driftline_retrain_service.announcements import Announcements
from driftline_retrain_service.isolation.runner import JobRunner
from driftline_retrain_service.isolation.usage import descendants
from driftline_retrain_service.main import parts
from driftline_retrain_service.service import RetrainService
from driftline_schemas import RetrainVerdict, RollbackRequest
from driftline_schemas.settings import ClickHouseAddress
from driftline_schemas.topics import Topics
from tests.registry.models import promote
from tests.retrain_service.jobs import champion_registry, labelled_rows
from tests.retrain_service.stored import EPOCH_MS, request, settings, store
from tests.retrain_service.world import World


@pytest.fixture
def runner(rogue_trainers: Path) -> Iterator[JobRunner]:
    assert rogue_trainers.exists()
    with JobRunner(["rogues"]) as running:
        yield running


@pytest.fixture
def registry(tmp_path: Path) -> LocalRegistry:
    """Two models, fraud and churn, whose champions are the same."""
    made = champion_registry(tmp_path)
    made.register("churn", tmp_path / "first")
    made.promote("churn", "1", expect=None)
    return made


@pytest.fixture
def world(
    kafka_address: str, topics: Topics, database: ClickHouseAddress, registry: LocalRegistry, runner: JobRunner
) -> Iterator[World]:
    configured = settings(kafka_address, topics, database, registry.root, "slow_at_first")
    with closing(World(configured, registry, runner)) as made:
        yield made


@pytest.fixture
def service(world: World) -> Iterator[RetrainService]:
    """A service that trains for ever."""
    store(world.settings.clickhouse, labelled_rows(120), model="fraud")
    store(world.settings.clickhouse, labelled_rows(120), model="churn", first=120)
    with Announcements(world.settings) as announcements:
        made = RetrainService(parts(world.settings, world.registry, world.runner, announcements))
        made.take(request(1, rows=120), world.client)
        made.advance(world.client)
        world.runner.wait()  # until it says which process it is
        yield made


def training(runner: JobRunner) -> str:
    """The retrain whose challenger is being trained."""
    return runner.running.parent.name if runner.running else ""


def test_a_roll_back_does_not_wait(service: RetrainService, world: World, tmp_path: Path) -> None:
    version = promote(world.registry, "fraud", tmp_path, reverse=True)
    back = RollbackRequest(rollback_id="b1", model="fraud", version=version, by="ana", timestamp_ms=EPOCH_MS)
    service.take(back, world.client)
    assert world.registry.champion_version("fraud") == "1"
    assert world.changes() == [("rolled-back", "1", version)]
    assert training(world.runner) == "retrain-1"


def test_another_retrain_waits_for_its_turn_and_a_rejected_one_makes_room(
    service: RetrainService, world: World
) -> None:
    service.take(request(2, rows=240, model="churn"), world.client)
    service.advance(world.client)
    assert (world.statuses(1), world.statuses(2)) == (["training"], ["training"])
    assert training(world.runner) == "retrain-1"
    job = descendants(world.runner._server.pid)
    assert job
    no = RetrainVerdict(retrain_id="retrain-1", model="fraud", approved=False, by="ana", timestamp_ms=EPOCH_MS)
    service.take(no, world.client)
    service.advance(world.client)
    assert world.statuses(1) == ["training", "rejected"]
    assert training(world.runner) == "retrain-2"
    assert not any(map(psutil.pid_exists, job))


def test_the_proof_of_another_model_goes_on(world: World) -> None:
    world.specify(refit_rows=[150])
    world.stream(160, reverse=True)
    with Announcements(world.settings) as announcements:
        service = RetrainService(parts(world.settings, world.registry, world.runner, announcements))
        service.take(request(1, rows=160, changed_after=1), world.client)
        service.advance(world.client)
        world.runner.close()  # the second attempt is not slow
        service.advance(world.client)
        while world.runner.wait():
            service.advance(world.client)
        assert world.statuses(1) == ["training", "shadow"]
        store(world.settings.clickhouse, labelled_rows(120), model="churn", first=160)
        world.rows += 120
        service.take(request(2, rows=280, model="churn"), world.client)
        service.advance(world.client)
        assert training(world.runner) == "retrain-2"
        world.stream(100, reverse=True)
        service.advance(world.client)
        assert world.changes() == [("promoted", "2", "1")]
        assert training(world.runner) == "retrain-2"


def test_the_next_service_trains_anew_what_the_last_one_left(service: RetrainService, world: World) -> None:
    assert training(world.runner) == "retrain-1"
    world.runner.close()
    world.process()
    assert world.statuses(1) == ["training", "shadow"]
