"""A registry on an MLflow server: its versions, its aliases, tags with the lineage; models in our own safe artifacts.

On the server, under the model's folder name (`names.py`):

aliases `champion`, `previous_champion`
tag `driftline.change`           of the model: the change that is being made or was made last
tag `driftline.change.<n>`       of the model: the n-th change of the aliases, set when it is made
tag `driftline.statement`        of a version: the signed statement, content of `version.json`
tags `driftline.retrain_id`, `driftline.sha256`, ...    of a version: what it came from, and what it is
artifacts of a run of its own    manifest and payload, as `save_artifact` wrote them; no flavour of MLflow's

MLflow cannot compare and set. One process at a time may change a model's aliases: the retrain service, or a command
while it is down or in the same `root` (whose lock they share). A change looks, writes, and looks again.
"""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from mlflow.entities.model_registry import ModelVersion, RegisteredModel
from pydantic import ValidationError

from driftline_registry.aliases import AliasChange, Aliases
from driftline_registry.artifact import LoadedModel, load_artifact
from driftline_registry.errors import ArtifactRefused, ChampionChanged, RegistryError, UnknownVersion
from driftline_registry.files import exclusive_lock, replace_atomically, sha256_of, sync
from driftline_registry.manifest import MANIFEST_NAME, Manifest
from driftline_registry.mlflow_server import MlflowServer
from driftline_registry.names import folder_name
from driftline_registry.registry import Registry
from driftline_registry.signing import Signer
from driftline_registry.version import VERSION_NAME, Statement, Version, signed_statement

_MODEL = "driftline.model"
_CHANGE = "driftline.change"
_STATEMENT = "driftline.statement"
_RETRAIN_ID = "driftline.retrain_id"
_MANIFEST_SHA256 = "driftline.manifest_sha256"


class MlflowRegistry(Registry):
    """Versions and aliases on an MLflow server.

    `root` holds the signing key, which everybody who reads the registry needs, and copies of what was read.
    """

    def __init__(self, address: str, root: Path) -> None:
        self.root = root
        self._signer = Signer(root / "signing.key")
        self._server = MlflowServer(address)

    @property
    def uri(self) -> str:
        """`mlflow+<address>?folder=<root>`."""
        return f"mlflow+{self._server.address}?folder={quote(str(self.root.resolve()))}"

    def models(self) -> list[str]:
        """Return the names of all models, sorted; what others keep on the server is not among them."""
        return sorted(model.tags[_MODEL] for model in self._server.models(_MODEL))

    def register(self, model: str, artifact: Path, *, retrain_id: str = "") -> Version:
        """Log an artifact and create a version of it; see `Registry`."""
        manifest = Manifest.read(artifact)
        if sha256_of(artifact / manifest.payload) != manifest.sha256:
            raise ArtifactRefused(f"{artifact / manifest.payload} does not match its manifest; save the model again")
        tags = {
            "driftline.retrain_id": retrain_id,
            "driftline.sha256": manifest.sha256,
            _MANIFEST_SHA256: sha256_of(artifact / MANIFEST_NAME),
            "driftline.data_sha256": manifest.training.data_sha256,
            "driftline.trainer": manifest.training.trainer,
        }
        with self._locked(model):
            self._server.create_model(folder_name(model), {_MODEL: model})
            found = self._version_of(folder_name(model), [artifact / MANIFEST_NAME, artifact / manifest.payload], tags)
            if _STATEMENT not in found.tags:  # new, or its writer was killed before signing it
                self._sign(model, found, retrain_id, tags[_MANIFEST_SHA256])
        return self.get(model, found.version)

    def versions(self, model: str) -> list[Version]:
        """Return all versions that are signed, oldest first."""
        found = self._server.versions(folder_name(model))
        return [self._described(model, version) for version in found if _STATEMENT in version.tags]

    def get(self, model: str, version: str) -> Version:
        """Return a version's description; see `Registry`."""
        return self._described(model, self._found(model, version))

    def load(self, model: str, version: str) -> LoadedModel:
        """Bring a version here unless it is here already, verify it and load its model."""
        found = self._found(model, version)
        described = self._described(model, found)
        payload = described.folder / described.manifest.payload
        if not payload.is_file() or sha256_of(payload) != described.manifest.sha256:
            self._download(found, payload.name, described.folder)
        return load_artifact(described.folder, version)

    def aliases(self, model: str) -> Aliases:
        """Return the champion and the previous champion."""
        return _aliases(self._server.model(folder_name(model)))

    def promote(self, model: str, version: str, *, expect: str | None, retrain_id: str = "") -> Aliases:
        """Make a version the champion; see `Registry`, and this module about other writers."""
        self.get(model, version)
        with self._locked(model):
            now, past = self._completed(model)
            change = now.promotion(version, past, expect=expect, retrain_id=retrain_id)
            return self._write(model, change) if change else now

    def rollback(self, model: str, *, expect: str, retrain_id: str = "") -> Version:
        """Swap champion and previous champion; see `Registry`, and this module about other writers."""
        with self._locked(model):
            now, past = self._completed(model)
            change = now.rollback(past, expect=expect, retrain_id=retrain_id)
            predecessor = self.get(model, change.champion)
            if now.is_new(change):
                self._write(model, change)
            return predecessor

    def audit(self, model: str) -> list[AliasChange]:
        """Return every change of the aliases by a `Registry`, oldest first."""
        return _changes(self._server.model(folder_name(model)))

    def _completed(self, model: str) -> tuple[Aliases, list[AliasChange]]:
        """Finish the last change if its writer was killed; return the aliases and all changes."""
        found = self._server.model(folder_name(model))
        now, past = _aliases(found), _changes(found)
        if now.change and now.change not in past:
            return self._apply(model, now.change), [*past, now.change]
        return now, past

    def _write(self, model: str, change: AliasChange) -> Aliases:
        """Note the change, make it, note that it is made."""
        self._server.tag_model(folder_name(model), _CHANGE, change.model_dump_json())
        return self._apply(model, change)

    def _apply(self, model: str, change: AliasChange) -> Aliases:
        name = folder_name(model)
        self._server.set_alias(name, "previous_champion", change.previous_champion)
        self._server.set_alias(name, "champion", change.champion)
        self._server.tag_model(name, f"{_CHANGE}.{change.revision}", change.model_dump_json())
        aliases = self.aliases(model)
        if (aliases.champion, aliases.change) != (change.champion, change):
            raise ChampionChanged(
                f"somebody else changed the champion of {model!r} to {aliases.champion} at the same time as it was "
                f"to become {change.champion}; MLflow cannot prevent that: let one process promote, and look again"
            )
        return aliases

    def _found(self, model: str, version: str) -> ModelVersion:
        name = folder_name(model)
        found = self._server.version(name, version) if version.isdecimal() and version.isascii() else None
        if found is None:
            raise UnknownVersion(f"model {model!r} has no version {version!r}; see `driftline models`")
        return found

    def _version_of(self, name: str, files: list[Path], tags: dict[str, str]) -> ModelVersion:
        """Return the version with these tags; the newest, or a new one of these files."""
        for found in reversed(self._server.versions(name)):
            if tags.items() <= found.tags.items():
                return found
        return self._server.create_version(name, files, tags)

    def _sign(self, model: str, found: ModelVersion, retrain_id: str, manifest_sha256: str) -> None:
        statement = Statement(
            model=model,
            version=found.version,
            retrain_id=retrain_id,
            registered_at_ms=time.time_ns() // 1_000_000,
            manifest_sha256=manifest_sha256,
        )
        self._server.tag_version(found.name, found.version, _STATEMENT, signed_statement(statement, self._signer))

    def _described(self, model: str, found: ModelVersion) -> Version:
        """Bring a version's manifest here unless it is here already, and verify it."""
        statement = found.tags.get(_STATEMENT)
        if statement is None:
            raise ArtifactRefused(f"version {found.version} of {model!r} has no tag {_STATEMENT}: not registered by us")
        folder = self._folder(model) / str(int(found.version))  # the server's word is no path
        folder.mkdir(parents=True, exist_ok=True)
        manifest = folder / MANIFEST_NAME
        if not manifest.is_file() or sha256_of(manifest) != found.tags.get(_MANIFEST_SHA256):
            self._download(found, MANIFEST_NAME, folder)
        replace_atomically(folder / VERSION_NAME, statement.encode())
        return Version.read(folder, model, self._signer, f"models:/{found.name}/{found.version}")

    def _download(self, found: ModelVersion, file: str, folder: Path) -> None:
        """Put one file of a version into a folder, at once."""
        with tempfile.TemporaryDirectory(dir=folder, prefix=".download-") as temporary:
            self._server.download(found, file, Path(temporary))
            (Path(temporary) / file).replace(folder / file)
            sync(folder / file)

    def _folder(self, model: str) -> Path:
        return self.root / "copies" / folder_name(model)

    @contextmanager
    def _locked(self, model: str) -> Iterator[None]:
        folder = self._folder(model)
        folder.mkdir(parents=True, exist_ok=True)
        with exclusive_lock(folder / "lock"):
            yield


def _aliases(model: RegisteredModel | None) -> Aliases:
    if model is None:
        return Aliases()
    text = model.tags.get(_CHANGE)
    return Aliases(
        champion=model.aliases.get("champion"),
        previous_champion=model.aliases.get("previous_champion"),
        change=_change(model.name, text) if text else None,
    )


def _changes(model: RegisteredModel | None) -> list[AliasChange]:
    tags = model.tags if model else {}
    made = [_change(model.name, text) for key, text in tags.items() if key.startswith(f"{_CHANGE}.")] if model else []
    return sorted(made, key=lambda change: change.revision)


def _change(name: str, text: str) -> AliasChange:
    try:
        return AliasChange.model_validate_json(text)
    except ValidationError as error:
        raise RegistryError(f"a tag {_CHANGE} of {name!r} in MLflow is damaged: {error.errors()[0]['msg']}") from error
