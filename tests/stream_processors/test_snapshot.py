"""A snapshot comes back as it was, or is refused with what to do."""

import hashlib
import struct
from pathlib import Path
from typing import Any

import numpy as np
import ormsgpack
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from driftline_detectors import SnapshotError
from driftline_stream_processors.storage.snapshot import FORMAT, MAX_STATE_BYTES, decode, encode

KEY = "a key of some length"
STATE = {"next_offset": 12, "window": b"\0\xff", "forwarded": {3: 7}, "mean": float("inf"), "none": None}
FORMAT_1 = Path(__file__).parent / "data" / "snapshot_format_1.bin"  # written by the version before format 2

scalars = st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | st.text()
documents = st.recursive(scalars | st.binary(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))


@given(documents, st.sampled_from(["", KEY]))
def test_a_state_comes_back_as_it_was(document: Any, key: str) -> None:
    assert decode(encode(document, key), key) == (FORMAT, document)


def test_columns_come_back_as_lists() -> None:
    assert decode(encode({"sums": np.array([1.5, 2.0]), "place": (1, 2)})).document == {
        "sums": [1.5, 2.0],
        "place": [1, 2],
    }


@pytest.mark.parametrize("key", ["", KEY])
@given(st.data())
def test_a_changed_byte_is_noticed(key: str, data: st.DataObject) -> None:
    blob = bytearray(encode(STATE, key))
    place = data.draw(st.integers(0, len(blob) - 1))
    blob[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(SnapshotError, match=r"table snapshot|DRIFTLINE_SNAPSHOT_KEY"):
        decode(bytes(blob), key)


@given(st.binary())
def test_strange_bytes_are_refused(blob: bytes) -> None:
    with pytest.raises(SnapshotError, match="table snapshot"):
        decode(blob)


@pytest.mark.parametrize(
    ("made_with", "read_with", "remedy"),
    [
        (KEY, "another key of that length", "another key than DRIFTLINE_SNAPSHOT_KEY"),
        (KEY, "", "set DRIFTLINE_SNAPSHOT_KEY"),
        ("", KEY, "start once without the key"),
    ],
)
def test_a_seal_of_another_key_is_refused(made_with: str, read_with: str, remedy: str) -> None:
    with pytest.raises(SnapshotError, match=remedy):
        decode(encode(STATE, made_with), read_with)


def test_a_newer_format_is_left_to_its_version() -> None:
    blob = encode(STATE)
    newer = blob[:4] + struct.pack(">H", FORMAT + 1) + blob[6:]
    with pytest.raises(SnapshotError, match=rf"format {FORMAT + 1}.*run the version that wrote it"):
        decode(newer)


@pytest.mark.parametrize("states_size", [True, False])
def test_a_bomb_is_refused_before_it_is_unpacked(states_size: bool) -> None:
    unpacker = zstandard.ZstdCompressor(write_content_size=states_size).compressobj(
        size=MAX_STATE_BYTES + (1 << 20) if states_size else -1
    )
    zeros = bytes(1 << 20)
    body = b"".join(unpacker.compress(zeros) for _ in range(MAX_STATE_BYTES // len(zeros) + 1)) + unpacker.flush()
    head = encode(None)[:7]
    assert len(body) < 1 << 20
    with pytest.raises(SnapshotError, match="not between"):
        decode(head + hashlib.sha256(head + body).digest() + body)


def test_a_body_that_is_no_state_is_refused() -> None:
    head = encode(None)[:7]
    body = zstandard.compress(ormsgpack.packb([1, 2])[:-1])
    with pytest.raises(SnapshotError, match="cannot be read"):
        decode(head + hashlib.sha256(head + body).digest() + body)


def test_the_first_format_stays_readable() -> None:
    found, document = decode(FORMAT_1.read_bytes())
    assert (found, document["next_offset"], document["champions"]) == (1, 1200, {"fraud": "2"})
    assert len(document["orphans"]) == 12


def test_the_first_format_has_no_seal() -> None:
    with pytest.raises(SnapshotError, match="start once without the key"):
        decode(FORMAT_1.read_bytes(), KEY)
