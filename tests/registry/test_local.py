from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftline_registry import InvalidName, LocalRegistry
from driftline_registry.names import folder_name, model_name
from tests.registry.contract import RegistryContract
from tests.registry.following import FollowerContract
from tests.registry.models import artifact
from tests.registry.tampering import TamperingContract
from tests.registry.vaults import LocalVault


@pytest.fixture
def vault(tmp_path: Path) -> LocalVault:
    return LocalVault(tmp_path / "registry")


class TestRegistry(RegistryContract):
    pass


class TestFollower(FollowerContract):
    pass


class TestTampering(TamperingContract):
    pass


def test_concurrent_registrations_get_different_versions(local: LocalRegistry, tmp_path: Path) -> None:
    folders = [artifact(tmp_path / str(i), reverse=bool(i % 2)) for i in range(2)]
    with ThreadPoolExecutor(8) as pool:
        versions = list(pool.map(lambda i: local.register("fraud", folders[i % 2]).version, range(16)))
    assert sorted(set(versions)) == ["1", "2"]
    assert versions[0::2] == [versions[0]] * 8


@pytest.mark.parametrize("model", ["../../etc", ".", "..", "a/b", "ü", "x y", "a%2Fb", "C:\\x"])
def test_names_of_strangers_stay_inside_the_registry(local: LocalRegistry, tmp_path: Path, model: str) -> None:
    local.register(model, artifact(tmp_path / "artifact"))
    assert local.models() == [model]
    assert {path.name for path in tmp_path.iterdir()} == {"artifact", "registry"}


@pytest.mark.parametrize("model", ["", "x" * 201, "ü" * 34, "\ud800"])
def test_names_that_cannot_be_folders_are_refused(local: LocalRegistry, model: str) -> None:
    with pytest.raises(InvalidName, match="rename the model"):
        local.aliases(model)


@given(st.text(min_size=1, max_size=16))
def test_folder_names_are_reversible_single_components(model: str) -> None:
    try:
        name = folder_name(model)
    except InvalidName:
        return
    assert model_name(name) == model
    assert name not in (".", "..")
    assert not set(name) & set("/\\\0:")
