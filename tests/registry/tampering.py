"""Whoever may write to a registry's storage, but has not got its key, cannot have anything loaded from it."""

import hashlib
import json
import os
import pickle
from pathlib import Path
from typing import Any

import pytest

from driftline_registry import ArtifactRefused
from driftline_registry.signing import Signer
from driftline_registry.version import Statement, signed_statement
from tests.registry.models import artifact
from tests.registry.vaults import Vault

FILES = ("model.skops", "manifest.json", "version.json")


class Evil:
    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, ("touch planted",)


class TamperingContract:
    """Every registry keeps strangers out."""

    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
        monkeypatch.chdir(tmp_path)
        yield
        assert not (tmp_path / "planted").exists()

    @pytest.fixture(autouse=True)
    def _two_versions(self, vault: Vault, tmp_path: Path) -> None:
        for name in ("a", "b"):
            vault.registry.register("fraud", artifact(tmp_path / name, reverse=name == "b"))

    @pytest.mark.parametrize("file", FILES)
    def test_a_changed_byte_is_refused(self, vault: Vault, tmp_path: Path, file: str) -> None:
        content = bytearray(vault.read("1", file))
        content[len(content) // 3] ^= 1
        vault.write("1", file, bytes(content))
        with pytest.raises(ArtifactRefused):
            vault.reader(tmp_path / "reader").load("fraud", "1")

    def test_a_planted_model_is_refused_with_a_manifest_that_fits_it(self, vault: Vault, tmp_path: Path) -> None:
        planted = pickle.dumps(Evil())
        manifest = json.loads(vault.read("1", "manifest.json"))
        manifest |= {"flavour": "river", "sha256": hashlib.sha256(planted).hexdigest()}
        vault.write("1", "model.skops", planted)
        vault.write("1", "manifest.json", json.dumps(manifest).encode())
        with pytest.raises(ArtifactRefused, match="not the one that was registered"):
            vault.reader(tmp_path / "reader").load("fraud", "1")

    @pytest.mark.parametrize("files", [FILES, ("model.skops", "manifest.json"), ("version.json",)], ids=len)
    def test_swapped_versions_are_refused(self, vault: Vault, tmp_path: Path, files: tuple[str, ...]) -> None:
        for file in files:
            vault.write("1", file, vault.read("2", file))
        with pytest.raises(ArtifactRefused):
            vault.reader(tmp_path / "reader").load("fraud", "1")

    def test_a_consistent_forgery_is_refused_for_want_of_the_key(self, vault: Vault, tmp_path: Path) -> None:
        manifest = vault.read("2", "manifest.json")
        digest = hashlib.sha256(manifest).hexdigest()
        statement = Statement(model="fraud", version="1", retrain_id="", registered_at_ms=0, manifest_sha256=digest)
        forged = signed_statement(statement, Signer(tmp_path / "strangers.key")).encode()
        for file, content in zip(FILES, (vault.read("2", FILES[0]), manifest, forged), strict=True):
            vault.write("1", file, content)
        with pytest.raises(ArtifactRefused, match="not signed by this registry"):
            vault.reader(tmp_path / "reader").load("fraud", "1")
