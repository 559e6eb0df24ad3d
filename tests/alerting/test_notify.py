"""`driftline notify` as a process: from an alert to its receiver, over a kill -9, until it is told to end."""

import signal
from contextlib import closing
from pathlib import Path

import pytest

from driftline.errors import INTERRUPTED
from driftline_schemas.settings import ClickHouseAddress
from driftline_schemas.topics import Topics
from tests.alerting.alerts import alert
from tests.alerting.process import running_notifier, write_configuration
from tests.alerting.receivers import Request, receiver
from tests.alerting.world import World
from tests.prometheus.exposition import assert_documented, metrics
from tests.stream_processors.harness import wait_for


def incident_id(request: Request) -> str:
    return request.headers["ce-subject"]


@pytest.mark.usefixtures("interruptible")
def test_an_alert_reaches_its_receiver_once(
    kafka_address: str, topics: Topics, database: ClickHouseAddress, tmp_path: Path
) -> None:
    with receiver() as served, closing(World(kafka_address, topics, database)) as world:
        write_configuration(tmp_path, pager=served)
        with running_notifier(world.environment, tmp_path) as notifier:
            world.send(alert("a", drift_ids=[]))
            wait_for("its row", lambda: delivered(world) == ["a"])
            notifier.process.kill()
            notifier.process.wait()
        world.send(alert("b", model="other", drift_ids=[]))
        with running_notifier(world.environment, tmp_path) as notifier:
            wait_for("the other", lambda: len(served.requests) == 2)
            wait_for("its metrics", lambda: metrics(notifier.port)["driftline_notifier_deliveries_total"] == 1)
            told = metrics(notifier.port)
            notifier.process.send_signal(signal.SIGTERM)
            assert notifier.process.wait(30) == INTERRUPTED
        assert_documented("driftline_notifier_", told)
        assert (told["driftline_notifier_steps_total"], told["driftline_notifier_incidents"]) == (1, 2)
        assert [incident_id(each) for each in served.requests] == ["a", "b"]
        assert {each.headers["ce-type"] for each in served.requests} == {"driftline.incident.opened"}


def delivered(world: World) -> list[str]:
    return [row[0] for row in world.client.query("SELECT incident_id FROM deliveries ORDER BY at").result_rows]
