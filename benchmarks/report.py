"""The one table, as text, as Markdown, and as name → value."""

import json
import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

from benchmarks.measured import Measured

_HEADER = ("what", "figure", "unit", "goal", "", "CPU µs/event", "wall s", "MiB", "events")
_PACKAGES = ("faust-streaming", "aiokafka", "river", "clickhouse-connect", "chdb-core", "pydantic", "orjson", "numpy")


@dataclass(frozen=True)
class Goal:
    """What a figure must reach: at least, and at most, this much."""

    least: float | None = None
    most: float | None = None

    def met(self, value: float) -> bool:
        """Whether it does."""
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)

    def __str__(self) -> str:
        if self.least is not None and self.most is not None:
            return f"{number(self.least)} to {number(self.most)}"
        return f"≥ {number(self.least)}" if self.least is not None else f"≤ {number(self.most or 0.0)}"


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes:
        name: In `bench.json`; dots separate its parts.
        what: In words.
        value: The figure; None where it could not be measured.
        unit: Its unit.
        goal: What it must reach, if anything.
        measured: The run that it is from, if it is one of a whole program.
        note: Why there is no figure.
    """

    name: str
    what: str
    value: float | None
    unit: str
    goal: Goal | None = None
    measured: Measured | None = None
    note: str = ""

    def cells(self) -> tuple[str, ...]:
        """As text."""
        verdict = "" if self.goal is None or self.value is None else ("✓" if self.goal.met(self.value) else "✗")
        figure = self.note if self.value is None else number(self.value)
        run = ("", "", "", "")
        if self.measured:
            cost, wall = number(self.measured.cpu_us_per_event), number(self.measured.wall_seconds)
            run = (cost, wall, f"{self.measured.peak_bytes / 2**20:.0f}", f"{self.measured.events:,}")
        return (self.what, figure, self.unit, str(self.goal or ""), verdict, *run)


def number(value: float) -> str:
    """Three digits that count.

    >>> number(152_345.6), number(17.25), number(0.123)
    ('152,346', '17.2', '0.12')
    """
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def machine() -> str:
    """What the figures were measured on, in one paragraph."""
    packages = ", ".join(f"{package} {version(package)}" for package in _PACKAGES)
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return (
        f"{_processor()}, {os.cpu_count()} cores, {psutil.virtual_memory().total / 2**30:.0f} GiB; "
        f"{platform.system()} {platform.release()}, Python {platform.python_version()}; {packages}. "
        f"Broker, engine and the program measured share these cores. Load average at the end: {load}."
    )


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def show(rows: Sequence[Row]) -> None:
    """Print the table."""
    show_cells(_HEADER, [row.cells() for row in rows])


def show_cells(header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table, figures to the right."""
    table = Table(*header)
    for column in table.columns[1:]:
        column.justify = "right"
    for row in rows:
        table.add_row(*row)
    Console(width=170).print(table)


def write(rows: Sequence[Row], folder: Path, notes: Sequence[str]) -> None:
    """Write `RESULTS.md` and `results/bench.json` into the folder."""
    write_values({row.name: row.value for row in rows}, folder, "bench")
    table = markdown(_HEADER, [row.cells() for row in rows])
    (folder / "RESULTS.md").write_text(document("make bench", machine(), table, notes), "utf-8")


def markdown(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown, figures to the right."""
    lines = [header, ("---", *["---:"] * (len(header) - 1)), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def document(command: str, introduction: str, table: str, notes: Sequence[str]) -> str:
    """The page that a benchmark writes."""
    remarks = "\n".join(f"- {note}" for note in notes)
    return f"# Results of `{command}`\n\n{introduction}\n\n{table}\n\n{remarks}\n"


def write_values(values: Mapping[str, float | None], folder: Path, name: str) -> None:
    """Write name → value into `results/<name>.json` in the folder."""
    (folder / "results").mkdir(parents=True, exist_ok=True)
    (folder / "results" / f"{name}.json").write_text(json.dumps(values, indent=2) + "\n", "utf-8")
