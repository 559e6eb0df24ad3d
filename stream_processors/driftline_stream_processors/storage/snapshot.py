"""The state of a partition as bytes: MessagePack, compressed, under a seal; it holds no code.

    4 bytes   b"DLSN"
    2 bytes   format, big-endian
    1 byte    seal: 0 SHA-256 against damage, 1 HMAC-SHA256 against tampering
    32 bytes  the seal of all other bytes
    rest      zstd frame that states its size

Format 1 had no header: zlib around JSON.
"""

import hashlib
import hmac
import struct
import zlib
from typing import Any, NamedTuple

import orjson
import ormsgpack
import zstandard

from driftline_detectors import SnapshotError

FORMAT = 4
FIRST_WITH_HEADER = 2
MAX_STATE_BYTES = 1 << 30
"""A state that would be larger is refused before it is unpacked."""

_MAGIC = b"DLSN"
_HEAD = struct.Struct(">4sHB")
_SEAL_BYTES = 32
_BODY = _HEAD.size + _SEAL_BYTES
_LEVEL = 1
_OPTIONS = ormsgpack.OPT_SERIALIZE_NUMPY | ormsgpack.OPT_NON_STR_KEYS
_REPLAY = "delete the partition's rows from the table snapshot to build the state anew from the log"


class Snapshot(NamedTuple):
    """A state as it was stored.

    Attributes:
        format: Of the encoding, and so of the document; `FORMAT` or an older one.
        document: Plain data: dictionaries, lists, texts, numbers, bytes, None.
    """

    format: int
    document: Any


def encode(document: Any, key: str = "") -> bytes:
    """The bytes of a state.

    Args:
        document: Plain data; tuples and numpy arrays come back as lists.
        key: Secret that seals the bytes; without one they are protected against damage only.

    >>> decode(encode({"offset": 7, "window": b"..."}))
    Snapshot(format=4, document={'offset': 7, 'window': b'...'})
    """
    head = _HEAD.pack(_MAGIC, FORMAT, bool(key))
    body = zstandard.ZstdCompressor(_LEVEL).compress(ormsgpack.packb(document, option=_OPTIONS))
    return head + _seal(head, body, key) + body


def decode(blob: bytes, key: str = "") -> Snapshot:
    """The state that `encode`, of this version or an older one, made into bytes.

    Args:
        blob: The bytes.
        key: The secret that sealed them. With a key, bytes without its seal are refused.

    Raises:
        SnapshotError: The bytes are damaged, sealed otherwise, too large, or of a newer version; says what to do.
    """
    if not blob.startswith(_MAGIC):
        return Snapshot(1, _decode_format_1(blob, key))
    if len(blob) < _BODY:
        raise SnapshotError(f"the snapshot is cut off after {len(blob)} bytes; {_REPLAY}")
    _, found, sealed = _HEAD.unpack_from(blob)
    if not FIRST_WITH_HEADER <= found <= FORMAT:
        raise SnapshotError(
            f"the snapshot has format {found}, and this version of Driftline reads formats 1 to {FORMAT}; "
            f"run the version that wrote it, or {_REPLAY}"
        )
    _check_seal(blob, bool(sealed), key)
    try:
        return Snapshot(found, ormsgpack.unpackb(_unpacked(blob[_BODY:]), option=ormsgpack.OPT_NON_STR_KEYS))
    except (zstandard.ZstdError, ValueError) as error:
        raise SnapshotError(f"the snapshot cannot be read ({error}); {_REPLAY}") from error


def _check_seal(blob: bytes, sealed: bool, key: str) -> None:
    if key and not sealed:
        raise _unsealed()
    if sealed and not key:
        raise SnapshotError(f"the snapshot is sealed with a key; set DRIFTLINE_SNAPSHOT_KEY to it, or {_REPLAY}")
    expected = _seal(blob[: _HEAD.size], blob[_BODY:], key)
    if not hmac.compare_digest(expected, blob[_HEAD.size : _BODY]):
        otherwise = ", or sealed with another key than DRIFTLINE_SNAPSHOT_KEY" if key else ""
        raise SnapshotError(f"the snapshot is damaged{otherwise}; {_REPLAY}")


def _seal(head: bytes, body: bytes, key: str) -> bytes:
    digest = hmac.new(key.encode(), head, hashlib.sha256) if key else hashlib.sha256(head)
    digest.update(body)
    return digest.digest()


def _unsealed() -> SnapshotError:
    return SnapshotError(
        "the snapshot is not sealed, but DRIFTLINE_SNAPSHOT_KEY is set; start once without the key and set it after "
        f"the next snapshot if you trust what is stored, or {_REPLAY}"
    )


def _unpacked(frame: bytes) -> bytes:
    size_bytes = zstandard.frame_content_size(frame)
    if not 0 <= size_bytes <= MAX_STATE_BYTES:
        raise ValueError(f"its {size_bytes} bytes are not between 0 and {MAX_STATE_BYTES}")
    return zstandard.ZstdDecompressor().decompress(frame)


def _decode_format_1(blob: bytes, key: str) -> Any:
    if key:
        raise _unsealed()
    try:
        return orjson.loads(zlib.decompressobj().decompress(blob, MAX_STATE_BYTES))  # cut off, it is no JSON
    except (zlib.error, ValueError) as error:
        raise SnapshotError(f"the snapshot is damaged ({error}); {_REPLAY}") from error
