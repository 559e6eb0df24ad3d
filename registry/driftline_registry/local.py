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
from driftline_registry.errors import ArtifactRefused, NoChampion, UnknownVersion
from driftline_registry.files import exclusive_lock, sha256_of, sync
from driftline_registry.manifest import MANIFEST_NAME, Manifest
from driftline_registry.names import folder_name, model_name
from driftline_registry.signing import Signer
from driftline_registry.version import VERSION_NAME, Statement, Version, write_statement


class LocalRegistry:
    """Model versions `1`, `2`, ... and the aliases `champion` and `previous_champion`, in a folder.

    Any number of processes may use one folder; writers of one model wait for each other.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._signer = Signer(root / "signing.key")

    def models(self) -> list[str]:
        """Return the names of all models, sorted."""
        folder = self.root / "models"
        return sorted(model_name(entry.name) for entry in folder.iterdir()) if folder.is_dir() else []

    def register(self, model: str, artifact: Path, *, retrain_id: str = "") -> Version:
        """Copy an artifact (see `save_artifact`) into the registry as the model's next version.

        The same retrain id, or the same payload, gives the version that was registered first.

        Raises:
            ArtifactRefused: the folder is not an artifact whose payload matches its manifest.
        """
        manifest = Manifest.read(artifact)
        with self._locked(model) as folder:
            for version in reversed(self.versions(model)):
                if version.manifest.sha256 == manifest.sha256 or (retrain_id and version.retrain_id == retrain_id):
                    return version
            return self._add(model, folder, artifact, manifest, retrain_id)

    def versions(self, model: str) -> list[Version]:
        """Return all versions, oldest first; none for an unknown model."""
        return [self.get(model, str(number)) for number in _numbers(self._folder(model) / "versions")]

    def get(self, model: str, version: str) -> Version:
        """Return a version's description, its signature verified.

        Raises:
            UnknownVersion: there is no such version.
            ArtifactRefused: this registry never signed what lies there.
        """
        folder = self._folder(model) / "versions" / version
        if not (version.isdecimal() and version.isascii() and folder.is_dir()):
            raise UnknownVersion(f"model {model!r} has no version {version!r}; see `driftline models`")
        return Version.read(folder, model, self._signer)

    def load(self, model: str, version: str) -> LoadedModel:
        """Verify a version and load its model.

        Raises:
            UnknownVersion: there is no such version.
            ArtifactRefused: signature, hash or allow-list say no.
        """
        return load_artifact(self.get(model, version).folder, version)

    def champion_version(self, model: str) -> str:
        """Return the number of the version that serves.

        Raises:
            NoChampion: none has been promoted yet.
        """
        version = self.aliases(model).champion
        if version is None:
            raise NoChampion(f"model {model!r} has no champion; register a version and promote it")
        return version

    def aliases(self, model: str) -> Aliases:
        """Return the champion and the previous champion; both None for an unknown model."""
        return AliasFile(self._folder(model)).read()

    def promote(self, model: str, version: str, *, expect: str | None, retrain_id: str = "") -> Aliases:
        """Make a version the champion, and the champion the previous champion, in one step.

        Nothing happens when the version is the champion already, or when this retrain has promoted it before.

        Args:
            model: the model's name.
            version: which version.
            expect: the champion that the caller knows of (None: no champion yet).
            retrain_id: for the record, and to recognise a promotion that is tried again after a crash.

        Raises:
            ChampionChanged: `expect` is not the champion any more.
            UnknownVersion: there is no such version.
        """
        self.get(model, version)
        with self._locked(model) as folder:
            return AliasFile(folder).promote(version, expect=expect, retrain_id=retrain_id)

    def rollback(self, model: str, *, expect: str) -> Aliases:
        """Swap the champion, which must still be `expect`, and the previous champion.

        Raises:
            ChampionChanged: `expect` is not the champion any more.
            UnknownVersion: there is no previous champion.
        """
        with self._locked(model) as folder:
            return AliasFile(folder).rollback(expect=expect)

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
        write_statement(statement, building, self._signer)
        sync(building / VERSION_NAME)
        sync(building)
        building.rename(folder / "versions" / number)
        sync(folder / "versions")
        return self.get(model, number)


def _numbers(versions: Path) -> list[int]:
    if not versions.is_dir():
        return []
    return sorted(int(entry.name) for entry in versions.iterdir() if entry.name.isdecimal())
