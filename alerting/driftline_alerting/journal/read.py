"""What a restart begins with, and what single records are looked up with."""

from collections.abc import Collection, Sequence
from typing import Any

from clickhouse_connect.driver.client import Client

from driftline_alerting.incidents.board import Board, kept_hours
from driftline_alerting.incidents.case import Case
from driftline_alerting.incidents.champion import Champion
from driftline_alerting.incidents.flapping import Flapping
from driftline_alerting.incidents.policy import HOUR_MS, IncidentPolicy
from driftline_alerting.incidents.silences import Silences
from driftline_alerting.incidents.steps.retrain import RetrainStep
from driftline_alerting.journal.rows import case_of, select
from driftline_schemas.events.incident import Incident
from driftline_schemas.events.silence import Silence

_CASES = select("""
WHERE (model, incident_id, sequence) IN
(
    SELECT model, incident_id, max(sequence) FROM incident_log GROUP BY model, incident_id
    HAVING argMax(state, sequence) != 'resolved' OR max(at) >= fromUnixTimestamp64Milli({since_ms:Int64})
)
ORDER BY opened_at, incident_id
""")
_CASE = select("WHERE model = {model:String} AND incident_id = {incident_id:String} ORDER BY sequence DESC LIMIT 1")
_NEWEST = select("WHERE ingested_at = (SELECT max(ingested_at) FROM incident_log) ORDER BY at, incident_id, sequence")
_KNOWN = """
SELECT DISTINCT cause_id FROM incident_log WHERE model IN {models:Array(String)} AND cause_id IN {ids:Array(String)}
"""
_SILENCES = """
SELECT silence_id, model, kinds, segments, by, comment, toUnixTimestamp64Milli(from_at) AS from_ms,
       toUnixTimestamp64Milli(until_at) AS until_ms, toUnixTimestamp64Milli(at) AS timestamp_ms
FROM silences WHERE until_at > fromUnixTimestamp64Milli({now_ms:Int64})
"""
_REOPENINGS = """
SELECT model, toUnixTimestamp64Milli(at) FROM incident_log FINAL
WHERE step = 'reopened' AND at >= fromUnixTimestamp64Milli({since_ms:Int64}) ORDER BY at
"""
_CHAMPIONS = """
SELECT model, version, toUnixTimestamp64Milli(at) FROM model_versions WHERE action != 'refused'
ORDER BY at DESC LIMIT 1 BY model
"""
_OWNERS = "SELECT model, JSONExtractString(spec, 'owner') FROM model_specs WHERE model IN {models:Array(String)}"
_RETRAIN_STEPS = """
SELECT model, retrain_id, sequence, status, final, explanation, toUnixTimestamp64Milli(at)
FROM retrain_log FINAL
WHERE model IN {models:Array(String)} AND at >= fromUnixTimestamp64Milli({since_ms:Int64})
ORDER BY at, retrain_id, sequence
"""


def read_board(client: Client, policy: IncidentPolicy, now_ms: int) -> Board:
    """The incidents that are open or were resolved lately, and what decides about them."""
    kept_ms = int(now_ms - kept_hours(policy) * HOUR_MS)
    cases = [case_of(row) for row in client.query(_CASES, parameters={"since_ms": kept_ms}).named_results()]
    flapping_ms = int(now_ms - policy.flapping_hours * HOUR_MS)
    reopenings = client.query(_REOPENINGS, parameters={"since_ms": flapping_ms}).result_rows
    silences = client.query(_SILENCES, parameters={"now_ms": now_ms}).named_results()
    board = Board(
        policy,
        cases,
        Silences(Silence.model_validate(row) for row in silences),
        Flapping(policy, [(model, at_ms) for model, at_ms in reopenings]),
    )
    for model, version, at_ms in client.query(_CHAMPIONS).result_rows:
        board.champions[model] = Champion(version, at_ms)
    return board


def newest_notices(client: Client) -> list[Incident]:
    """The steps that were stored last, of which some may not have been published."""
    return [case_of(row).incident for row in client.query(_NEWEST).named_results()]


def read_case(client: Client, model: str, incident_id: str) -> Case | None:
    """How an incident stands, however long ago it ended; None when there is none."""
    rows = client.query(_CASE, parameters={"model": model, "incident_id": incident_id}).named_results()
    return next((case_of(row) for row in rows), None)


def known_causes(client: Client, models: Collection[str], ids: Collection[str]) -> set[str]:
    """Which of these alerts, acts and changes have led to a step already."""
    asked = {"models": sorted(models), "ids": sorted(ids)}
    return {cause_id for (cause_id,) in client.query(_KNOWN, parameters=asked).result_rows}


def owners(client: Client, models: Collection[str]) -> dict[str, str]:
    """Who answers for each of these models, as their specifications say."""
    rows: Any = client.query(_OWNERS, parameters={"models": sorted(models)}).result_rows
    return dict(rows)


def retrain_steps(client: Client, models: Collection[str], since_ms: int) -> Sequence[RetrainStep]:
    """What retrains of these models did since then, in the order of time."""
    asked = {"models": sorted(models), "since_ms": since_ms}
    return [RetrainStep(*row) for row in client.query(_RETRAIN_STEPS, parameters=asked).result_rows]
