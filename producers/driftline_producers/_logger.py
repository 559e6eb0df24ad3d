"""What a service types."""

import atexit
import logging
from collections.abc import Mapping
from time import time_ns
from types import MappingProxyType, TracebackType
from typing import Self, SupportsFloat

from driftline_producers._arguments import limits_for, require_text, settings_for
from driftline_producers._batch import OUTCOME, PREDICTION
from driftline_producers._counters import INVALID, Counters
from driftline_producers._emitter import Emitter, Route
from driftline_producers._forks import let_be_in_children, restart_in_children

_log = logging.getLogger("driftline_producers")

Value = SupportsFloat | str | None
"""A number (Python's, NumPy's, a `Decimal`), a boolean, a string or null."""

_NO_SEGMENT: Mapping[str, Value] = MappingProxyType({})


class InferenceLogger:
    """Logs the predictions and outcomes of one model, from inside the service that makes them.

    `log` and `outcome` take about a microsecond, never wait for Kafka and never raise: they put an event into a bounded
    queue, from which one thread packs batches and sends them. While Kafka is away events wait in memory; when the queue
    is full, new ones are dropped. What the contract does not allow is not sent; it is counted, and the first is told
    through `logging`. `counters` says at any time what became of every event, and the same figures go into the model's
    log every 10 s, so that Driftline knows what it did not see. Safe to use from any number of threads, and after
    `os.fork`: a child starts afresh and leaves what its parent logged to the parent.

    Predictions arrive in the order in which they were logged, outcomes likewise, and no outcome before a prediction
    that was logged before it. One batch holds one version and the same names of features and segments in the same
    order: where these change with every call, batches, and with them the thread's savings, are small.

    Make one for the life of the service and close it at its end; at the exit of the interpreter it closes by itself.

    Args:
        model: Name of the model, 1 to 256 characters.
        version: Version of the model that answers; `log` takes another where traffic moves between versions.
        kafka: `host:port[,host:port]`; None means the environment's `DRIFTLINE_KAFKA`, or 127.0.0.1:9092.
        topic_prefix: Begins the topic's name; None means `DRIFTLINE_TOPIC_PREFIX`, or `driftline.`.
        queue_events: Most events in memory, those included that are on their way.
        queue_bytes: Most bytes of JSON in memory. What was logged within the last `linger_ms` / 2 is not JSON yet and
            is reckoned by the size of the events before.
        batch_events: Most events in a record.
        linger_ms: Most milliseconds from a call until its event is on its way to Kafka, while Kafka is there.

    Raises:
        ConfigurationError: An argument, or a variable that stands in for it, is not valid.
    """

    def __init__(
        self,
        model: str,
        version: str = "",
        *,
        kafka: str | None = None,
        topic_prefix: str | None = None,
        queue_events: int = 100_000,
        queue_bytes: int = 32 * 1024 * 1024,
        batch_events: int = 1_000,
        linger_ms: int = 100,
    ) -> None:
        require_text("model", model, least=1)
        require_text("version", version, least=0)
        limits = limits_for(queue_events, queue_bytes, batch_events, linger_ms)
        settings = settings_for(kafka, topic_prefix)
        self._model = model
        self._version = version
        self._route = Route(model, settings.kafka, settings.topics.events.name, limits)
        self._warned = False
        self._restart()
        restart_in_children(self)
        atexit.register(self.close)

    def log(
        self,
        features: Mapping[str, Value],
        prediction: SupportsFloat | str,
        *,
        score: SupportsFloat | None = None,
        event_id: str | None = None,
        timestamp_ms: int | None = None,
        segment: Mapping[str, Value] | None = None,
        subject_id: str | None = None,
        latency_ms: SupportsFloat | None = None,
        traceparent: str | None = None,
        version: str | None = None,
    ) -> str:
        """Log a prediction and return its event id, by which `outcome` refers to it.

        The arguments are read before it returns: changing `features` afterwards changes nothing that is sent.

        Args:
            features: What the model saw. NaN and infinity travel as null and are counted; absent is not null.
            prediction: A class (string or boolean) or a finite number.
            score: Probability of the predicted class.
            event_id: Your own id, 1 to 256 characters; otherwise a new one, which sorts by time.
            timestamp_ms: When the prediction was made, in epoch milliseconds; otherwise now.
            segment: Tags by which traffic is told apart.
            subject_id: Pseudonymous id of whom the prediction is about.
            latency_ms: How long the model took, 0 or more.
            traceparent: W3C trace context of the request.
            version: The version that answered, if it is not the logger's.
        """
        outbox = self._outbox
        number = next(outbox.numbers)
        if event_id is None:
            event_id = outbox.id_prefix + f"{number}"
        if number < outbox.open_below or self._admit(PREDICTION, number):
            try:
                outbox.predictions.extend(
                    (
                        event_id,
                        self._version if version is None else version,
                        time_ns() // 1_000_000 if timestamp_ms is None else timestamp_ms,
                        {**features},
                        prediction,
                        score,
                        {**segment} if segment else _NO_SEGMENT,
                        subject_id,
                        latency_ms,
                        traceparent,
                    )
                )
            except Exception as error:  # noqa: BLE001 - whatever the host's objects raise when read: its request goes on
                outbox.refuse(PREDICTION, INVALID)
                self._warn(f"prediction was not logged: {error}; further ones are only counted")
        return event_id

    def outcome(self, event_id: str, label: Value, *, source: str = "", timestamp_ms: int | None = None) -> None:
        """Log what turned out to be true for an earlier prediction.

        Args:
            event_id: What `log` returned, in this process or another.
            label: The truth; None retracts an earlier outcome of the same event and source.
            source: Who says so; a later outcome replaces an earlier one of the same source.
            timestamp_ms: When the truth was known, in epoch milliseconds; otherwise now.
        """
        outbox = self._outbox
        number = next(outbox.numbers)
        if number < outbox.open_below or self._admit(OUTCOME, number):
            outbox.outcomes.extend(
                (event_id, label, time_ns() // 1_000_000 if timestamp_ms is None else timestamp_ms, source)
            )

    def flush(self, timeout_seconds: float = 10.0) -> bool:
        """Wait until all that was logged before is confirmed or dropped (see `counters`); False when time ran out."""
        return self._outbox.wait_settled(timeout_seconds)

    def close(self, timeout_seconds: float = 5.0) -> None:
        """Send what is waiting and end; what is unsent after `timeout_seconds` is dropped and counted."""
        atexit.unregister(self.close)
        let_be_in_children(self)
        self._emitter.close(timeout_seconds)

    @property
    def counters(self) -> Counters:
        """What became of every event of this process so far."""
        return self._outbox.counters()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"InferenceLogger({self._model!r}, version={self._version!r})"

    def _admit(self, kind: str, number: int) -> bool:
        try:
            self._emitter.start()
        except RuntimeError as error:  # no more threads, or the interpreter is ending: the event waits for close
            self._warn(f"the sending thread cannot start: {error}")
        return self._outbox.admit(kind, number)

    def _warn(self, message: str) -> None:
        if not self._warned:
            self._warned = True
            _log.warning("%s: %s", self._model, message)

    def _restart(self) -> None:
        self._emitter = Emitter(self._route)
        self._outbox = self._emitter.outbox
