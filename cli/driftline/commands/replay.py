"""``driftline replay``."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import orjson
import typer

from driftline.errors import FAILED

if TYPE_CHECKING:
    from driftline_producers.replay import Record, Replay, ReplaySummary

REFRESH_SECONDS = 0.1

File = Annotated[Path, typer.Argument(help=".csv, .jsonl or .ndjson (also with .gz) or .parquet.", dir_okay=False)]
Model = Annotated[str | None, typer.Option(help="Model of the rows; JSON lines in the wire format name their own.")]
Version = Annotated[str, typer.Option(help="Version of the model.")]
Prediction = Annotated[str | None, typer.Option(help="Column with the prediction.", show_default="prediction")]
Label = Annotated[str | None, typer.Option(help="Column with the truth.", show_default="label, if there")]
Timestamp = Annotated[
    str | None, typer.Option(help="Column with the time: epoch or ISO 8601.", show_default="timestamp, if there")
]
EventId = Annotated[str | None, typer.Option(help="Column with the id.", show_default="event_id, if there")]
LabelDelay = Annotated[int, typer.Option(min=0, help="An outcome follows so many predictions after its own.")]
Rate = Annotated[float | None, typer.Option(help="Rows per second.", show_default="as fast as Kafka takes them")]
Start = Annotated[
    datetime | None, typer.Option(help="UTC time of the first row without a time.", show_default="2025-01-01")
]
Step = Annotated[int, typer.Option(min=0, help="Milliseconds between rows without a time.")]
AsJson = Annotated[bool, typer.Option("--json", help="The summary as one JSON object.")]


def replay(
    file: File,
    model: Model = None,
    version: Version = "",
    prediction: Prediction = None,
    label: Label = None,
    timestamp: Timestamp = None,
    event_id: EventId = None,
    label_delay: LabelDelay = 0,
    rate: Rate = None,
    start: Start = None,
    step_ms: Step = 1_000,
    as_json: AsJson = False,
) -> None:
    """Write a file of past predictions into the log; columns without a role are features, and nothing is dropped."""
    from driftline.addresses import settings
    from driftline.waiting import tell_if_stored
    from driftline_producers.replay import Columns, Replay, ReplayOptions, WaitingProducer, epoch_ms

    options = ReplayOptions(
        model=model,
        version=version,
        columns=Columns(prediction=prediction, label=label, timestamp=timestamp, event_id=event_id),
        label_delay_events=label_delay,
        rate_per_second=rate,
        step_ms=step_ms,
    )
    reading = Replay(file, options if start is None else replace(options, start_ms=epoch_ms(start)))
    current = settings()
    with WaitingProducer(current.kafka, current.topics.events.name) as producer, _bar(reading) as advance:

        def send(record: Record) -> None:
            producer.send(record)
            advance()

        summary = reading.run(send)
    _tell(summary, as_json)
    tell_if_stored(current)
    if summary.bad_rows:
        raise typer.Exit(FAILED)


@contextmanager
def _bar(reading: Replay) -> Iterator[Callable[[], None]]:
    """A progress bar on standard error, and the function that brings it up to date."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (BarColumn(), TaskProgressColumn(), TextColumn("{task.fields[rows]:,} rows"), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("", total=1.0, rows=0)
        shown_at = time.monotonic()

        def show() -> None:
            progress.update(task, completed=reading.fraction_read, rows=reading.rows_read)

        def advance() -> None:
            nonlocal shown_at
            if time.monotonic() - shown_at >= REFRESH_SECONDS:
                shown_at = time.monotonic()
                show()

        yield advance
        show()


def _tell(summary: ReplaySummary, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(orjson.dumps(summary).decode() + "\n")
        return
    others = f", {summary.others:,} other records" if summary.others else ""
    sent = f"{summary.predictions:,} predictions, {summary.outcomes:,} outcomes{others}"
    typer.echo(f"{summary.rows:,} rows: sent {sent}; {summary.bad_rows:,} bad rows")
    for reason in summary.reasons:
        typer.echo(f"  {reason}")
