"""The commands that read and set up, on real Kafka and ClickHouse: tables for people, JSON lines for programs."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from driftline.main import app
from driftline_schemas.clickhouse import connect
from driftline_schemas.settings import ClickHouseAddress
from driftline_schemas.topics import Topics

DRIFTS = "drift_id, model, version, kind, feature, detector, statistic, threshold, direction, detected_at, change_at"
FILL = (
    f"INSERT INTO drift_log ({DRIFTS}) VALUES "
    "('d1', 'fraud', '3', 'data-drift', 'amount', 'adwin', 0.5, 0.1, 'up', '2026-01-01 10:00', '2026-01-01 09:00'),"
    "('d2', 'churn', '1', 'concept-drift', '', 'ddm', 0.4, 0.2, 'up', '2026-01-02 10:00:00', '2026-01-02 09:00:00')",
    "INSERT INTO alert_log (alert_id, drift_ids, model, kind, feature, severity, message, detected_at) VALUES "
    "('a1', ['d1'], 'fraud', 'data-drift', 'amount', 'warning', 'amount [rose]', '2026-01-01 10:00:00')",
    "INSERT INTO prediction_log (timestamp, model, version, event_id, prediction, prediction_value) VALUES "
    "('2026-01-01 09:00:00', 'fraud', '3', 'e1', 'ok', nan), ('2026-01-01 09:01:00', 'fraud', '3', 'e2', 'ok', nan)",
    "INSERT INTO outcome_log (model, event_id, label, version, prediction, prediction_value, joined, error) VALUES "
    "('fraud', 'e1', 'ok', '3', 'ok', nan, 1, 0), ('fraud', 'e2', 'fraud', '3', 'ok', nan, 1, 1)",
)


def driftline(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def lines(result: Result) -> list[dict[str, object]]:
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture
def filled(database: ClickHouseAddress, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Two drifts, an alert, two predictions with outcomes; the environment names the database."""
    client = connect(database)
    for statement in FILL:
        client.command(statement)
    client.close()
    monkeypatch.setenv("DRIFTLINE_CLICKHOUSE", url(database))
    monkeypatch.setenv("DRIFTLINE_REGISTRY", str(tmp_path / "registry"))
    yield


def url(address: ClickHouseAddress) -> str:
    return f"http://{address.username}@{address.host}:{address.port}/{address.database}"


def test_help_names_every_command() -> None:
    result = driftline("--help")
    assert result.exit_code == 0
    for command in ("demo", "worker", "drifts", "alerts", "models", "sql", "setup", "migrate"):
        assert command in result.output


@pytest.mark.usefixtures("filled")
class TestDrifts:
    def test_json_lines_newest_first(self) -> None:
        newest, oldest = lines(driftline("drifts", "--json"))
        assert (newest["drift_id"], oldest["drift_id"]) == ("d2", "d1")
        assert oldest["detected_at"] == "2026-01-01T10:00:00+00:00"
        assert oldest["statistic"] == 0.5

    def test_filters(self) -> None:
        assert [row["drift_id"] for row in lines(driftline("drifts", "--model", "fraud", "--json"))] == ["d1"]
        assert [row["drift_id"] for row in lines(driftline("drifts", "--since", "2026-01-02", "--json"))] == ["d2"]
        assert [row["drift_id"] for row in lines(driftline("drifts", "--limit", "1", "--json"))] == ["d2"]

    def test_a_name_is_a_value_and_never_sql(self) -> None:
        result = driftline("drifts", "--model", "' OR 1 = 1 --")
        assert (result.exit_code, result.stdout) == (0, "No drift has been found yet.\n")

    def test_table(self) -> None:
        result = driftline("drifts")
        assert result.exit_code == 0
        assert "adwin" in result.stdout


@pytest.mark.usefixtures("filled")
def test_alerts() -> None:
    (alert,) = lines(driftline("alerts", "--json"))
    assert (alert["alert_id"], alert["severity"], alert["message"]) == ("a1", "warning", "amount [rose]")
    assert lines(driftline("alerts", "--model", "churn", "--json")) == []


@pytest.mark.usefixtures("filled")
def test_models_counts_what_was_seen() -> None:
    (row,) = lines(driftline("models", "--json"))
    assert (row["model"], row["version"], row["alias"]) == ("fraud", "3", None)
    assert (row["predictions"], row["outcomes"], row["accuracy"]) == (2, 2, 0.5)


class TestBudget:
    SPEC = (
        "INSERT INTO model_spec_log (model, written_at, spec, partition, offset, logged_at) VALUES "
        """('fraud', '2026-01-01', '{"model":"fraud","timestamp_ms":0,%s}', 0, 0, '2026-01-01')"""
    )
    READINGS = (
        "INSERT INTO detector_log (model, version, feature, detector, statistic, threshold, offset) VALUES "
        "('fraud', '3', 'amount', 'e-detector', 9, 10, 1), ('fraud', '3', 'amount', 'e-detector', 5, 10, 2), "
        "('fraud', '3', 'hour', 'frozen', 2, 10, 2), ('fraud', '3', '', 'adwin', 9, 10, 2)"
    )

    def row(self, database: ClickHouseAddress, *statements: str) -> dict[str, object]:
        client = connect(database)
        for statement in statements:
            client.command(statement)
        client.close()
        (row,) = lines(driftline("budget", "--json"))
        return row

    @pytest.mark.usefixtures("filled")
    def test_the_default_promise_what_was_told_and_what_is_nearest(self, database: ClickHouseAddress) -> None:
        row = self.row(database, self.READINGS)
        assert (row["model"], row["promise"]) == ("fraud", "1 in 1,000,000 events")
        assert (row["predictions"], row["allowed"], row["drifts"], row["quality"]) == (2, 2e-6, 1, 0)
        assert (row["nearest"], row["evidence"]) == ("amount", 0.5)

    @pytest.mark.usefixtures("filled")
    def test_days_and_detectors_without_a_budget(self, database: ClickHouseAddress) -> None:
        row = self.row(database, self.SPEC % '"budget_days":0.5')
        assert (row["promise"], row["allowed"]) == ("1 in 0.5 days", pytest.approx(2 / 24 / 60))
        row = self.row(database, "TRUNCATE TABLE model_spec_log", self.SPEC % '"detectors":{"features":"adwin"}')
        assert (row["promise"], row["allowed"]) == ("none: adwin keeps no budget", None)

    @pytest.mark.usefixtures("filled")
    def test_a_table_for_people(self) -> None:
        assert "1 in 1,000,000" in driftline("budget").stdout


@pytest.mark.usefixtures("filled")
class TestSql:
    def test_json_lines(self) -> None:
        assert lines(driftline("sql", "SELECT 1 AS a, 'x' AS b", "--json")) == [{"a": 1, "b": "x"}]

    def test_a_format_of_clickhouse(self) -> None:
        result = driftline("sql", "SELECT 1 AS a, 'x' AS b", "--format", "CSVWithNames")
        assert (result.exit_code, result.stdout) == (0, '"a","b"\n1,"x"\n')

    def test_a_wrong_query_is_one_line_and_exit_code_2(self) -> None:
        result = driftline("sql", "SELECT nothing FROM nowhere")
        assert result.exit_code == 2
        assert len(result.stderr.splitlines()) == 1
        assert "nowhere" in result.stderr
        assert "run `driftline migrate`" in result.stderr


def test_setup_is_safe_to_repeat(
    kafka_address: str, clickhouse_address: ClickHouseAddress, topics: Topics, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRIFTLINE_KAFKA", kafka_address)
    monkeypatch.setenv("DRIFTLINE_TOPIC_PREFIX", f"again-{topics.prefix}")
    database = topics.prefix.strip(".").replace("-", "_")
    monkeypatch.setenv("DRIFTLINE_CLICKHOUSE", url(replace(clickhouse_address, database=database)))
    first, second = driftline("setup"), driftline("setup")
    assert (first.exit_code, second.exit_code) == (0, 0), first.output + second.output
    assert "Created again-" in first.stdout
    assert second.stdout.splitlines() == ["The topics exist.", "The tables are up to date."]


class TestErrors:
    def test_a_wrong_setting_is_one_line_and_exit_code_2(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DRIFTLINE_CLICKHOUSE", "ftp://user:secret@host/x")
        result = driftline("drifts")
        assert result.exit_code == 2
        assert result.stderr.startswith("driftline: DRIFTLINE_CLICKHOUSE: ")
        assert len(result.stderr.splitlines()) == 1
        assert "secret" not in result.output

    @pytest.mark.parametrize("command", [("drifts",), ("alerts", "--follow")], ids=["clickhouse", "kafka"])
    def test_a_server_that_is_away_is_one_line_and_exit_code_3(self, command: tuple[str, ...]) -> None:
        away = {"DRIFTLINE_CLICKHOUSE": "http://ana:secret@127.0.0.1:9/driftline", "DRIFTLINE_KAFKA": "127.0.0.1:9"}
        result = subprocess.run(
            [sys.executable, "-m", "driftline", *command],
            env={**os.environ, **away},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert result.returncode == 3
        assert len(result.stderr.splitlines()) == 1, result.stderr
        assert "127.0.0.1:9" in result.stderr
        assert "secret" not in result.stderr + result.stdout

    def test_an_unknown_option_is_exit_code_2(self) -> None:
        assert driftline("drifts", "--colour").exit_code == 2

    def test_an_interrupt_while_python_imports_is_no_traceback(self) -> None:
        interrupted = (
            "import builtins; real = builtins.__import__\n"
            "def find(name, *arguments):\n"
            "    if name == 'typer': raise KeyboardInterrupt\n"
            "    return real(name, *arguments)\n"
            "builtins.__import__ = find\n"
            "from driftline.entry import run; run()"
        )
        result = subprocess.run(
            [sys.executable, "-c", interrupted], capture_output=True, text=True, timeout=60, check=False
        )
        assert (result.returncode, result.stderr) == (130, "")
