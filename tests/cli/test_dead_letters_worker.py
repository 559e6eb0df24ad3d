"""Dead letters are replayed to a real worker after a fix: each is taken once, also when it is replayed twice."""

import json
from contextlib import closing
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from driftline.addresses import settings
from driftline.dead_letters.catalogue import find
from driftline.dead_letters.replay import send
from driftline.main import app
from driftline.store import Store
from tests.stream_processors.harness import START, Installation, outcome, prediction, wait_for

LIMITED = "from driftline_schemas import codec; codec.MAX_RECORD_BYTES = 100; " + START
"""A worker that takes small records only; the next one is fixed."""

pytestmark = pytest.mark.stack


def driftline(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def ledger() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(driftline("ledger", "--json").stdout)
    return document


def drained() -> bool:
    return all(partition["in_flight"] == 0 for partition in ledger()["partitions"])


def duplicates(installation: Installation) -> int:
    ((found,),) = installation.query("SELECT sum(duplicates) FROM blocks")
    return int(found)


@pytest.mark.timeout(300)
def test_a_replay_after_a_fix(installation: Installation) -> None:
    installation.send([(None, prediction(f"e{n}"), "fraud") for n in range(5)])
    installation.send([(None, b"{not json", "churn"), ("outcome", outcome("e1", 1), "fraud"), (None, b"", None)])
    with installation.worker("worker", LIMITED):
        wait_for("the dead letters", drained)
    with closing(Store(settings().clickhouse)) as store:
        letters = find(store, reason="too-large", limit=10)
    with installation.worker("worker"):
        first = driftline("dead-letters", "replay", "--reason", "too-large", "--yes")
        send(settings(), letters)  # somebody who does not see that it is done
        wait_for("the duplicates", lambda: duplicates(installation) == len(letters))
        second = driftline("dead-letters", "replay", *(str(letter.place) for letter in letters))
        others = driftline("dead-letters", "replay", "--all", "--yes")
        wait_for("everything stored", drained)
        account = driftline("ledger")
    assert len(letters) == 5
    assert (first.exit_code, first.stdout.splitlines()[-1]) == (0, "5 of 5 are taken.")
    assert installation.query("SELECT count(), uniqExact(event_id) FROM predictions") == [(5, 5)]
    # its outcome has waited for it
    assert installation.query("SELECT event_id FROM outcomes") == [("e1",)]
    assert second.exit_code == 0, second.output
    assert second.stdout.count(" was replayed before as ") == second.stdout.count(": taken") == 5
    assert others.exit_code == 1
    assert others.stdout.count("dead-lettered again (not-json)") == 2
    assert (account.exit_code, account.stdout.splitlines()[-1]) == (0, "unexplained: 0")
