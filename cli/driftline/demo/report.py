"""The end of the demo: what happened, whether it adds up, and what to try next."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson
from rich.console import Console
from rich.table import Table

from driftline.demo.account import Account, Sent, disagreements
from driftline.demo.market import time_of
from driftline.demo.scoreboard import Promotion


@dataclass(frozen=True)
class Report:
    """Everything that one run of the demo measured.

    Attributes:
        sent: What the prediction service did.
        account: What ClickHouse holds.
        static: Accuracy of the first version, had it served for ever.
        monitored: Accuracy of the model that was served.
        repeated: Accuracy of repeating the last label that had arrived.
        promotions: When new versions went live, and what that changed.
        clock_holds: How often the replay's clock stood still (why: `clock.py`).
        clock_held_seconds: For how long in all.
        stage_seconds: How long each stage took.
    """

    sent: Sent
    account: Account
    static: float
    monitored: float
    repeated: float
    promotions: list[Promotion]
    clock_holds: int
    clock_held_seconds: float
    stage_seconds: Mapping[str, float]

    @property
    def disagreements(self) -> list[str]:
        """What does not add up; empty when all is well."""
        return disagreements(self.sent, self.account)

    def write(self, path: Path) -> None:
        """Write everything as one JSON document."""
        document = asdict(self) | {
            "promotions": [
                asdict(promotion) | {"market_time": time_of(promotion.row).isoformat()} for promotion in self.promotions
            ],
            "disagreements": self.disagreements,
        }
        path.write_bytes(orjson.dumps(document, option=orjson.OPT_INDENT_2))

    def show(self, console: Console) -> None:
        """Print it for people."""
        console.print(_accounts(self), _accuracies(self))
        if self.promotions:
            console.print(_timeline(self.promotions))
        console.print(
            f"The replay's clock stood still {self.clock_holds} times, {self.clock_held_seconds:.0f} s in all, for the "
            "retrain service or the worker to catch up: the market gives them half an hour, here a month is a second.",
            style="dim",
        )
        seconds = ", ".join(f"{name} {seconds:.0f} s" for name, seconds in self.stage_seconds.items())
        console.print(f"{sum(self.stage_seconds.values()):.0f} s: {seconds}", style="dim")
        for line in self.disagreements:
            console.print(f"Does not add up: {line}", style="bold red")


def _accounts(report: Report) -> Table:
    account = report.account
    table = Table("", "events", title="Every event accounted for", title_justify="left", show_header=False)
    rows = {
        "predictions sent": report.sent.predictions,
        "predictions stored": account.stored,
        "outcomes sent": report.sent.outcomes,
        "outcomes joined to their predictions": account.joined,
        "dead letters": account.dead_lettered,
        "drifts found": account.drifts,
        "alerts": account.alerts,
        "retrains asked for": account.retrain_requests,
        "retrains run": account.retrains,
        "challengers trained": account.challengers,
        "versions promoted": account.promotions,
        "promotions taken back": account.rollbacks,
    }
    table.columns[1].justify = "right"
    for name, count in rows.items():
        table.add_row(name, f"{count:,}")
    return table


def _accuracies(report: Report) -> Table:
    table = Table("", "accuracy", title="Who would have been right", title_justify="left", show_header=False)
    table.columns[1].justify = "right"
    table.add_row("the first model, never retrained", f"{report.static:.1%}")
    table.add_row("the monitored model", f"[bold green]{report.monitored:.1%}[/]")
    table.add_row("no model: repeat the last label that had arrived", f"{report.repeated:.1%}")
    return table


def _timeline(promotions: list[Promotion]) -> Table:
    headings = ("live from", "version", "accuracy before", "after", "")
    table = Table(*headings, title="Promotions (accuracy over up to 1,000 half hours)", title_justify="left")
    for promotion in promotions:
        gain = promotion.accuracy_after - promotion.accuracy_before
        table.add_row(
            f"{time_of(promotion.row):%Y-%m-%d}",
            promotion.version,
            f"{promotion.accuracy_before:.1%}",
            "" if math.isnan(promotion.accuracy_after) else f"{promotion.accuracy_after:.1%}",
            "" if math.isnan(gain) else f"[{'green' if gain > 0 else 'red'}]{gain:+.1%}[/]",
        )
    return table
