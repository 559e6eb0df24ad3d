"""The little of SQL that the front has to understand."""

import re
from dataclasses import dataclass

COMMENTS = rb"(?:/\*.*?\*/\s*|--[^\n]*\n\s*)*"
INSERT = re.compile(
    rb"\s*" + COMMENTS + rb"(INSERT\s+INTO\b(?:(?!\b(?:VALUES|SELECT)\b).)*?)(SETTINGS\s+\w+\s*=.*?)?"
    rb"\bFORMAT\s+(\w+)[ \t]*;?\r?(?:\n|$)",
    re.IGNORECASE | re.DOTALL,
)
SELECT = re.compile(rb"\s*" + COMMENTS + rb"(?:SELECT|WITH|\()", re.IGNORECASE | re.DOTALL)
FORMAT_AT_END = re.compile(rb"\bFORMAT\s+(\w+)\s*;?\s*$", re.IGNORECASE)

# Formats whose chunks may be sent one after the other as they come: no header, no footer.
STREAMED = frozenset({"Native", "TabSeparated", "TSV", "CSV", "RowBinary", "JSONEachRow"})


@dataclass(frozen=True)
class Insert:
    """`INSERT INTO … [SETTINGS …] FORMAT …` and its data."""

    into: str
    settings: str
    data_format: str
    data: memoryview


def split_insert(statement: bytes) -> Insert | None:
    r"""The parts of an insert that carries its data in a format; None for every other statement.

    >>> insert = split_insert(b"INSERT INTO t (a) SETTINGS async_insert = 0 FORMAT CSV\n1\n")
    >>> insert.into, insert.settings, insert.data_format, bytes(insert.data)
    ('INSERT INTO t (a) ', 'SETTINGS async_insert = 0 ', 'CSV', b'1\n')
    >>> split_insert(b"INSERT INTO t VALUES (1)") is None
    True
    """
    found = INSERT.match(statement)
    if found is None:
        return None
    data = memoryview(statement)[found.end() :]
    return Insert(text(found[1]), text(found[2] or b""), found[3].decode(), data)


def output_format(statement: bytes, default: str) -> str:
    """The format that a statement names at its end.

    >>> output_format(b"SELECT 1 FORMAT Native", "TSV"), output_format(b"SELECT 1", "TSV")
    ('Native', 'TSV')
    """
    found = FORMAT_AT_END.search(statement)
    return found[1].decode() if found else default


def is_streamable(statement: bytes, data_format: str) -> bool:
    """Whether the result may be sent in chunks while the statement runs."""
    return data_format in STREAMED and SELECT.match(statement) is not None


def text(statement: bytes) -> str:
    """SQL as the engine takes it; bytes that are not UTF-8 survive."""
    return statement.decode("utf-8", "surrogateescape")
