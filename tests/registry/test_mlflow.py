"""The registry on a real MLflow server."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from driftline_registry import ArtifactRefused
from tests.registry.contract import RegistryContract
from tests.registry.following import FollowerContract
from tests.registry.mlflow_process import MlflowProcess
from tests.registry.tampering import FILES, TamperingContract
from tests.registry.vaults import MlflowVault


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MlflowProcess]:
    server = MlflowProcess(tmp_path_factory.mktemp("mlflow"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def vault(server: MlflowProcess, tmp_path: Path) -> Iterator[MlflowVault]:
    vault = MlflowVault(server, tmp_path / "registry")
    yield vault
    vault.clear()


class TestRegistry(RegistryContract):
    pass


class TestFollower(FollowerContract):
    pass


class TestTampering(TamperingContract):
    def test_a_damaged_copy_is_fetched_again(self, vault: MlflowVault, tmp_path: Path) -> None:
        reader = vault.reader(tmp_path / "reader")
        good = reader.load("fraud", "1").predict({"a": 3.0, "b": 0.0})
        for file in FILES:
            (reader.get("fraud", "1").folder / file).write_bytes(b"damaged")
        assert reader.load("fraud", "1").predict({"a": 3.0, "b": 0.0}) == good

    def test_a_version_that_somebody_else_put_there_is_none(self, vault: MlflowVault) -> None:
        own = vault.client.get_model_version("fraud", "1")
        vault.client.create_model_version("fraud", str(own.source), own.run_id)
        assert [version.version for version in vault.registry.versions("fraud")] == ["1", "2"]
        for attempt in (
            lambda: vault.registry.load("fraud", "3"),
            lambda: vault.registry.promote("fraud", "3", expect=None),
        ):
            with pytest.raises(ArtifactRefused, match="not registered by us"):
                attempt()
