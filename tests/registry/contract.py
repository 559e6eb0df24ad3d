"""What every registry promises."""

from pathlib import Path

import pytest

from driftline_registry import ChampionChanged, NoChampion, Registry, UnknownVersion, open_registry
from tests.registry.models import artifact


class RegistryContract:
    """Every registry keeps these promises."""

    def test_versions_count_from_one(self, registry: Registry, tmp_path: Path) -> None:
        first = registry.register("fraud", artifact(tmp_path / "a"))
        second = registry.register("fraud", artifact(tmp_path / "b", reverse=True))
        assert [first.version, second.version] == ["1", "2"]
        assert [version.version for version in registry.versions("fraud")] == ["1", "2"]
        assert registry.models() == ["fraud"]

    def test_registering_is_idempotent_on_retrain_and_artifact(self, registry: Registry, tmp_path: Path) -> None:
        first = registry.register("fraud", artifact(tmp_path / "a"), retrain_id="r1")
        second = registry.register("fraud", artifact(tmp_path / "b", reverse=True), retrain_id="r1")
        assert second.version == "2"
        assert registry.register("fraud", tmp_path / "a", retrain_id="r1") == first
        assert registry.register("fraud", tmp_path / "b", retrain_id="r1") == second
        assert registry.register("fraud", tmp_path / "a", retrain_id="r2").version == "3"

    def test_promotions_change_both_aliases_and_can_be_taken_back(self, registry: Registry, tmp_path: Path) -> None:
        for name in ("a", "b"):
            registry.register("fraud", artifact(tmp_path / name, reverse=name == "b"))
        registry.promote("fraud", "1", expect=None)
        registry.promote("fraud", "2", expect="1", retrain_id="r1")
        aliases = registry.aliases("fraud")
        assert (aliases.champion, aliases.previous_champion) == ("2", "1")
        assert registry.rollback("fraud", expect="2", retrain_id="r1").version == "1"
        aliases = registry.aliases("fraud")
        assert (aliases.champion, aliases.previous_champion) == ("1", "2")
        assert [(line.action, line.champion) for line in registry.audit("fraud")] == [
            ("promoted", "1"),
            ("promoted", "2"),
            ("rolled-back", "1"),
        ]

    def test_what_a_retrain_has_done_is_not_done_again(self, registry: Registry, tmp_path: Path) -> None:
        for name in ("a", "b"):
            registry.register("fraud", artifact(tmp_path / name, reverse=name == "b"))
        registry.promote("fraud", "1", expect=None)
        registry.promote("fraud", "2", expect="1", retrain_id="r1")
        assert registry.rollback("fraud", expect="2", retrain_id="r1").version == "1"
        assert registry.promote("fraud", "2", expect="1", retrain_id="r1").champion == "1"
        assert registry.rollback("fraud", expect="2", retrain_id="r1").version == "1"
        assert len(registry.audit("fraud")) == 3
        with pytest.raises(ChampionChanged, match="the champion is 1, not 2"):
            registry.rollback("fraud", expect="2", retrain_id="r2")
        with pytest.raises(ChampionChanged, match="the champion is 1, not 2"):
            registry.rollback("fraud", expect="2")
        registry.promote("fraud", "2", expect="1", retrain_id="r2")
        assert registry.aliases("fraud").champion == "2"

    def test_a_promotion_on_stale_knowledge_is_refused(self, registry: Registry, tmp_path: Path) -> None:
        for name in ("a", "b"):
            registry.register("fraud", artifact(tmp_path / name, reverse=name == "b"))
        registry.promote("fraud", "1", expect=None)
        with pytest.raises(ChampionChanged, match="the champion is 1, not None"):
            registry.promote("fraud", "2", expect=None)
        registry.promote("fraud", "1", expect=None)
        assert len(registry.audit("fraud")) == 1

    def test_a_registry_opens_again_by_its_address(self, registry: Registry, tmp_path: Path) -> None:
        version = registry.register("fraud", artifact(tmp_path / "a"))
        assert open_registry(registry.uri).get("fraud", "1").manifest == version.manifest

    def test_what_does_not_exist_is_named(self, registry: Registry, tmp_path: Path) -> None:
        with pytest.raises(NoChampion, match="'fraud' has no champion"):
            registry.champion_version("fraud")
        with pytest.raises(UnknownVersion, match="no version '1'"):
            registry.promote("fraud", "1", expect=None)
        registry.register("fraud", artifact(tmp_path / "a"))
        registry.promote("fraud", "1", expect=None)
        for version in ("2", "../1", "", "¹"):
            with pytest.raises(UnknownVersion):
                registry.get("fraud", version)
        with pytest.raises(UnknownVersion, match="first champion"):
            registry.rollback("fraud", expect="1")
