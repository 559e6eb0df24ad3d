from pathlib import Path

import pytest

from driftline_registry import LocalRegistry, Registry
from tests.registry.vaults import Vault

pytest.register_assert_rewrite("tests.registry.contract", "tests.registry.tampering", "tests.registry.following")


@pytest.fixture
def registry(vault: Vault) -> Registry:
    """The registry under test; each module of tests has its own kind of `vault`."""
    return vault.registry


@pytest.fixture
def local(tmp_path: Path) -> LocalRegistry:
    return LocalRegistry(tmp_path / "registry")
