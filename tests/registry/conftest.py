from pathlib import Path

import pytest

from driftline_registry import LocalRegistry


@pytest.fixture
def registry(tmp_path: Path) -> LocalRegistry:
    return LocalRegistry(tmp_path / "registry")
