"""What a person on call sees of incidents and does about them."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from driftline.errors import CONFIGURATION, INTERRUPTED
from driftline.main import app
from tests.alerting.alerts import alert, drift
from tests.alerting.world import World
from tests.cli.conftest import insert
from tests.stream_processors.harness import Installation, wait_for


@pytest.fixture
def world(installation: Installation) -> Iterator[World]:
    """A notifier of the installation that the commands find."""
    with closing(World(installation.kafka, installation.topics, installation.database)) as made:
        yield made


def driftline(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["incidents", *arguments], env={"COLUMNS": "200"})


def said(*arguments: str) -> str:
    result = driftline(*arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def refused(*arguments: str) -> str:
    result = driftline(*arguments)
    assert result.exit_code == CONFIGURATION, result.output
    return result.stderr


def rows(*arguments: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in said(*arguments, "--json").splitlines()]


def test_from_the_list_to_the_verdict(world: World) -> None:
    assert said("list") == "No incident is open; --all lists those that are resolved.\n"
    first = alert("a1b2", "data-drift", "amount", since=0, seen=5)
    graver = alert("c3d4", "silence", since=300, seen=305, drift_ids=[])
    world.send(drift(first), first, graver)
    with world.notifier() as settle:
        settle()
        assert [row["incident_id"] for row in rows("list")] == ["c3d4", "a1b2"]
        assert "fraud 3: amount rose" in said("list", "--model", "fraud")
        assert rows("list", "--model", "churn") == []
        said("ack", "c3", "--by", "ana", "--comment", "looking")
        settle()
        assert "acknowledged already, by ana" in refused("ack", "c3d4")
        said("resolve", "a1b2", "--by", "ben", "--verdict", "expected", "--comment", "new tariff")
        settle()
        assert [row["incident_id"] for row in rows("list")] == ["c3d4"]
        assert [row["verdict"] for row in rows("list", "--all")] == ["", "expected"]
        assert "judge" in refused("resolve", "a1b2")
        said("judge", "a1b2", "--verdict", "true-drift")
        settle()
    assert rows("list", "--all")[1]["verdict"] == "true-drift"


def test_the_story_of_one(world: World) -> None:
    first = alert("a1b2", "data-drift", "amount", since=0, seen=5)
    world.send(drift(first), first)
    with world.notifier() as settle:
        settle()
    (notice_id,) = world.steps("notice_id")[0]
    delivered = {"model": "fraud", "incident_id": "a1b2", "notice_id": notice_id, "channel": "on-call"}
    insert(world.client, "delivery_log", **delivered, status="failed", attempt=2, error="timed out")
    lines = said("show", "a1").splitlines()
    assert lines[0].startswith("fraud 3: amount rose")
    assert any(line.endswith("e-detector: statistic 2e+06, threshold 1e+06") for line in lines)
    assert any(line.endswith("on-call: opened failed, try 2: timed out") for line in lines)
    query = lines[-1].strip()
    assert world.client.query(query).result_rows == []
    (document,) = rows("show", "a1b2")
    assert [step["step"] for step in document["steps"]] == ["opened"]
    assert document["deliveries"][0]["channel"] == "on-call"


def test_silences_are_asked_for_listed_and_lifted(world: World) -> None:
    begin = datetime.now(UTC) + timedelta(days=1)
    window = ("--from", begin.isoformat(), "--until", (begin + timedelta(hours=2)).isoformat())
    with world.notifier() as settle:
        said("silence", "fraud", "--kind", "latency", "--segment", "country=DE", "--for", "2h", "--by", "ana")
        silence_id = said("silence", "*", *window, "--comment", "move").split(":")[0]
        settle()
        ahead, now = rows("silences")
        assert (ahead["silence_id"], ahead["model"], ahead["in_force"]) == (silence_id, "*", 0)
        assert (now["kinds"], now["segments"], now["by"], now["in_force"]) == (["latency"], ["country=DE"], "ana", 1)
        said("silence", "--lift", silence_id[:8])
        settle()
        assert [row["silence_id"] for row in rows("silences")] == [now["silence_id"]]
        assert len(rows("silences", "--all")) == 2


@pytest.mark.parametrize(
    ("arguments", "remedy"),
    [
        (("show", "never"), "driftline incidents list --all"),
        (("ack", "never"), "driftline incidents list --all"),
        (("judge", "never", "--verdict", "drift"), "true-drift, false-alarm, expected"),
        (("silence", "--for", "2h"), "'*' for all of them"),
        (("silence", "fraud"), "--for (as 2h)"),
        (("silence", "fraud", "--for", "2 hours"), "30m, 2h or 7d"),
        (("silence", "fraud", "--for", "2h", "--until", "2099-01-01"), "--for (as 2h)"),
        (("silence", "fraud", "--until", "noon"), "2026-01-31T22:00"),
        (("silence", "fraud", "--until", "2020-01-01"), "ended already"),
        (("silence", "fraud", "--for", "2h", "--kind", "drift"), "data-drift, prediction-drift"),
        (("silence", "fraud", "--for", "2h", "--segment", "DE"), "country=DE"),
        (("silence", "--lift", "never"), "driftline incidents silences"),
    ],
)
def test_what_makes_no_sense_is_told_with_what_would(
    arguments: tuple[str, ...], remedy: str, installation: Installation
) -> None:
    assert remedy in refused(*arguments)


def test_the_service_takes_alerts_and_ends_cleanly(world: World, interruptible: None) -> None:
    world.send(alert("a1b2", drift_ids=[]))
    command = [sys.executable, "-m", "driftline", "notify"]
    process = subprocess.Popen(command, env=os.environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        wait_for("the incident", lambda: len(world.notices()) == 1)
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=30)
    finally:
        process.kill()
        process.wait()
    assert (process.returncode, output) == (INTERRUPTED, b"")
