"""A registered version: an artifact's folder and the registry's signed statement of what it is."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from driftline_registry.errors import ArtifactRefused
from driftline_registry.files import sha256_of
from driftline_registry.manifest import MANIFEST_NAME, Manifest
from driftline_registry.signing import Signer

VERSION_NAME = "version.json"


class Statement(BaseModel):
    """What the registry signs when it registers a version."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    model: str
    version: str
    retrain_id: str
    registered_at_ms: int
    manifest_sha256: str


class _Signed(BaseModel):
    """`version.json`."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    statement: Statement
    signature: str


@dataclass(frozen=True)
class Version:
    """One version of a model.

    Attributes:
        model: Whose version.
        version: `1`, `2`, ...
        retrain_id: The retrain that made it; empty for a version trained elsewhere.
        registered_at_ms: When, in epoch milliseconds.
        folder: Where the artifact lies on this machine; of a registry on a server the payload may still be missing.
        uri: Where the registry keeps it.
        manifest: Its description; `manifest.sha256` identifies the payload.
    """

    model: str
    version: str
    retrain_id: str
    registered_at_ms: int
    folder: Path
    uri: str
    manifest: Manifest

    @staticmethod
    def read(folder: Path, model: str, signer: Signer, uri: str) -> "Version":
        """Read a version's folder.

        Raises:
            ArtifactRefused: this registry has not signed this manifest as this version of this model.
        """
        try:
            signed = _Signed.model_validate_json((folder / VERSION_NAME).read_bytes())
        except (FileNotFoundError, ValidationError) as error:
            raise ArtifactRefused(f"{folder} was not put there by the registry: no valid {VERSION_NAME}") from error
        statement = signed.statement
        if not signer.is_valid(statement.model_dump_json().encode(), signed.signature):
            raise ArtifactRefused(f"{folder / VERSION_NAME} is not signed by this registry: forged, or the key changed")
        if (statement.model, statement.version) != (model, folder.name):
            raise ArtifactRefused(f"{folder} holds version {statement.version} of {statement.model!r}: moved by hand")
        manifest = Manifest.read(folder)
        if sha256_of(folder / MANIFEST_NAME) != statement.manifest_sha256:
            raise ArtifactRefused(f"{folder / MANIFEST_NAME} is not the one that was registered: damaged or forged")
        return Version(model, folder.name, statement.retrain_id, statement.registered_at_ms, folder, uri, manifest)


def signed_statement(statement: Statement, signer: Signer) -> str:
    """Return the content of `version.json`."""
    signed = _Signed(statement=statement, signature=signer.sign(statement.model_dump_json().encode()))
    return signed.model_dump_json(indent=1)
