"""The real tools that tests run: `make .venv-tools/.synced` and `tests/tools/system-packages` put them there."""

import shutil
from pathlib import Path

_BIN = Path(__file__).parents[2] / ".venv-tools" / "bin"


def tool(name: str) -> str:
    """The path of a tool from PyPI."""
    path = _BIN / name
    assert path.exists(), f"{path} is missing: run `make .venv-tools/.synced`"
    return str(path)


def program(name: str) -> str:
    """The path of a program of the system."""
    path = shutil.which(name)
    assert path, f"{name} is not on PATH: run `tests/tools/system-packages`"
    return path
