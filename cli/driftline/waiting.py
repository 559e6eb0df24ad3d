"""Waits until workers have stored what a command has just appended, so that the next command sees it."""

import math
import time
from contextlib import closing

import typer
from kafka import KafkaAdminClient
from kafka.errors import CoordinatorNotAvailableError, KafkaError

from driftline.log_reader import CONNECT_TIMEOUT_MS, LogReader
from driftline.store import Store
from driftline_schemas.errors import Unavailable
from driftline_schemas.settings import Settings

WAIT_SECONDS = 60.0
"""Workers that store nothing for so long are not waited for any more."""
POLL_SECONDS = 0.2

_STORED = "SELECT partition, max(last_offset) + 1 AS stored FROM block_log GROUP BY partition"


def until_stored(settings: Settings) -> bool:
    """Wait until everything is stored that is in the events topic now.

    Returns:
        Whether it is: not where no worker runs, or where they store nothing for `WAIT_SECONDS`.

    Raises:
        Unavailable: Kafka or ClickHouse does not answer.
    """
    if not _workers(settings):
        return False
    with LogReader(settings.kafka) as log:
        wanted = {number: marks.high for number, marks in log.watermarks(settings.topics.events.name).items()}
    with closing(Store(settings.clickhouse)) as store:
        return _reached(store, wanted)


def _reached(store: Store, wanted: dict[int, int]) -> bool:
    least, deadline = math.inf, 0.0
    while True:
        stored = {int(str(row["partition"])): int(str(row["stored"])) for row in store.rows(_STORED)}
        missing = sum(max(0, end - stored.get(number, 0)) for number, end in wanted.items())
        if missing == 0:
            return True
        if missing < least:
            least, deadline = missing, time.monotonic() + WAIT_SECONDS
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)


def tell_if_stored(settings: Settings) -> None:
    """Wait, and say on standard error when it is not stored."""
    if not until_stored(settings):
        typer.echo("Not stored yet: it waits in the log for a worker; see `driftline status`", err=True)


def _workers(settings: Settings) -> int:
    """Number of workers in the consumer group."""
    group = f"{settings.topic_prefix}worker"
    try:
        admin = KafkaAdminClient(bootstrap_servers=settings.kafka.split(","), request_timeout_ms=CONNECT_TIMEOUT_MS)
        with closing(admin):
            return len(admin.describe_groups([group])[group]["members"])
    except CoordinatorNotAvailableError:  # no group has ever been on this broker
        return 0
    except KafkaError as error:
        raise Unavailable(f"Kafka at {settings.kafka} does not answer ({error}): check `driftline status`") from error
