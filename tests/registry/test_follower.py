import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from driftline_registry import LocalRegistry, ModelFollower, NoChampion
from tests.registry.models import artifact


@pytest.fixture
def follower(registry: LocalRegistry, tmp_path: Path) -> Iterator[ModelFollower]:
    registry.register("fraud", artifact(tmp_path / "a"))
    registry.register("fraud", artifact(tmp_path / "b", reverse=True))
    registry.promote("fraud", "1", expect=None)
    with ModelFollower(registry, "fraud", poll_seconds=0.01) as running:
        yield running


def test_the_champion_is_there_at_once_and_swapped_when_it_changes(
    registry: LocalRegistry, follower: ModelFollower
) -> None:
    assert follower.current.predict({"a": 3.0, "b": 0.0}).prediction == "up"
    registry.promote("fraud", "2", expect="1")
    assert follower.wait_for("2", timeout_seconds=10).predict({"a": 3.0, "b": 0.0}).prediction == "down"
    assert follower.health.ok
    registry.rollback("fraud", expect="2")
    follower.wait_for("1", timeout_seconds=10)


def test_predictions_never_mix_two_versions(registry: LocalRegistry, follower: ModelFollower) -> None:
    expected = {"1": "up", "2": "down"}
    wrong: list[str] = []
    stop = threading.Event()

    def predict() -> None:
        while not stop.is_set():
            model = follower.current
            if model.predict({"a": 3.0, "b": 0.0}).prediction != expected[model.version]:
                wrong.append(model.version)

    threads = [threading.Thread(target=predict) for _ in range(3)]
    for thread in threads:
        thread.start()
    for version, champion in (("2", "1"), ("1", "2"), ("2", "1")):
        registry.promote("fraud", version, expect=champion)
        follower.wait_for(version, timeout_seconds=20)
    stop.set()
    for thread in threads:
        thread.join(timeout=10)
    assert wrong == []


def test_a_refused_version_leaves_the_last_good_one_in_use(registry: LocalRegistry, follower: ModelFollower) -> None:
    payload = registry.get("fraud", "2").folder / "model.skops"
    good = payload.read_bytes()
    payload.write_bytes(b"planted")
    registry.promote("fraud", "2", expect="1")
    _wait_for_problem(follower)
    assert follower.health.version == follower.current.version == "1"
    assert "damaged or forged" in str(follower.health.problem)
    payload.write_bytes(good)
    follower.wait_for("2", timeout_seconds=10)
    assert follower.health.ok


def test_the_last_good_one_stays_while_the_registry_is_away(registry: LocalRegistry, follower: ModelFollower) -> None:
    away = registry.root.with_name("away")
    registry.root.rename(away)
    _wait_for_problem(follower)
    assert follower.current.version == "1"
    away.rename(registry.root)
    registry.promote("fraud", "2", expect="1")
    follower.wait_for("2", timeout_seconds=10)


def test_a_follower_may_start_before_the_first_champion(registry: LocalRegistry, tmp_path: Path) -> None:
    with ModelFollower(registry, "fraud", poll_seconds=0.01) as follower:
        with pytest.raises(NoChampion, match="promote it"):
            _ = follower.current
        with pytest.raises(TimeoutError, match=r"not within 0\.02 s"):
            follower.wait_for(timeout_seconds=0.02)
        registry.register("fraud", artifact(tmp_path / "a"))
        registry.promote("fraud", "1", expect=None)
        assert follower.wait_for(timeout_seconds=10).version == "1"


def _wait_for_problem(follower: ModelFollower) -> None:
    with follower._changed:
        assert follower._changed.wait_for(lambda: not follower.health.ok, 10)
