"""How lists are shown: a table for people, JSON lines for programs."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import orjson
import typer

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

Row = Mapping[str, object]

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line instead of a table.")]
"""The option that every list has."""


_SENTENCES = ("message", "explanation", "headline", "comment", "error")
"""Columns that are wrapped where a terminal is narrow; the others are to be copied."""
_SENTENCE_CHARACTERS = 25


def show(rows: Sequence[Row], *, empty: str, as_json: bool, columns: Sequence[str] = ()) -> None:
    """Write rows to standard output.

    Args:
        rows: Rows with the same keys; the keys are the column names.
        empty: What to say when there is no row (not with `as_json`).
        as_json: JSON lines, with every column, instead of a table.
        columns: The columns of the table; all by default.
    """
    if as_json:
        show_json_lines(rows)
    elif rows:
        _show_table(rows, columns or list(rows[0]))
    else:
        sys.stdout.write(f"{empty}\n")


def show_json_lines(rows: Iterable[Row]) -> None:
    """Write one JSON object a line, at once, so that a reader of a pipe sees it; a NaN becomes null."""
    for row in rows:
        sys.stdout.write(orjson.dumps(row, default=str).decode() + "\n")
        sys.stdout.flush()


def cell(value: object) -> str:
    """A value as a person reads it in a table.

    >>> cell(0.12345678), cell(["a", "b"]), cell(None)
    ('0.1235', 'a, b', '')
    """
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, list | tuple):
        return ", ".join(map(cell, value))
    return printable(str(value))


def printable(text: str) -> str:
    r"""Text of strangers as a terminal may have it: what would command the terminal is escaped.

    >>> print(printable("fraud\x1b[2J Zürich"))
    fraud\x1b[2J Zürich
    """
    return "".join(c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in text)


def _show_table(rows: Sequence[Row], columns: Sequence[str]) -> None:
    from rich.console import Console

    console = Console()
    cells = {column: [cell(row[column]) for row in rows] for column in columns}
    widths = {column: max(map(len, [column, *texts])) for column, texts in cells.items() if column not in _SENTENCES}
    needed = sum(widths.values()) + 3 * len(columns) + _SENTENCE_CHARACTERS * (len(widths) < len(columns))
    if needed <= console.width:
        console.print(_table(cells, widths))
    else:
        _show_paragraphs(console, cells)


def _table(cells: Mapping[str, Sequence[str]], widths: Mapping[str, int]) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, header_style="bold")
    for column in cells:
        table.add_column(column.replace("_", " "), min_width=widths.get(column))
    for row in zip(*cells.values(), strict=True):
        table.add_row(*map(Text, row))
    return table


def _show_paragraphs(console: Console, cells: Mapping[str, Sequence[str]]) -> None:
    """Where a table is too wide: the short values of a row on one line, its sentences below."""
    from rich.padding import Padding
    from rich.text import Text

    sentences = [column for column in cells if column in _SENTENCES]
    for row in zip(*cells.values(), strict=True):
        named = dict(zip(cells, row, strict=True))
        short = [value for column, value in named.items() if value and column not in sentences]
        console.print(Text("  ".join(short), style="bold"))
        for column in sentences:
            console.print(Padding(Text(named[column]), (0, 0, 0, 4)))
