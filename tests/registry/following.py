"""What a follower does, whatever its registry."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from driftline_registry import ModelFollower, NoChampion, Registry
from tests.registry.models import artifact
from tests.registry.vaults import Vault


class FollowerContract:
    """A follower does the same on every registry."""

    @pytest.fixture
    def follower(self, registry: Registry, tmp_path: Path) -> Iterator[ModelFollower]:
        registry.register("fraud", artifact(tmp_path / "a"))
        registry.register("fraud", artifact(tmp_path / "b", reverse=True))
        registry.promote("fraud", "1", expect=None)
        with ModelFollower(registry, "fraud", poll_seconds=0.01) as running:
            yield running

    def test_the_champion_is_there_at_once_and_swapped_later(self, registry: Registry, follower: ModelFollower) -> None:
        assert follower.current.predict({"a": 3.0, "b": 0.0}).prediction == "up"
        registry.promote("fraud", "2", expect="1")
        assert follower.wait_for("2", timeout_seconds=60).predict({"a": 3.0, "b": 0.0}).prediction == "down"
        assert follower.health.ok
        registry.rollback("fraud", expect="2")
        follower.wait_for("1", timeout_seconds=60)

    def test_predictions_never_mix_two_versions(self, registry: Registry, follower: ModelFollower) -> None:
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
            follower.wait_for(version, timeout_seconds=60)
        stop.set()
        for thread in threads:
            thread.join(timeout=60)
        assert wrong == []

    def test_a_refused_version_leaves_the_last_good_one_in_use(self, vault: Vault, follower: ModelFollower) -> None:
        good = vault.read("2", "model.skops")
        vault.write("2", "model.skops", b"planted")
        vault.registry.promote("fraud", "2", expect="1")
        _wait_for_problem(follower)
        assert follower.health.version == follower.current.version == "1"
        assert "damaged or forged" in str(follower.health.problem)
        vault.write("2", "model.skops", good)
        follower.wait_for("2", timeout_seconds=60)
        assert follower.health.ok

    def test_the_last_good_one_stays_while_the_registry_is_away(self, vault: Vault, follower: ModelFollower) -> None:
        with vault.away():
            _wait_for_problem(follower)
            assert follower.current.predict({"a": 3.0, "b": 0.0}).prediction == "up"
        vault.registry.promote("fraud", "2", expect="1")
        assert follower.wait_for("2", timeout_seconds=60).predict({"a": 3.0, "b": 0.0}).prediction == "down"
        vault.registry.rollback("fraud", expect="2")
        follower.wait_for("1", timeout_seconds=60)

    def test_a_follower_may_start_before_the_first_champion(self, registry: Registry, tmp_path: Path) -> None:
        with ModelFollower(registry, "fraud", poll_seconds=0.01) as follower:
            with pytest.raises(NoChampion, match="promote it"):
                _ = follower.current
            with pytest.raises(TimeoutError, match=r"not within 0\.02 s"):
                follower.wait_for(timeout_seconds=0.02)
            registry.register("fraud", artifact(tmp_path / "a"))
            registry.promote("fraud", "1", expect=None)
            assert follower.wait_for(timeout_seconds=60).version == "1"


def _wait_for_problem(follower: ModelFollower) -> None:
    with follower._changed:
        assert follower._changed.wait_for(lambda: not follower.health.ok, 60)
