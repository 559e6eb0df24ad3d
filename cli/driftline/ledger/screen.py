"""The ledger as tables that fit a terminal."""

from collections.abc import Iterator, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from driftline.ledger.account import EVENT_KINDS, KINDS, EmitterAccount, Ledger, PartitionAccount
from driftline.output import printable

MAX_EMITTERS = 20
"""Emitters in the table: those with something unexplained first, then the newest."""


def show(ledger: Ledger, console: Console) -> None:
    """Write partitions, their records and events, emitters, faults, and the total."""
    console.print(_log(ledger.partitions), _records(ledger.partitions), _events(ledger.partitions))
    if ledger.emitters:
        console.print(_emitters(ledger.emitters[:MAX_EMITTERS]))
    if (left := len(ledger.emitters) - MAX_EMITTERS) > 0:
        console.print(f"and {left:,} more emitters, in --json")
    for fault in ledger.faults():
        console.print(Text(printable(str(fault)), style="red"))
    total = ledger.unexplained
    console.print(Text(f"unexplained: {total:,}", style="bold red" if total else "bold green"))


def _table(title: str, names: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, header_style="bold", pad_edge=False)
    table.add_column(names)
    for column in columns:
        table.add_column(column, justify="right")
    return table


def _numbers(*values: int) -> Iterator[str]:
    return (f"{value:,}" for value in values)


def _log(partitions: Sequence[PartitionAccount]) -> Table:
    """One row per partition: from where to where."""
    table = _table("The log", "partition", "from", "to", "stored to", "in flight", "records", "unexplained")
    for p in partitions:
        places = (p.low_watermark, p.high_watermark, p.stored_offset, p.in_flight)
        table.add_row(str(p.partition), *_numbers(*places, p.records, p.unexplained))
    return table


def _records(partitions: Sequence[PartitionAccount]) -> Table:
    """One row per partition: what became of its records."""
    table = _table("Records", "partition", "data", "dead letters", "forwarded", "duplicates", "ticks", "controls")
    for p in partitions:
        table.add_row(str(p.partition), *_numbers(*(p.kinds[kind] for kind in KINDS)))
    return table


def _events(partitions: Sequence[PartitionAccount]) -> Table:
    """One row per partition: what became of the events in its data records."""
    table = _table("Events", "partition", "events", *EVENT_KINDS, "orphans at first")
    for p in partitions:
        table.add_row(str(p.partition), *_numbers(p.events, *(p.event_kinds[k] for k in (*EVENT_KINDS, "orphans"))))
    return table


def _emitters(emitters: Sequence[EmitterAccount]) -> Table:
    """One row per emitter: what it says, what arrived, what is missing."""
    said = ("logged", "sent", "dropped", "queued")
    table = _table("Emitters", "emitter (model)", *said, "arrived", "dead letters", "unexplained")
    for e in emitters:
        says = ["", "no report", "", ""] if e.reported_at is None else _said(e)
        name = Text(printable(f"{e.emitter} ({e.model})"), overflow="fold")
        table.add_row(name, *says, *_numbers(e.arrived, e.dead_letters, e.unexplained))
    return table


def _said(emitter: EmitterAccount) -> list[str]:
    dropped = ", ".join(f"{reason} {count:,}" for reason, count in sorted(emitter.dropped.items())) or "0"
    logged, sent, queued = _numbers(emitter.logged, emitter.sent, emitter.queued)
    return [logged, sent, dropped, queued]
