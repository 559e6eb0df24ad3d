"""The ``driftline`` command: one file per sub-command in ``driftline.commands``.

Exit codes: 0 all is well; 1 something is not as it should be (the line on standard error says what); 2 a wrong command
line, setting or query; 3 Kafka, ClickHouse or a file does not answer; 130 interrupted.
"""

import logging
import signal
from collections.abc import Callable, Mapping, Sequence
from types import FrameType
from typing import Any

import typer
from typer.core import TyperGroup

from driftline.commands.alerts import alerts
from driftline.commands.approve import approve
from driftline.commands.audit import app as audit
from driftline.commands.budget import budget
from driftline.commands.dashboard import dashboard
from driftline.commands.dead_letters import app as dead_letters
from driftline.commands.deliveries import deliveries
from driftline.commands.demo import demo
from driftline.commands.doctor import doctor
from driftline.commands.down import down
from driftline.commands.drifts import drifts
from driftline.commands.dvc_snapshot import dvc_snapshot
from driftline.commands.incidents import app as incidents
from driftline.commands.ledger import ledger
from driftline.commands.lineage import lineage
from driftline.commands.migrate import migrate
from driftline.commands.models import app as models
from driftline.commands.notify import notify
from driftline.commands.reject import reject
from driftline.commands.replay import replay
from driftline.commands.report import report
from driftline.commands.retrain import app as retrain
from driftline.commands.retrains import retrains
from driftline.commands.rollback import rollback
from driftline.commands.routes import app as routes
from driftline.commands.setup import setup
from driftline.commands.sql import sql
from driftline.commands.status import status
from driftline.commands.up import up
from driftline.commands.worker import worker
from driftline.errors import INTERRUPTED, exit_code, tell
from driftline_schemas.errors import DriftlineError

EPILOG = (
    "Exit codes: 0 all is well; 1 something is not as it should be; 2 wrong command line, setting or query; "
    "3 Kafka, ClickHouse or a file does not answer; 130 interrupted. "
    "Addresses: the environment (DRIFTLINE_KAFKA, DRIFTLINE_CLICKHOUSE), else the running embedded stack, else "
    "127.0.0.1:9092 and 127.0.0.1:8123."
)


INTERRUPTS = (signal.SIGINT, signal.SIGTERM)


class DriftlineGroup(TyperGroup):
    """Tells every error that Driftline raises on purpose as one line with its exit code."""

    def invoke(self, ctx: typer.Context) -> Any:  # type: ignore[override]
        """Run the sub-command; SIGTERM ends it like Ctrl-C, so that it can put its things away."""
        before = {number: signal.getsignal(number) for number in INTERRUPTS}
        for number, handler in before.items():
            if handler is not signal.SIG_IGN:  # a shell's background job
                signal.signal(number, _interrupt)
        try:
            return super().invoke(ctx)
        except DriftlineError as error:
            tell(error)
            raise typer.Exit(exit_code(error)) from None
        except KeyboardInterrupt:
            raise typer.Exit(INTERRUPTED) from None
        finally:
            for number, handler in before.items():
                if signal.getsignal(number) is _interrupt:
                    signal.signal(number, handler)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    """The first signal ends the command; a second one does not cut short how it puts its things away."""
    for number in INTERRUPTS:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


for library in (
    "clickhouse_connect",
    "kafka",
):  # what they log before they raise is no news: errors are told in one line
    logging.getLogger(library).addHandler(logging.NullHandler())

app = typer.Typer(
    name="driftline",
    cls=DriftlineGroup,
    help="Watch machine-learning models in production: drifts, alerts, retraining.",
    epilog=EPILOG,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

PANELS: Mapping[str, Sequence[Callable[..., None]]] = {
    "See it work": (demo,),
    "The embedded stack": (up, down, status, doctor),
    "Write": (replay, dvc_snapshot),
    "Services": (worker, notify, dashboard),
    "Read": (drifts, alerts, deliveries, retrains, budget, report, sql),
    "Decide": (approve, reject, rollback),
    "Account for everything": (ledger, lineage),
    "Set up": (setup, migrate),
}

for panel, commands in PANELS.items():
    for command in commands:
        app.command(rich_help_panel=panel)(command)
app.add_typer(retrain, name="retrain", rich_help_panel="Services")
app.add_typer(incidents, name="incidents", rich_help_panel="Decide")
app.add_typer(models, name="models", rich_help_panel="Read")
app.add_typer(routes, name="routes", rich_help_panel="Set up")
app.add_typer(dead_letters, name="dead-letters", rich_help_panel="Account for everything")
app.add_typer(audit, name="audit", rich_help_panel="Account for everything")
