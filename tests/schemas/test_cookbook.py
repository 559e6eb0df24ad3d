"""Every query of the cookbook, on two days of a model whose amounts and errors changed 12 hours ago."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client

from driftline_schemas.clickhouse import connect
from tests.databases import Databases
from tests.schemas.filled import CHANGE_HOUR, HOURS, PER_HOUR, fill

TEXT = (Path(__file__).parents[2] / "docs" / "cookbook.md").read_text("utf-8")
QUESTIONS = {int(n): sql for n, sql in re.findall(r"^### (\d+)\..*?```sql\n(.*?)```", TEXT, re.MULTILINE | re.DOTALL)}
STATEMENTS = re.findall(r"```sql\n(INSERT.*?)```", TEXT, re.DOTALL)

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def filled(databases: Databases) -> Iterator[Client]:
    with databases.lent() as address, connect(address) as client:
        fill(client)
        yield client


def answer(client: Client, number: int) -> list[dict[str, Any]]:
    return list(client.query(QUESTIONS[number]).named_results())


def test_there_are_twenty_questions() -> None:
    assert list(QUESTIONS) == list(range(1, 21))
    assert len(STATEMENTS) == 2


@pytest.mark.parametrize("number", QUESTIONS)
def test_every_question_has_an_answer(filled: Client, number: int) -> None:
    assert answer(filled, number) != []


def test_answers_are_right(filled: Client) -> None:
    early, late = CHANGE_HOUR * PER_HOUR, (HOURS - CHANGE_HOUR) * PER_HOUR
    assert {row["labels"] for row in answer(filled, 1)} == {PER_HOUR}
    assert {row["version"]: row["labels"] for row in answer(filled, 2)} == {"3": early // 2, "4": early // 2 + late}
    assert sum(row["outcomes"] for row in answer(filled, 4)) == early // 10 + late // 3
    drifted = {row["feature"]: row for row in answer(filled, 8)}
    assert drifted["amount"]["ks"] == 1
    assert drifted["age"]["psi"] < 0.1 < drifted["plan"]["psi"]
    assert {row["name"]: row["times"] for row in answer(filled, 12)} == {"basic": early + late // 2, "pro": late // 2}
    assert [(row["feature"], row["share"]) for row in answer(filled, 13)] == [("age", 0.1)]
    assert answer(filled, 14)[0]["minutes_to_notice"] == 60
    assert [row["amount"] for row in answer(filled, 15)] == pytest.approx([13, 33], abs=0.1)
    assert answer(filled, 16)[0]["state"] == "acknowledged"
    assert answer(filled, 18)[0]["gain"] == 0.1
    assert answer(filled, 20)[0]["unexplained"] == 0


def test_hours_from_before_the_profile_are_added_as_they_would_have_been(filled: Client) -> None:
    profile = "SELECT * EXCEPT top, mapSort(top) AS top FROM feature_profile_hourly ORDER BY hour, feature, version"
    kept = filled.query(profile).result_rows
    for table in ("feature_profile_numbers", "feature_profile_categories"):
        filled.command(f"TRUNCATE TABLE {table}")
    filled.command("ALTER TABLE prediction_log UPDATE ingested_at = now() - 86400 WHERE 1 SETTINGS mutations_sync = 1")
    for statement in STATEMENTS:
        filled.command(statement)
    assert repr(filled.query(profile).result_rows) == repr(kept)  # NaN is not itself
