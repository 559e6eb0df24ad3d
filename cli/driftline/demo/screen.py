"""What the demo shows while it runs: a live panel on a terminal, a plain line now and then elsewhere."""

import math
import time
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

PLAIN_LINE_SECONDS = 5.0
BAR_COLUMNS = 40


@dataclass(frozen=True)
class Progress:
    """One moment of the stream.

    Attributes:
        row: Rows played.
        rows: Rows in all.
        market_time: The half hour that is being played.
        events_per_second: Predictions and outcomes sent per second, lately.
        version: The version that serves.
        recent_served: Accuracy of the served model over the last outcomes; NaN before the first.
        recent_static: Accuracy of the first version over the same outcomes.
        drifts: Drifts so far.
        alerts: Alerts so far.
        requests: Retrains asked for so far.
        promotions: Versions promoted so far.
    """

    row: int
    rows: int
    market_time: datetime
    events_per_second: float
    version: str
    recent_served: float
    recent_static: float
    drifts: int
    alerts: int
    requests: int
    promotions: int

    def line(self) -> str:
        """The moment in one line."""
        return (
            f"{self.market_time:%Y-%m-%d}  {self.row:6,} of {self.rows:,} rows  "
            f"{self.events_per_second:5,.0f} events/s  "
            f"last 1,000 outcomes: served (v{self.version}) {_share(self.recent_served)}, "
            f"static {_share(self.recent_static)}  "
            f"drifts {self.drifts}, alerts {self.alerts}, retrains {self.requests}, promotions {self.promotions}"
        )


class Screen:
    """Shows the stream, refreshed in place on a terminal."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = Live(console=console, refresh_per_second=4, transient=True) if console.is_terminal else None
        self._next_line = 0.0

    def __enter__(self) -> "Screen":
        if self._live:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._live:
            self._live.update("")
            self._live.stop()

    def progress(self, progress: Progress) -> None:
        """Show the stream."""
        if self._live:
            self._live.update(_panel(progress))
        elif time.monotonic() >= self._next_line:
            self._next_line = time.monotonic() + PLAIN_LINE_SECONDS
            self._console.print(progress.line(), highlight=False, soft_wrap=True)


def _panel(now: Progress) -> Table:
    table = Table.grid(padding=(0, 3))
    table.add_row("market time", f"{now.market_time:%A %d %B %Y %H:%M}", "events/s", f"{now.events_per_second:,.0f}")
    table.add_row("served model", f"version {now.version}", "drifts", str(now.drifts))
    table.add_row("accuracy, last 1,000", _accuracy(now.recent_served), "alerts", str(now.alerts))
    table.add_row("the static model", _accuracy(now.recent_static), "retrains asked for", str(now.requests))
    table.add_row("rows", f"{now.row:,} of {now.rows:,}", "promotions", str(now.promotions))
    panel = Table.grid()
    panel.add_row(ProgressBar(total=now.rows, completed=now.row, width=2 * BAR_COLUMNS))
    panel.add_row(table)
    return panel


def _accuracy(share: float) -> Text:
    filled = 0 if math.isnan(share) else round(share * BAR_COLUMNS)
    return Text(f"{'█' * filled}{'░' * (BAR_COLUMNS - filled)} {_share(share)}")


def _share(share: float) -> str:
    return "none yet" if math.isnan(share) else f"{share:.1%}"
