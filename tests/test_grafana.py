"""Every query of the dashboards, with macros and variables filled in as the plugin and Grafana fill them."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from clickhouse_connect.driver.client import Client

from driftline_schemas.clickhouse import connect
from tests.databases import Databases
from tests.schemas.filled import BEGIN_MS, END_MS, fill

GRAFANA = Path(__file__).parent.parent / "grafana"
DASHBOARDS = {
    path.stem: json.loads(path.read_text("utf-8")) for path in sorted((GRAFANA / "dashboards").glob("*.json"))
}
PANELS = [(name, panel) for name, dashboard in DASHBOARDS.items() for panel in dashboard["panels"]]
VARIABLES = {"model": "fraud", "feature": "amount"}
FROM, TO = f"toDateTime({BEGIN_MS // 1000})", f"toDateTime({END_MS // 1000})"
MACROS: dict[str, Callable[[str], str]] = {
    "timeFilter": lambda column: f"{column} >= {FROM} AND {column} <= {TO}",
    "timeInterval": lambda column: f"toStartOfInterval(toDateTime({column}), INTERVAL 60 second)",
    "fromTime": lambda _: FROM,
    "toTime": lambda _: TO,
}

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def filled(databases: Databases) -> Iterator[Client]:
    with databases.lent() as address, connect(address) as client:
        fill(client)
        yield client


def expanded(sql: str) -> str:
    """The statement that reaches the server."""
    sql = re.sub(r"\$\{(\w+):singlequote\}", lambda match: f"'{VARIABLES[match[1]]}'", sql)
    sql = re.sub(r"\$__(\w+)(?:\(([^()]*)\))?", lambda match: MACROS[match[1]](match[2]), sql)
    assert "$" not in sql
    return sql


def answer(client: Client, sql: str) -> tuple[dict[str, str], list[Any]]:
    """Types by column, and rows."""
    found = client.query(expanded(sql))
    types = (type_.name for type_ in found.column_types)
    return dict(zip(found.column_names, types, strict=True)), list(found.result_rows)


@pytest.mark.parametrize(("name", "panel"), PANELS, ids=[f"{name}: {panel['title']}" for name, panel in PANELS])
def test_every_panel_has_the_columns_that_it_needs(filled: Client, name: str, panel: dict[str, Any]) -> None:
    for target in panel["targets"]:
        types, rows = answer(filled, target["rawSql"])
        assert rows != []
        assert target["format"] == (0 if panel["type"] == "timeseries" else 1)
        if panel["type"] == "timeseries":  # one time in order, at most one label, numbers
            first, *others = types.values()
            assert first.startswith("DateTime")
            assert [row[0] for row in rows] == sorted(row[0] for row in rows)
            labels = [type_ for type_ in others if "String" in type_]
            assert len(labels) <= 1 < len(types)
            assert all(re.match(r"U?Int|Float", type_) for type_ in others if type_ not in labels)
        if panel["type"] == "stat":
            assert len(types) == len(rows) == 1


@pytest.mark.parametrize("name", DASHBOARDS)
def test_variables_and_annotations_are_found(filled: Client, name: str) -> None:
    dashboard = DASHBOARDS[name]
    queries = {
        variable["name"]: variable for variable in dashboard["templating"]["list"] if variable["type"] == "query"
    }
    for name, variable in queries.items():
        assert (VARIABLES[name],) in answer(filled, variable["query"])[1]
    for annotation in dashboard["annotations"]["list"]:
        types, rows = answer(filled, annotation["target"]["rawSql"])
        assert {"time", "text"} <= set(types)
        assert rows != []


def test_every_dashboard_can_be_told_from_the_others() -> None:
    assert set(DASHBOARDS) == {"overview", "model", "pipeline"}
    assert {dashboard["uid"] for dashboard in DASHBOARDS.values()} == {f"driftline-{name}" for name in DASHBOARDS}
    for dashboard in DASHBOARDS.values():
        assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])
        sources = {panel["datasource"]["uid"] for panel in dashboard["panels"]}
        assert sources == {"${datasource}"}


def test_the_provisioned_source_is_the_one_that_dashboards_ask_for() -> None:
    read = yaml.safe_load((GRAFANA / "provisioning" / "datasources" / "driftline.yaml").read_text("utf-8"))
    (source,) = read["datasources"]
    for dashboard in DASHBOARDS.values():
        asked = next(v for v in dashboard["templating"]["list"] if v["type"] == "datasource")
        assert asked["query"] == source["type"]
    assert source["secureJsonData"]["password"].startswith("$")
