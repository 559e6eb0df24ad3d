"""Registries as a stranger sees them who may write where their bytes lie, and as an operator who stops them."""

import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from mlflow import MlflowClient

from driftline_registry import LocalRegistry, Registry
from driftline_registry.mlflow_registry import MlflowRegistry
from tests.registry.mlflow_process import MlflowProcess


class Vault(Protocol):
    """A registry and the ways to tamper with it behind its back."""

    registry: Registry

    def reader(self, root: Path) -> Registry:
        """The same registry as another machine sees it, which has the key and nothing else."""

    def read(self, version: str, file: str) -> bytes:
        """What the registry keeps as this file of a version of 'fraud'."""

    def write(self, version: str, file: str, content: bytes) -> None:
        """Replace it."""

    def away(self) -> AbstractContextManager[None]:
        """Within this context nobody can reach it."""


class LocalVault:
    def __init__(self, root: Path) -> None:
        self.registry: Registry = LocalRegistry(root)

    def reader(self, root: Path) -> Registry:
        return LocalRegistry(self.registry.root)

    def read(self, version: str, file: str) -> bytes:
        return self._path(version, file).read_bytes()

    def write(self, version: str, file: str, content: bytes) -> None:
        self._path(version, file).write_bytes(content)

    @contextmanager
    def away(self) -> Iterator[None]:
        hidden = self.registry.root.with_name("away")
        self.registry.root.rename(hidden)
        yield
        hidden.rename(self.registry.root)

    def _path(self, version: str, file: str) -> Path:
        return self.registry.root / "models" / "fraud" / "versions" / version / file


class MlflowVault:
    def __init__(self, server: MlflowProcess, root: Path) -> None:
        self._server = server
        self.client = MlflowClient(server.address, registry_uri=server.address)
        self.registry: Registry = MlflowRegistry(server.address, root)

    def reader(self, root: Path) -> Registry:
        root.mkdir(exist_ok=True)
        shutil.copy(self.registry.root / "signing.key", root / "signing.key")
        return MlflowRegistry(self._server.address, root)

    def read(self, version: str, file: str) -> bytes:
        if file == "version.json":
            return self.client.get_model_version("fraud", version).tags["driftline.statement"].encode()
        return self._path(version, file).read_bytes()

    def write(self, version: str, file: str, content: bytes) -> None:
        if file == "version.json":
            self.client.set_model_version_tag("fraud", version, "driftline.statement", content.decode())
        else:
            self._path(version, file).write_bytes(content)

    @contextmanager
    def away(self) -> Iterator[None]:
        self._server.stop()
        yield
        self._server.start()

    def clear(self) -> None:
        """Delete every model, so that the next test finds the server empty."""
        for model in self.client.search_registered_models():
            self.client.delete_registered_model(model.name)

    def _path(self, version: str, file: str) -> Path:
        source = self.client.get_model_version("fraud", version).source
        return self._server.artifacts / unquote(urlsplit(source).path).lstrip("/") / file
