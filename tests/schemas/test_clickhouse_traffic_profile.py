"""Traffic by the hour, beside the predictions themselves."""

import math
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client

from driftline_schemas.clickhouse import insert_columns

HOUR_MS = 60 * 60 * 1000

ODD = {1: 0.0, 3: 1e-45, 5: math.inf, 7: -1.0, 9: 3e38}
"""What a column of Float32 can hold beside latencies that make sense."""

pytestmark = pytest.mark.stack


def test_traffic_by_the_hour_is_that_of_the_predictions(client: Client) -> None:
    def store(token: str, at: range, version: str) -> None:
        columns: dict[str, list[Any]] = {
            "timestamp": [n * HOUR_MS // 10 for n in at],
            "model": ["m"] * len(at),
            "version": [version] * len(at),
            "event_id": [f"{version}-{n}" for n in at],
            "latency_ms": [ODD.get(n, float(n) if n % 2 else math.nan) for n in at],
            "score": [n / 100 if n % 3 else math.nan for n in at],
            "offset": list(at),
            "logged_at": [1000 + n for n in at],
        }
        insert_columns(client, "prediction_log", columns, token)

    store("first", range(20), "1")
    store("second", range(15, 40), "2")
    store("second", range(15, 40), "2")  # a block that is stored again under its token counts once
    profile = client.query("""
        SELECT hour, version, sum(t.predictions), min(t.first_at), max(t.last_at), max(t.last_logged_at), sum(scored),
               round(sum(t.score_total), 9), quantilesDDMerge(0.01, 0.5, 0.95)(latencies)
        FROM traffic_profile AS t GROUP BY hour, version ORDER BY hour, version
    """).result_rows
    exact = client.query("""
        SELECT toStartOfHour(timestamp) AS hour, version, count(), min(timestamp), max(timestamp), max(logged_at),
               countIf(NOT isNaN(score)), round(sumIf(score, NOT isNaN(score)), 9),
               quantilesExactLowIf(0.5, 0.95)(latency_ms, isFinite(latency_ms))
        FROM predictions GROUP BY hour, version ORDER BY hour, version
    """).result_rows
    assert [row[:-1] for row in profile] == [row[:-1] for row in exact]
    for (*_, sketched), (*_, sorted_) in zip(profile, exact, strict=True):
        assert sketched[0] == pytest.approx(sorted_[0], rel=0.011)


def test_latencies_are_exact_to_a_hundredth(client: Client) -> None:
    """Of three blocks of an hour, each with values of its own."""
    for block in range(3):
        numbers = range(block, 3000, 3)
        columns: dict[str, list[Any]] = {
            "timestamp": list(numbers),
            "model": ["m"] * len(numbers),
            "event_id": [str(n) for n in numbers],
            "latency_ms": [0.01 * n * n for n in numbers],
        }
        insert_columns(client, "prediction_log", columns, str(block))
    rows = client.query("SELECT quantilesDDMerge(0.01, 0.5, 0.95)(latencies) FROM traffic_profile").result_rows
    assert rows[0][0] == pytest.approx([0.01 * 1500**2, 0.01 * 2849**2], rel=0.012)
