"""How a fetch is unpacked, whatever a stranger has packed; the only file that touches aiokafka's private parts.

aiokafka trusts producers. A header's name that is not UTF-8 makes it raise, so that no worker would ever get past the
record; a batch of a few kilobytes may unpack to gigabytes. Kafka takes both.
"""

import gzip
import importlib
import struct
import zlib
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import cramjam
import numpy as np
from aiokafka.codec import snappy_decode
from aiokafka.consumer import fetcher
from aiokafka.record import default_records
from aiokafka.record.default_records import DefaultRecordBatch, _DefaultRecordBatchPy
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.structs import ConsumerRecord

MAX_BATCH_BYTES = 32 * 1024 * 1024
"""A compressed batch that unpacks to more is dead-lettered as it is, as one record."""

MAX_CHUNK_BYTES = 16 * 1024 * 1024
"""A chunk ends with the record that exceeds this; the rest is fetched again."""

WHOLE_BATCH = f"compressed batch that does not unpack to at most {MAX_BATCH_BYTES} bytes"
"""The type of the record that stands for such a batch: no decoder knows it."""

_HEADER_BYTES = 80  # what Python takes for a record or a header beside its bytes

Headers = tuple[tuple[str, bytes | None], ...]

_PREFIX = struct.Struct(">qi")  # base offset, length of what follows
_unpacked = np.empty(MAX_BATCH_BYTES, np.uint8)  # only what was ever used of it takes memory; one thread fetches


class NotUnpacked(Exception):
    """A compressed batch is damaged, or unpacks to more than `MAX_BATCH_BYTES`."""


class _Fetched(MemoryRecords):  # type: ignore[misc]
    """The batches of a fetch, and their bytes."""

    def __init__(self, raw: bytes) -> None:
        super().__init__(raw)
        self.raw = raw


class _AnyName(bytearray):
    """A buffer whose parts can be decoded in any case."""

    def __getitem__(self, at: Any) -> Any:
        found = super().__getitem__(at)
        return _AnyName(found) if isinstance(at, slice) else found

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:  # noqa: ARG002
        return super().decode(encoding, "replace")


class _AnyNamesBatch(_DefaultRecordBatchPy):  # type: ignore[misc]
    """A batch whose headers may have any name; its parser is much slower."""

    _buffer: bytearray

    def __iter__(self) -> "_AnyNamesBatch":
        super().__iter__()
        self._buffer = _AnyName(self._buffer)
        return self


class _Before:
    """One batch, and then the others."""

    def __init__(self, batch: _AnyNamesBatch, others: _Fetched) -> None:
        self._batch: _AnyNamesBatch | None = batch
        self._others = others

    def has_next(self) -> bool:
        return self._batch is not None or bool(self._others.has_next())

    def next_batch(self) -> Any:
        batch, self._batch = self._batch, None
        return batch or self._others.next_batch()


class Unpacked(fetcher.PartitionRecords):  # type: ignore[misc]
    """The records of one partition that one fetch returned."""

    next_fetch_offset: int

    def __init__(self, tp: Any, records: _Fetched, *rest: Any) -> None:
        super().__init__(tp, records, *rest)
        self._raw = records.raw
        self._room_bytes = 0
        self._headers: Headers = ()
        self._headers_bytes = 0

    def __iter__(self) -> Iterator[ConsumerRecord]:
        """The next records, at most those of one chunk; what is left is fetched again, from `next_fetch_offset`."""
        self._room_bytes = MAX_CHUNK_BYTES
        while self._room_bytes > 0:
            try:
                for record in self._records_iterator:
                    yield record
                    if self._room_bytes <= 0:
                        return
            except UnicodeDecodeError:
                batch, others = self._failed()
                self._go_on(_Before(_AnyNamesBatch(batch), others))
            except NotUnpacked:
                batch, others = self._failed()
                self._go_on(others)
                self._room_bytes -= len(batch)
                yield self._whole(batch)
            else:
                return

    def _consumer_record(self, tp: Any, record: Any) -> ConsumerRecord:
        """The record; its headers are those of the one before, the same object, where they are equal."""
        key, value, headers = record.key, record.value, tuple(record.headers)
        if headers != self._headers:
            self._headers = headers
            self._headers_bytes = sum(len(name) + len(text or b"") + _HEADER_BYTES for name, text in headers)
        key_bytes = -1 if key is None else len(key)
        value_bytes = -1 if value is None else len(value)
        self._room_bytes -= key_bytes + value_bytes + self._headers_bytes + _HEADER_BYTES
        return ConsumerRecord(
            tp.topic,
            tp.partition,
            record.offset,
            record.timestamp,
            record.timestamp_type,
            key,
            value,
            record.checksum,
            key_bytes,
            value_bytes,
            self._headers,
        )

    def _go_on(self, records: Any) -> None:
        self._records = records
        self._records_iterator = self._unpack_records()

    def _failed(self) -> tuple[bytes, _Fetched]:
        """The batch that could not be unpacked, and those after it."""
        start = 0
        while True:
            end = start + _PREFIX.size + _PREFIX.unpack_from(self._raw, start)[1]
            batch = self._raw[start:end]
            if DefaultRecordBatch(batch).next_offset > self.next_fetch_offset:
                self._raw = self._raw[end:]
                return batch, _Fetched(self._raw)
            start = end

    def _whole(self, raw: bytes) -> ConsumerRecord:
        """The record that stands for a batch as it was fetched, at the place of the first."""
        batch = DefaultRecordBatch(raw)
        offset = max(batch.base_offset, self.next_fetch_offset)
        self.next_fetch_offset = batch.next_offset
        topic, partition = self._tp
        headers = (("type", WHOLE_BATCH.encode()),)
        return ConsumerRecord(topic, partition, offset, batch.max_timestamp, 1, None, raw, None, -1, len(raw), headers)


def _gunzip(payload: Any) -> bytes:
    with gzip.GzipFile(fileobj=BytesIO(payload)) as stream:
        found = stream.read(MAX_BATCH_BYTES + 1)
    if len(found) > MAX_BATCH_BYTES:
        raise NotUnpacked
    return found


def _into(decompress_into: Callable[[Any, Any], int]) -> Callable[[Any], bytes]:
    return lambda payload: _unpacked[: decompress_into(payload, _unpacked)].tobytes()


def _guarded(decode: Callable[[Any], bytes]) -> Callable[[Any], bytes]:
    def decoded(payload: Any) -> bytes:
        try:
            return decode(payload)
        except (cramjam.DecompressionError, zlib.error, OSError, EOFError, struct.error) as error:
            raise NotUnpacked from error

    return decoded


_CODECS = {
    "gzip_decode": _guarded(_gunzip),
    "lz4_decode": _guarded(_into(cramjam.lz4.decompress_into)),
    "snappy_decode": _guarded(snappy_decode),  # needs no bound: it makes at most 22 times as much
    "zstd_decode": _guarded(_into(cramjam.zstd.decompress_into)),
}


def install() -> None:
    """Make every aiokafka consumer of this process unpack so."""
    fetcher.MemoryRecords = _Fetched
    fetcher.PartitionRecords = Unpacked
    for module in (importlib.import_module(DefaultRecordBatch.__module__), default_records):
        for name, decode in _CODECS.items():
            setattr(module, name, decode)
