"""From an address in a setting to a registry."""

from pathlib import Path

from driftline_registry.local import LocalRegistry
from driftline_registry.registry import Registry


def open_registry(address: str | Path) -> Registry:
    """Open the registry that an address names: a folder.

    >>> open_registry("/srv/registry").uri
    '/srv/registry'
    """
    return LocalRegistry(Path(address))
