"""What every registry offers, wherever it keeps its versions."""

from pathlib import Path
from typing import Protocol

from driftline_registry.aliases import AliasChange, Aliases
from driftline_registry.artifact import LoadedModel
from driftline_registry.errors import NoChampion
from driftline_registry.version import Version


class Registry(Protocol):
    """Versions of models, numbered from `1`, and the aliases `champion` and `previous_champion`.

    Each version is signed with the key in `root`; what was not signed with it is refused.
    """

    root: Path
    """A local folder: the signing key, and whatever programs keep beside the registry."""

    @property
    def uri(self) -> str:
        """What `open_registry` takes to open this registry again, also from another folder or process."""

    def models(self) -> list[str]:
        """Return the names of all models, sorted."""

    def register(self, model: str, artifact: Path, *, retrain_id: str = "") -> Version:
        """Copy an artifact (see `save_artifact`) into the registry as the model's next version.

        The same artifact of the same retrain gives the version that was registered first.

        Raises:
            ArtifactRefused: the folder is not an artifact whose payload matches its manifest.
        """

    def versions(self, model: str) -> list[Version]:
        """Return all versions, oldest first; none for an unknown model."""

    def get(self, model: str, version: str) -> Version:
        """Return a version's description, its signature verified.

        Raises:
            UnknownVersion: there is no such version.
            ArtifactRefused: this registry never signed what lies there.
        """

    def load(self, model: str, version: str) -> LoadedModel:
        """Verify a version and load its model.

        Raises:
            UnknownVersion: there is no such version.
            ArtifactRefused: signature, hash or allow-list say no.
        """

    def aliases(self, model: str) -> Aliases:
        """Return the champion and the previous champion; both None for an unknown model."""

    def champion_version(self, model: str) -> str:
        """Return the number of the version that serves.

        Raises:
            NoChampion: none has been promoted yet.
        """
        version = self.aliases(model).champion
        if version is None:
            raise NoChampion(f"model {model!r} has no champion; register a version and promote it")
        return version

    def promote(self, model: str, version: str, *, expect: str | None, retrain_id: str = "") -> Aliases:
        """Make a version the champion, and the champion the previous champion.

        Nothing happens when the version is the champion already, or when this retrain has promoted it over
        `expect` before, whatever has happened since: a promotion may be tried again after a crash.

        Args:
            model: the model's name.
            version: which version.
            expect: the champion that the caller knows of (None: no champion yet).
            retrain_id: for the record, and to recognise what was done before.

        Raises:
            ChampionChanged: `expect` is not the champion any more.
            UnknownVersion: there is no such version.
        """

    def rollback(self, model: str, *, expect: str, retrain_id: str = "") -> Version:
        """Swap champion and previous champion, and return the version that serves then.

        When this retrain has taken `expect` back before, nothing happens; a retrain takes a version back once.

        Args:
            model: the model's name.
            expect: the champion that is to be taken back.
            retrain_id: for the record, and to recognise what was done before.

        Raises:
            ChampionChanged: `expect` is not the champion any more.
            UnknownVersion: there is no previous champion.
        """

    def audit(self, model: str) -> list[AliasChange]:
        """Return every change of the aliases, oldest first."""
