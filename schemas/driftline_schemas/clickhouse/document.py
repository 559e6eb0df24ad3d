"""What tables and views mean, from their own comments."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from clickhouse_connect.driver.client import Client

_OURS = "database = currentDatabase() AND {} != 'schema_versions'"
_RELATIONS = f"""
SELECT name, engine, comment, as_select, sorting_key, database, create_table_query FROM system.tables
WHERE {_OURS.format("name")} ORDER BY name
"""  # noqa: S608 - made of constants
_COLUMNS = f"""
SELECT table, name, type, comment FROM system.columns WHERE {_OURS.format("table")} ORDER BY table, position
"""  # noqa: S608 - made of constants
_PARAMETER = re.compile(r"\{(\w+):(\w+)")
_COMMENT = re.compile(r"`(\w+)` \S+ COMMENT '((?:[^'\\]|\\.)*)'")
_SAMPLES = {"DateTime": "'2026-01-01'", "DateTime64": "'2026-01-01'", "String": "''", "UInt32": "1", "Bool": "0"}


@dataclass(frozen=True)
class Column:
    """A column as an analyst sees it.

    Attributes:
        name: In its table or view.
        type: ClickHouse's.
        comment: What it means; empty where nothing is said.
    """

    name: str
    type: str
    comment: str


@dataclass(frozen=True)
class Relation:
    """A table or view.

    Attributes:
        name: Without the database.
        engine: `View`, `MaterializedView`, or that of a table.
        comment: What it holds.
        sources: What a view reads, tables and views.
        parameters: Names and types of the parameters of a view, without those that may be left out.
        sorting_key: Of a table.
        columns: In their order.
    """

    name: str
    engine: str
    comment: str
    sources: Sequence[str]
    parameters: Mapping[str, str]
    sorting_key: str
    columns: Sequence[Column]


def relations(client: Client) -> list[Relation]:
    """Every table and view of the client's database; columns of views have the comments of what they show."""
    columns: dict[str, list[Column]] = {}
    for table, name, type_, comment in client.query(_COLUMNS).result_rows:
        columns.setdefault(table, []).append(Column(name, type_, comment))
    found = []
    for name, engine, comment, select, key, database, statement in client.query(_RELATIONS).result_rows:
        sources = sorted(set(re.findall(rf"(?:FROM|JOIN) {database}\.(\w+)", select)))
        parameters = {key: type_ for key, type_ in _PARAMETER.findall(select) if type_ != "Nullable"}
        own = columns.get(name) or _described(client, name, parameters, statement)
        found.append(Relation(name, engine, comment, sources, parameters, key, own))
    return list(_inherited(found))


def _described(client: Client, view: str, parameters: Mapping[str, str], statement: str) -> list[Column]:
    """The columns of a parameterized view, which the server keeps in its statement only."""
    arguments = ", ".join(f"{name} = {_SAMPLES[type_]}" for name, type_ in parameters.items())
    rows = client.query(f"DESCRIBE TABLE {view}({arguments})").result_rows
    comments = dict(_COMMENT.findall(statement))
    return [Column(name, type_, comments.get(name, "")) for name, type_, *_ in rows]


def _inherited(found: Sequence[Relation]) -> Iterator[Relation]:
    """Give columns without a comment that of the column they show; failing that, of one of the same name anywhere."""
    by_name = {relation.name: relation for relation in found}

    def comment(relation: Relation, column: str) -> str:
        own = next((each.comment for each in relation.columns if each.name == column), "")
        sources = [by_name[source] for source in relation.sources if source in by_name]
        return own or next(filter(None, (comment(source, column) for source in sources)), "")

    anywhere = {column.name: column.comment for relation in found for column in relation.columns if column.comment}
    for relation in found:
        known = [comment(relation, column.name) or anywhere.get(column.name, "") for column in relation.columns]
        columns = [replace(column, comment=text) for column, text in zip(relation.columns, known, strict=True)]
        yield replace(relation, columns=columns)


def describe_views(client: Client) -> None:
    """Write the comments that columns of views inherit into the database, where clients show them."""
    silent = client.query(f"SELECT table, name FROM ({_COLUMNS}) WHERE comment = ''").result_rows  # noqa: S608
    for relation in relations(client):
        missing = {name for table, name in silent if table == relation.name}
        texts = {column.name: column.comment for column in relation.columns if column.name in missing}
        changes = [f"COMMENT COLUMN `{name}` {_quoted(text)}" for name, text in texts.items() if text]
        if relation.engine == "View" and changes:
            client.command(f"ALTER TABLE {relation.name} {', '.join(changes)}")


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def schema_page(client: Client) -> str:
    """`docs/schema.md`."""
    found = relations(client)
    views = [relation for relation in found if relation.engine == "View"]
    tables = [relation for relation in found if relation.engine.endswith("MergeTree")]
    parts = [
        "# Tables and views",
        "Written by `make docs` from the comments in the database: change those, in "
        "`schemas/driftline_schemas/clickhouse/migrations`. Ask the views; questions and answers are in "
        "[cookbook.md](cookbook.md). Times are UTC.",
        "## Views",
        *map(_view, views),
        "## Tables",
        "Views show each row once, and what is in force; tables may hold several versions of a row until they are "
        "merged.",
        _rows(("table", "sorted by", "holds"), [(f"`{t.name}`", f"`{t.sorting_key}`", t.comment) for t in tables]),
    ]
    return "\n\n".join(parts) + "\n"


def _view(view: Relation) -> str:
    arguments = f"({', '.join(view.parameters)})" if view.parameters else ""
    columns = [(f"`{c.name}`", f"`{c.type}`", c.comment) for c in view.columns]
    return f"### {view.name}{arguments}\n\n{view.comment}\n\n{_rows(('column', 'type', 'meaning'), columns)}"


def _rows(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
