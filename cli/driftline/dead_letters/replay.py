"""Gives dead letters back into the log, once, and waits until a worker has stored them."""

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import closing
from typing import Any

from kafka import KafkaProducer
from kafka.errors import KafkaError

from driftline.dead_letters.catalogue import IN_FLIGHT, NOT_REPLAYED, DeadLetter
from driftline.dead_letters.letters import Letter, letters
from driftline.dead_letters.place import Place
from driftline.log_reader import CONNECT_TIMEOUT_MS, LogReader
from driftline_schemas.errors import Unavailable
from driftline_schemas.settings import Settings
from driftline_schemas.topics import MAX_MESSAGE_BYTES

REPLAY = "driftline-replay"
"""Header that names the place of the original record; a worker takes each place once."""

SEND_SECONDS = 60.0
WAIT_SECONDS = 60.0
"""A worker that stores nothing for so long is not waited for any more."""
POLL_SECONDS = 0.5


def send(settings: Settings, chosen: Collection[DeadLetter]) -> set[Place]:
    """Append the original records of dead letters to the events topic.

    Returns:
        The places of those that were appended; the topic of dead letters does not have all bytes of the others.

    Raises:
        Unavailable: Kafka does not answer or does not take a record. Repeating it is safe: a worker takes each once.
    """
    places = {found.place for found in chosen}
    since = min(found.logged_at for found in chosen)
    try:
        with LogReader(settings.kafka) as log, closing(_producer(settings.kafka)) as producer:
            wanted = (
                letter for letter in letters(log, settings.topics, since) if letter.place in places and not letter.cut
            )
            sent = {letter.place: _send(producer, settings.topics.events.name, letter) for letter in _once(wanted)}
            for future in sent.values():
                future.get(timeout=SEND_SECONDS)
    except KafkaError as error:
        raise Unavailable(f"Kafka at {settings.kafka} does not take the records ({error!r}); repeat this") from error
    return set(sent)


def wait(look: Callable[[], Sequence[DeadLetter]], progress: Callable[[int], None]) -> Sequence[DeadLetter]:
    """Look again and again until all are stored, or until none of them was for `WAIT_SECONDS`.

    Args:
        look: How they stand now.
        progress: Told how many are stored.
    """
    best, deadline = -1, 0.0
    while True:
        now = look()
        stored = sum(found.became not in (NOT_REPLAYED, IN_FLIGHT) for found in now)
        if stored > best:
            best, deadline = stored, time.monotonic() + WAIT_SECONDS
            progress(stored)
        if stored == len(now) or time.monotonic() > deadline:
            return now
        time.sleep(POLL_SECONDS)


def _once(found: Iterable[Letter]) -> Iterator[Letter]:
    """Each dead letter once: a worker that takes over sends the last ones of its predecessor again."""
    seen: set[Place] = set()
    for letter in found:
        if letter.place not in seen:
            seen.add(letter.place)
            yield letter


def _producer(kafka: str) -> KafkaProducer:
    return KafkaProducer(
        bootstrap_servers=kafka.split(","),
        acks="all",
        enable_idempotence=True,
        max_request_size=MAX_MESSAGE_BYTES,
        bootstrap_timeout_ms=CONNECT_TIMEOUT_MS,
    )


def _send(producer: KafkaProducer, topic: str, letter: Letter) -> Any:
    """Append one record. The same one always goes to the same partition, whose worker knows what it has taken."""
    nothing = letter.key is None and letter.value is None
    return producer.send(
        topic,
        value=b"" if nothing else letter.value,
        key=letter.key,
        headers=[*letter.headers, (REPLAY, str(letter.place).encode())],
        partition=letter.place.partition if letter.key is None else None,
    )
