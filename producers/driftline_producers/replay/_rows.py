"""Rows of CSV, JSON-lines and Parquet files, one at a time."""

import csv
import gzip
import io
import itertools
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast

import orjson

from driftline_producers.replay._cells import CellReader
from driftline_schemas.errors import ConfigurationError, InvalidRecord, Unavailable

SAMPLE_ROWS = 1_000
PARQUET_CHUNK_ROWS = 1_000
MAX_LINE_BYTES = 16 * 1024 * 1024


Row = dict[str, Any] | InvalidRecord
"""A row by column name, or what is wrong with it."""


class RowFile:
    """The rows of one file; `.csv`, `.jsonl`, `.ndjson`, each also `.gz`, or `.parquet`.

    Args:
        path: The file.

    Raises:
        ConfigurationError: It is of no such kind.
        Unavailable: It cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        suffixes = [suffix.lower() for suffix in path.suffixes]
        self._gzipped = suffixes[-1:] == [".gz"]
        kind = "".join((suffixes[:-1] if self._gzipped else suffixes)[-1:])
        readers = {".csv": self._csv, ".jsonl": self._json_lines, ".ndjson": self._json_lines}
        if kind not in readers and (kind != ".parquet" or self._gzipped):
            raise ConfigurationError(
                f"{path}: expected a file named .csv, .jsonl or .ndjson (also with .gz) or .parquet"
            )
        self._reader = readers.get(kind, self._parquet)
        try:
            self._size = path.stat().st_size
        except OSError as error:
            raise Unavailable(f"{path} cannot be read: {error.strerror}") from error
        self._raw: BinaryIO = io.BytesIO()

    @property
    def fraction_read(self) -> float:
        """How much of the file was read, 0 to 1."""
        return 1.0 if self._raw.closed else min(1.0, self._raw.tell() / max(1, self._size))

    def __iter__(self) -> Iterator[Row]:
        """Read from the start to the end, once.

        Raises:
            Unavailable: The file is damaged; the rows before were good.
        """
        try:
            with self._path.open("rb") as self._raw:
                yield from self._reader()
        except (OSError, EOFError, ValueError, csv.Error, zlib.error) as error:
            raise Unavailable(f"{self._path} is damaged or not what its name says: {error}") from error

    def _bytes(self) -> BinaryIO:
        return cast("BinaryIO", gzip.GzipFile(fileobj=self._raw)) if self._gzipped else self._raw

    def _csv(self) -> Iterator[Row]:
        with io.TextIOWrapper(self._bytes(), "utf-8-sig", newline="") as text:
            lines = csv.reader(text)
            header = next(lines, [])
            sample = list(itertools.islice(lines, SAMPLE_ROWS))
            reader = CellReader(header, sample)
            yield from map(reader.read, itertools.chain(sample, lines))

    def _json_lines(self) -> Iterator[Row]:
        source = self._bytes()
        while line := source.readline(MAX_LINE_BYTES):
            if line.strip():
                yield _json_row(line)

    def _parquet(self) -> Iterator[Row]:
        from pyarrow import ArrowException
        from pyarrow.parquet import ParquetFile

        try:
            for chunk in ParquetFile(self._raw).iter_batches(PARQUET_CHUNK_ROWS):
                yield from chunk.to_pylist()
        except ArrowException as error:
            raise ValueError(str(error)) from error


def _json_row(line: bytes) -> Row:
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        return InvalidRecord("bad-row", f"not JSON: {error}")
    return row if isinstance(row, dict) else InvalidRecord("bad-row", "not a JSON object")
