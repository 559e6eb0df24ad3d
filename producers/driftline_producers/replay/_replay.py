"""From a file's rows to records, in the order in which they are to lie in the log."""

import hashlib
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from driftline_producers._batch import OUTCOME, PREDICTION
from driftline_producers.replay._columns import ColumnMapper, Event
from driftline_producers.replay._gather import Gatherer
from driftline_producers.replay._options import ReplayOptions
from driftline_producers.replay._pace import Pacer
from driftline_producers.replay._record import Entry, Record, from_wire, is_wire_format
from driftline_producers.replay._rows import Row, RowFile
from driftline_schemas.errors import InvalidRecord, Unavailable

MAX_REASONS = 5


@dataclass(frozen=True)
class ReplaySummary:
    """What became of the rows.

    Attributes:
        rows: Rows read.
        predictions: Predictions sent.
        outcomes: Outcomes sent.
        others: Other records of the contract sent.
        bad_rows: Rows that were left out.
        reasons: Why, of the first five.
    """

    rows: int
    predictions: int
    outcomes: int
    others: int
    bad_rows: int
    reasons: tuple[str, ...]


class Replay:
    """One reading of one file.

    Args:
        path: A CSV, JSON-lines (both also gzipped) or Parquet file. A JSON line is a row of columns or a record of the
            contract (with `type`, or a prediction without).
        options: What it means.

    Raises:
        ConfigurationError: It is no such file.
        Unavailable: It cannot be read.
    """

    def __init__(self, path: Path, options: ReplayOptions) -> None:
        self._path = path
        self._options = options
        self._rows = RowFile(path)
        self._mapper: ColumnMapper | None = None
        self._gatherer = Gatherer()
        self._unlabelled: deque[Event] = deque()
        self._sent: Counter[str] = Counter()
        self._rows_read = self._bad_rows = 0
        self._reasons: list[str] = []

    @property
    def fraction_read(self) -> float:
        """How much of the file was read, 0 to 1."""
        return self._rows.fraction_read

    @property
    def rows_read(self) -> int:
        """How many rows were read."""
        return self._rows_read

    def run(self, send: Callable[[Record], None]) -> ReplaySummary:
        """Hand every record to `send`, in order; predictions and outcomes in batches.

        A paced replay hands over what it has read within a tenth of a second.

        Raises:
            ConfigurationError: A column is missing.
            Unavailable: The file is damaged; what `send` raises goes through.
        """
        for record in self._records():
            send(record)
            self._sent[record.kind.removesuffix("-batch")] += record.events
        predictions, outcomes = self._sent[PREDICTION], self._sent[OUTCOME]
        others = self._sent.total() - predictions - outcomes
        return ReplaySummary(self._rows_read, predictions, outcomes, others, self._bad_rows, tuple(self._reasons))

    def _records(self) -> Iterator[Record]:
        pacer = Pacer(self._options.rate_per_second)
        for row in self._rows:
            if self._options.rate_per_second and self._gatherer.overdue(pacer.seconds_until(self._rows_read)):
                yield from self._gatherer.flush()
            pacer.wait(self._rows_read)
            try:
                for entry in self._entries_of(row):
                    yield from self._gatherer.add(entry)
            except InvalidRecord as error:
                self._count_bad(error)
            self._rows_read += 1
        if self._unlabelled:
            for entry in self._outcomes(delay_events=0, now_ms=self._unlabelled[-1].timestamp_ms):
                yield from self._gatherer.add(entry)
        yield from self._gatherer.flush()

    def _entries_of(self, row: Row) -> Iterator[Entry]:
        if isinstance(row, InvalidRecord):
            raise row
        if is_wire_format(row):
            yield from_wire(row, self._options.model)
            return
        if self._mapper is None:
            self._mapper = ColumnMapper(self._options, _digest(self._path), list(row))
        event = self._mapper.event(self._rows_read, row)
        yield event.prediction
        self._unlabelled.append(event)
        yield from self._outcomes(self._options.label_delay_events, event.timestamp_ms)

    def _outcomes(self, delay_events: int, now_ms: int) -> Iterator[Entry]:
        while len(self._unlabelled) > delay_events:
            event = self._unlabelled.popleft()
            if event.outcome is not None:
                yield event.outcome(max(now_ms, event.timestamp_ms))

    def _count_bad(self, error: InvalidRecord) -> None:
        self._bad_rows += 1
        if len(self._reasons) < MAX_REASONS:
            self._reasons.append(f"row {self._rows_read + 1}: {error}")


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()[:16]
    except OSError as error:
        raise Unavailable(f"{path} cannot be read: {error.strerror}") from error
