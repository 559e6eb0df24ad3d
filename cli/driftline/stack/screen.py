"""Shows on a terminal how the stack comes up."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TransferSpeedColumn

from driftline.stack.progress import Downloading, Event, Started, Starting
from driftline.stack.progress import Progress as Report

DONE_WIDTH = 20


@contextmanager
def shown_progress(console: Console) -> Iterator[Report]:
    """A function for `Stack.up`: one bar for the downloads, one line for each step that is done, with its seconds."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=console, transient=True) as bars, console.status("") as spinner:
        tasks: dict[str, TaskID] = {}

        def report(event: Event) -> None:
            if isinstance(event, Starting):
                spinner.update(f"{event.step} …")
            elif isinstance(event, Started):
                console.print(f"[green]✓[/green] {event.step:<{DONE_WIDTH}}{event.seconds:6.1f} s")
            else:
                _advance(bars, tasks, event)

        yield report


def _advance(bars: Progress, tasks: dict[str, TaskID], event: Downloading) -> None:
    if event.file not in tasks:
        tasks[event.file] = bars.add_task(event.file, total=event.total_bytes)
    finished = event.received_bytes >= event.total_bytes
    bars.update(tasks[event.file], completed=event.received_bytes, visible=not finished)
