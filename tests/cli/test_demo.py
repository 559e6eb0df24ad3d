"""The demo, short: every event is accounted for, the commands read what it left, and an interrupt ends everything."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from driftline.demo.advice import QUERIES
from driftline.demo.run import DemoRun, run_demo
from driftline.errors import CONFIGURATION, INTERRUPTED
from driftline.main import app
from driftline.stack.processes import processes_of
from driftline.stack.stack import Stack

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
README_QUERIES = README.partition("```sql\n")[2].partition("```")[0].strip().split("\n\n")

ROWS = 1_500
EXIT_SECONDS = 60


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoRun]:
    """A short demo whose stack is still up."""
    folder = tmp_path_factory.mktemp("demo") / "state"
    yield run_demo(Console(file=StringIO()), state=folder, keep=True, rows=ROWS)
    Stack(folder).down()


@pytest.fixture
def state(run: DemoRun, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing but the state folder tells the commands where everything is."""
    for name in [name for name in os.environ if name.startswith("DRIFTLINE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("DRIFTLINE_STATE", str(run.folder))


def test_every_event_is_accounted_for(run: DemoRun) -> None:
    report = run.report
    assert report.disagreements == []
    assert report.sent.predictions == report.sent.outcomes == ROWS
    assert (report.account.stored, report.account.joined, report.account.dead_lettered) == (ROWS, ROWS, 0)


def test_the_first_model_goes_stale_and_is_retrained(run: DemoRun) -> None:
    account = run.report.account
    assert account.drifts >= 1
    assert account.retrain_requests >= 1
    assert account.retrains >= 1


def test_the_report_is_one_json_document(run: DemoRun, tmp_path: Path) -> None:
    run.report.write(tmp_path / "report.json")
    document = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert document["account"]["stored"] == ROWS
    assert document["disagreements"] == []
    assert set(document["stage_seconds"]) == {"start", "train", "stream", "store"}


def test_the_report_shows_what_it_counted(run: DemoRun) -> None:
    screen = StringIO()
    run.report.show(Console(file=screen, width=120))
    for words in ("predictions stored", f"{ROWS:,}", "the monitored model", f"{run.report.monitored:.1%}"):
        assert words in screen.getvalue()


@pytest.mark.usefixtures("state")
def test_the_commands_find_the_stack_and_read_what_the_demo_left(run: DemoRun) -> None:
    models, drifts, alerts = (read(command) for command in ("models", "drifts", "alerts"))
    assert sum(int(str(row["predictions"])) for row in models) == ROWS
    assert [row["alias"] for row in models].count("champion") == 1
    assert (len(drifts), len(alerts)) == (run.report.account.drifts, run.report.account.alerts)


@pytest.mark.usefixtures("state")
@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_the_advised_queries_have_answers(query: str) -> None:
    assert read("sql", query)


@pytest.mark.usefixtures("state")
@pytest.mark.parametrize("query", README_QUERIES, ids=[query.splitlines()[0] for query in README_QUERIES])
def test_the_queries_of_the_readme_have_answers(query: str) -> None:
    assert len(README_QUERIES) == 3
    assert read("sql", query)


@pytest.mark.usefixtures("state")
def test_the_report_tells_the_same(run: DemoRun, tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    result = CliRunner().invoke(app, ["report", "elec2-price", "--since", "all", "--out", str(out)])
    assert result.exit_code == 0, result.output
    said = re.sub(r"\s+", " ", out.read_text("utf-8").partition('class="story">')[2].partition("</p>")[0])
    assert f"made {ROWS:,} predictions" in said
    assert f"Of {ROWS:,} of them the label is known" in said
    assert f"{run.report.account.drifts} drift" in said


def read(*arguments: str) -> list[dict[str, object]]:
    result = CliRunner().invoke(app, [*arguments, "--json"])
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize(
    ("when", "number"),
    [("Starting Apache Kafka", signal.SIGTERM), ("Streaming", signal.SIGINT)],
    ids=["start", "stream"],
)
def test_an_interrupt_ends_every_process(when: str, number: signal.Signals, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "driftline", "demo", "--state", str(tmp_path / "state")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as demo:
        assert demo.stdout is not None
        assert any(when in line for line in demo.stdout), "it ended before it came so far"
        demo.send_signal(number)
        demo.send_signal(signal.SIGINT)  # impatience leaves nothing behind either
        demo.stdout.read()
        assert demo.wait(EXIT_SECONDS) == INTERRUPTED
    assert processes_of(tmp_path / "state") == []


def test_a_folder_with_other_data_is_refused(tmp_path: Path) -> None:
    (tmp_path / "precious").touch()
    result = CliRunner().invoke(app, ["demo", "--state", str(tmp_path)])
    assert result.exit_code == CONFIGURATION
    assert "is not empty" in result.stderr
    assert list(tmp_path.iterdir()) == [tmp_path / "precious"]
