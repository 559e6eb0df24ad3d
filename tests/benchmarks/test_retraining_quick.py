"""The benchmark of the closed loop runs, on one short stream: what goes stale is replaced by what has proved better."""

import numpy as np
import pytest
from benchmarks.retraining.course import play
from benchmarks.retraining.goals import last_quarter
from benchmarks.retraining.rivals import static
from benchmarks.retraining.streams import Stream

from driftline_schemas.settings import ClickHouseAddress

ROWS, TRAINED, TURN = 1_400, 300, 800


@pytest.mark.timeout(300)
def test_a_rule_turns_and_the_loop_follows(kafka_address: str, clickhouse_address: ClickHouseAddress) -> None:
    numbers = np.random.default_rng(0).normal(size=(2, ROWS))
    positive = (numbers[0] > 0) ^ (np.arange(ROWS) >= TURN)
    columns = {"a": numbers[0].tolist(), "b": numbers[1].tolist()}
    labels = ["yes" if each else "no" for each in positive]
    stream = Stream(columns, labels, np.arange(ROWS), trained=TRAINED, switches=(TURN,))
    (ended,) = play([stream], kafka_address, clickhouse_address)
    assert len(ended.right) == ROWS - TRAINED
    assert last_quarter(stream, ended.right) > 0.9 > 0.1 > last_quarter(stream, static(stream))
    assert ended.retrains >= 1
    assert ended.promotions >= 1
    assert ended.versions[0] == "1" != ended.versions[-1]
    assert ended.audit_faults == []
