"""A registry in a local folder: versions, aliases and nothing that a crash could leave half done.

<root>/signing.key                             mode 0600
<root>/models/<model>/lock
<root>/models/<model>/aliases.json             replaced at once
<root>/models/<model>/audit.jsonl              one line per change of the aliases
<root>/models/<model>/versions/<n>/            the artifact and version.json, put here by one rename
<root>/models/<model>/building/                what was under construction
"""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from driftline_registry.aliases import AliasChange, Aliases, AliasFile
from driftline_registry.artifact import LoadedModel, load_artifact
from driftline_registry.errors import ArtifactRefused, UnknownVersion
from driftline_registry.files import exclusive_lock, sha256_of, sync
from driftline_registry.manifest import MANIFEST_NAME, Manifest
from driftline_registry.names import folder_name, model_name
from driftline_registry.registry import Registry
from driftline_registry.signing import Signer
from driftline_registry.version import VERSION_NAME, Statement, Version, signed_statement


class LocalRegistry(Registry):
    """Versions and aliases in a folder.

    Any number of processes may use one folder; writers of one model wait for each other.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._signer = Signer(root / "signing.key")

    @property
    def uri(self) -> str:
        """The folder."""
        return str(self.root.resolve())

    def models(self) -> list[str]:
        """Return the names of all models, sorted."""
        folder = self.root / "models"
        return sorted(model_name(entry.name) for entry in folder.iterdir()) if folder.is_dir() else []

    def register(self, model: str, artifact: Path, *, retrain_id: str = "") -> Version:
        """Copy an artifact into the registry; see `Registry`."""
        manifest = Manifest.read(artifact)
        with self._locked(model) as folder:
            for version in reversed(self.versions(model)):
                if (version.retrain_id, version.manifest) == (retrain_id, manifest):
                    return version
            return self._add(model, folder, artifact, manifest, retrain_id)

    def versions(self, model: str) -> list[Version]:
        """Return all versions, oldest first."""
        return [self.get(model, str(number)) for number in _numbers(self._folder(model) / "versions")]

    def get(self, model: str, version: str) -> Version:
        """Return a version's description; see `Registry`."""
        folder = self._folder(model) / "versions" / version
        if not (version.isdecimal() and version.isascii() and folder.is_dir()):
            raise UnknownVersion(f"model {model!r} has no version {version!r}; see `driftline models`")
        return Version.read(folder, model, self._signer, folder.resolve().as_uri())

    def load(self, model: str, version: str) -> LoadedModel:
        """Verify a version and load its model."""
        return load_artifact(self.get(model, version).folder, version)

    def aliases(self, model: str) -> Aliases:
        """Return the champion and the previous champion."""
        return AliasFile(self._folder(model)).read()

    def promote(self, model: str, version: str, *, expect: str | None, retrain_id: str = "") -> Aliases:
        """Make a version the champion, in one step; see `Registry`."""
        self.get(model, version)
        with self._locked(model) as folder:
            file = AliasFile(folder)
            now = file.completed()
            change = now.promotion(version, list(file.audit()), expect=expect, retrain_id=retrain_id)
            return file.write(change) if change else now

    def rollback(self, model: str, *, expect: str, retrain_id: str = "") -> Version:
        """Swap champion and previous champion, in one step; see `Registry`."""
        with self._locked(model) as folder:
            file = AliasFile(folder)
            now = file.completed()
            change = now.rollback(list(file.audit()), expect=expect, retrain_id=retrain_id)
            predecessor = self.get(model, change.champion)
            if now.is_new(change):
                file.write(change)
            return predecessor

    def audit(self, model: str) -> list[AliasChange]:
        """Return every change of the aliases, oldest first."""
        return list(AliasFile(self._folder(model)).audit())

    def _folder(self, model: str) -> Path:
        return self.root / "models" / folder_name(model)

    @contextmanager
    def _locked(self, model: str) -> Iterator[Path]:
        folder = self._folder(model)
        (folder / "versions").mkdir(parents=True, exist_ok=True)
        with exclusive_lock(folder / "lock"):
            yield folder

    def _add(self, model: str, folder: Path, artifact: Path, manifest: Manifest, retrain_id: str) -> Version:
        """Build the version beside the others and rename it into place; the lock is held."""
        building = folder / "building"
        shutil.rmtree(building, ignore_errors=True)  # left by a process that was killed here
        building.mkdir()
        for name in (MANIFEST_NAME, manifest.payload):
            shutil.copyfile(artifact / name, building / name)
            sync(building / name)
        if sha256_of(building / manifest.payload) != manifest.sha256:
            raise ArtifactRefused(f"{artifact / manifest.payload} does not match its manifest; save the model again")
        number = str(max(_numbers(folder / "versions"), default=0) + 1)
        statement = Statement(
            model=model,
            version=number,
            retrain_id=retrain_id,
            registered_at_ms=time.time_ns() // 1_000_000,
            manifest_sha256=sha256_of(building / MANIFEST_NAME),
        )
        (building / VERSION_NAME).write_text(signed_statement(statement, self._signer), encoding="utf-8")
        sync(building / VERSION_NAME)
        sync(building)
        building.rename(folder / "versions" / number)
        sync(folder / "versions")
        return self.get(model, number)


def _numbers(versions: Path) -> list[int]:
    if not versions.is_dir():
        return []
    return sorted(int(entry.name) for entry in versions.iterdir() if entry.name.isdecimal())
