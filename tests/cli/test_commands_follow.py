"""``driftline alerts --follow``: alerts as they come, each once."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Queue

import pytest
from kafka import KafkaProducer

from driftline.errors import INTERRUPTED
from driftline_schemas import Alert, LogPosition
from driftline_schemas.codec import encode
from driftline_schemas.topics import Topics

DEADLINE_SECONDS = 60
AGAIN_SECONDS = 0.2


def alert(alert_id: str, model: str = "fraud") -> bytes:
    detected = LogPosition(partition=0, offset=7, timestamp_ms=1)
    return encode(
        Alert(alert_id=alert_id, model=model, kind="data-drift", severity="warning", message="rose", detected=detected)
    )


@contextmanager
def following(kafka: str, topics: Topics, *options: str) -> Iterator[tuple[subprocess.Popen[str], "Queue[str]"]]:
    """A running `driftline alerts --follow`, and its lines."""
    command = [sys.executable, "-m", "driftline", "alerts", "--follow", *options]
    environment = {**os.environ, "DRIFTLINE_KAFKA": kafka, "DRIFTLINE_TOPIC_PREFIX": topics.prefix}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    lines: Queue[str] = Queue()

    def read() -> None:
        for line in process.stdout or ():
            lines.put(line)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        yield process, lines
    finally:
        process.kill()
        process.wait(DEADLINE_SECONDS)
        reader.join(DEADLINE_SECONDS)
        if process.stdout:
            process.stdout.close()


@pytest.mark.usefixtures("interruptible")
def test_each_alert_is_shown_once_and_other_models_are_not(kafka_address: str, topics: Topics) -> None:
    producer = KafkaProducer(bootstrap_servers=kafka_address)
    try:
        with following(kafka_address, topics, "--model", "fraud", "--json") as (process, lines):
            for _ in range(int(DEADLINE_SECONDS / AGAIN_SECONDS)):  # until it has subscribed
                producer.send(topics.alerts.name, alert("first"))
                producer.flush()
                if not lines.empty():
                    break
                threading.Event().wait(AGAIN_SECONDS)
            for value in (alert("first"), alert("other", model="churn"), alert("second")):
                producer.send(topics.alerts.name, value)
            producer.flush()
            shown = [json.loads(lines.get(timeout=DEADLINE_SECONDS)) for _ in range(2)]
            assert [row["alert_id"] for row in shown] == ["first", "second"]
            process.send_signal(signal.SIGINT)
            assert process.wait(DEADLINE_SECONDS) == INTERRUPTED
    finally:
        producer.close()
