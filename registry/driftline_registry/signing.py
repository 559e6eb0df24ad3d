"""Registration is signed: what a stranger puts into the folder afterwards is refused before it is parsed further."""

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from driftline_registry.errors import ArtifactRefused
from driftline_registry.files import sync

_KEY_BYTES = 32


class Signer:
    """Signs with HMAC-SHA256 under a key file that only its owner can read (mode 0600)."""

    def __init__(self, key_file: Path) -> None:
        self._key_file = key_file

    def sign(self, message: bytes) -> str:
        """Return the signature in hexadecimal; the first call makes the key."""
        return hmac.new(self._key(create=True), message, hashlib.sha256).hexdigest()

    def is_valid(self, message: bytes, signature: str) -> bool:
        """Say whether `sign` made this signature of this message, in constant time."""
        expected = hmac.new(self._key(create=False), message, hashlib.sha256).hexdigest()
        return hmac.compare_digest(expected.encode(), signature.encode())

    def _key(self, *, create: bool) -> bytes:
        if create and not self._key_file.exists():
            self._create_key()
        try:
            key = self._key_file.read_bytes()
        except FileNotFoundError as error:
            raise ArtifactRefused(f"the signing key {self._key_file} is missing; restore it") from error
        if len(key) != _KEY_BYTES:
            raise ArtifactRefused(
                f"the signing key {self._key_file} has {len(key)} bytes, not {_KEY_BYTES}; restore it"
            )
        return key

    def _create_key(self) -> None:
        temporary = self._key_file.with_name(f".{self._key_file.name}.{os.getpid()}.tmp")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(_KEY_BYTES))
        sync(temporary)
        try:
            os.link(temporary, self._key_file)  # unlike a rename, never replaces the key of a faster process
        except FileExistsError:
            pass
        finally:
            temporary.unlink()
        sync(self._key_file.parent)
