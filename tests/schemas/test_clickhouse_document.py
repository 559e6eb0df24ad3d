import re
from pathlib import Path

import pytest
from clickhouse_connect.driver.client import Client

from driftline_schemas.clickhouse.document import describe_views, relations, schema_page

ANALYSTS = Path(__file__).parents[2] / "docs" / "analysts.md"
PAGE = Path(__file__).parents[2] / "docs" / "schema.md"

pytestmark = pytest.mark.stack


def test_everything_is_described_also_by_what_it_shows(client: Client) -> None:
    found = relations(client)
    assert [relation.name for relation in found if not relation.comment] == []
    assert [
        (relation.name, column.name) for relation in found for column in relation.columns if not column.comment
    ] == []
    detected = {relation.name: relation for relation in found}["drifts"].columns
    assert {column.name: column.comment for column in detected}["detected_at"] == "Event time of the detection."


def test_the_page_is_current(client: Client) -> None:
    assert PAGE.read_text("utf-8") == schema_page(client), "run `make docs`"


def test_clients_see_the_descriptions_of_what_views_show(client: Client) -> None:
    before = schema_page(client)
    describe_views(client)
    views = "(SELECT name FROM system.tables WHERE database = currentDatabase() AND engine = 'View')"
    silent = f"database = currentDatabase() AND table IN {views} AND comment = ''"
    assert client.query(f"SELECT table, name FROM system.columns WHERE {silent}").result_rows == []
    assert schema_page(client) == before
    assert client.query("SELECT * FROM drifts").result_rows == []


def test_the_statements_that_make_an_analyst_are_understood(client: Client) -> None:
    (sql,) = re.findall(r"```sql\n(.*?)```", ANALYSTS.read_text("utf-8"), re.DOTALL)
    settings = "SELECT name FROM system.settings"
    known = {name for (name,) in client.query(settings).result_rows}
    assert set(re.findall(r"(\w+) = \d", sql)) <= known
    for statement in filter(str.strip, sql.split(";")):
        assert client.query("SELECT formatQuery({sql:String})", {"sql": statement}).result_rows != []
