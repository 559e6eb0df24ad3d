"""Where the real tools are that tests run; `make .venv-tools/.synced` puts them there."""

from pathlib import Path

_BIN = Path(__file__).parents[2] / ".venv-tools" / "bin"


def tool(name: str) -> str:
    """The path of a tool."""
    path = _BIN / name
    assert path.exists(), f"{path} is missing: run `make .venv-tools/.synced`"
    return str(path)
