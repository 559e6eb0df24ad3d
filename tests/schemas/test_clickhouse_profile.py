"""The profile of features and what it says about drift, beside numpy and scipy on the same values."""

import math
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest
from clickhouse_connect.driver.client import Client
from numpy.typing import NDArray
from scipy.spatial.distance import jensenshannon
from scipy.stats import ks_2samp

from driftline_schemas.clickhouse import connect, insert_columns
from driftline_schemas.settings import ClickHouseAddress
from tests.databases import Databases

Floats = NDArray[np.float64]

HOUR_MS = 60 * 60 * 1000
BINS = 1 / 128  # width of a bin by its value
NUMBERS = ("normal", "skewed", "tight", "dice", "flag")

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def tables(databases: Databases) -> Iterator[ClickHouseAddress]:
    """One database for all tests of this file."""
    with databases.lent() as address:
        yield address


@pytest.fixture
def client(tables: ClickHouseAddress) -> Iterator[Client]:
    """A client of empty tables."""
    with connect(tables) as client:
        for table in ("prediction_log", "feature_profile_numbers", "feature_profile_categories"):
            client.command(f"TRUNCATE TABLE {table}")
        yield client


def store(client: Client, hour: int, rows: Sequence[dict[str, Any]], *, version: str = "1", token: str = "") -> None:
    """Store predictions of one hour; features that are texts are categories."""
    insert_columns(
        client,
        "prediction_log",
        {
            "timestamp": [hour * HOUR_MS + i % HOUR_MS for i in range(len(rows))],
            "model": ["m"] * len(rows),
            "version": [version] * len(rows),
            "event_id": [f"{hour}-{version}-{i}" for i in range(len(rows))],
            "features": [{k: v for k, v in row.items() if not isinstance(v, str)} for row in rows],
            "categories": [{k: v for k, v in row.items() if isinstance(v, str)} for row in rows],
        },
        token or uuid.uuid4().hex,
    )


def sample(seed: int, size: int, shift: float = 0.0) -> dict[str, Floats]:
    """Numbers of several kinds."""
    chance = np.random.default_rng(seed)
    return {
        "normal": chance.normal(shift, 1, size),
        "skewed": chance.lognormal(shift, 1, size),
        "tight": chance.normal(300 + 3 * shift, 3, size),  # a temperature in kelvin: few bins
        "dice": chance.integers(1, 7, size) + np.round(shift * 3),
        "flag": (chance.random(size) < 0.3 + shift / 4).astype(float),
    }


def rows_of(columns: dict[str, Floats]) -> list[dict[str, Any]]:
    return [
        dict(zip(columns, values, strict=True)) for values in zip(*(c.tolist() for c in columns.values()), strict=True)
    ]


def shares(reference: Floats, values: Floats) -> tuple[Floats, Floats]:
    """Shares of the ten bins between the tenths of the reference."""
    edges = np.quantile(reference, np.arange(1, 10) / 10)
    counts = [np.bincount(np.searchsorted(edges, column), minlength=10) for column in (reference, values)]
    return counts[0] / len(reference), counts[1] / len(values)


def psi(p: Floats, q: Floats) -> float:
    p, q = np.maximum(p, 1e-4), np.maximum(q, 1e-4)
    return float(np.sum((q - p) * np.log(q / p)))


def drift(client: Client, view: str = "feature_drift", **parameters: str) -> dict[str, dict[str, Any]]:
    """By feature, how far hour 1 is from hour 0."""
    given = {
        "model": "m",
        "reference_from": "1970-01-01 00:00:00",
        "reference_until": "1970-01-01 01:00:00",
        "from": "1970-01-01 01:00:00",
        "until": "1970-01-01 02:00:00",
    } | parameters
    arguments = ", ".join(f"{name} = '{value}'" for name, value in given.items())
    found = client.query(f"SELECT * FROM {view}({arguments})")
    return {row["feature"]: row for row in found.named_results()}


def profile(client: Client) -> dict[str, dict[str, Any]]:
    found = client.query("SELECT * FROM feature_profile_hourly ORDER BY hour")
    return {row["feature"]: row for row in found.named_results()}


def test_a_block_that_is_stored_again_is_profiled_once(client: Client) -> None:
    rows = [{"amount": 2.0, "plan": "basic"}, {"amount": 4.0, "plan": "pro"}]
    for token in ("block", "block", "next", "next"):
        store(client, 0, rows, token=token)
    found = profile(client)
    assert (found["amount"]["rows"], found["amount"]["mean"]) == (4, 3.0)
    assert found["plan"]["top"] == {"basic": 2, "pro": 2}


def test_the_profile_of_an_hour_is_that_of_its_values(client: Client) -> None:
    columns = sample(1, 2_000)
    for half in (slice(0, 700), slice(700, None)):
        store(client, 0, rows_of({name: values[half] for name, values in columns.items()}))
    found = profile(client)
    assert set(found) == set(NUMBERS)
    for name, values in columns.items():
        row = found[name]
        assert (row["kind"], row["rows"], row["null_rate"]) == ("number", 2_000, 0)
        assert (row["minimum"], row["maximum"]) == (values.min(), values.max())
        assert row["mean"] == pytest.approx(values.mean())
        assert row["standard_deviation"] == pytest.approx(values.std())
        for quantile, share in {"p01": 0.01, "p25": 0.25, "median": 0.5, "p75": 0.75, "p99": 0.99}.items():
            exact = np.quantile(values, share, method="lower")
            assert row[quantile] == pytest.approx(exact, rel=BINS), (name, quantile)
            assert abs(row[quantile]) <= abs(exact) or row[quantile] == row["minimum"]
    assert found["dice"]["distinct_at_least"] == 6
    assert found["dice"]["median"] == np.quantile(columns["dice"], 0.5, method="lower")


def test_nulls_texts_and_absent_features_are_told_apart(client: Client) -> None:
    plans: list[dict[str, Any]] = [{"plan": plan} for plan in ("basic", math.nan, "pro", "pro")]
    store(client, 0, [*plans, {}, {"code": 7.0}, {"code": "seven"}, {"void": math.nan}])
    found = profile(client)
    assert (found["plan"]["kind"], found["plan"]["rows"], found["plan"]["null_rate"]) == ("category", 4, 0.25)
    assert found["plan"]["top"] == {"pro": 2, "basic": 1}
    assert math.isnan(found["plan"]["mean"])
    assert found["code"]["kind"] == "mixed"
    assert (found["void"]["kind"], found["void"]["null_rate"]) == ("", 1.0)


def test_drift_of_whole_hours_is_that_of_the_values_within_a_bin(client: Client) -> None:
    reference, values = sample(1, 4_000), sample(2, 3_000, shift=0.4)
    store(client, 0, rows_of(reference))
    store(client, 1, rows_of(values))
    found = drift(client)
    for name in NUMBERS:
        p, q = shares(reference[name], values[name])
        row = found[name]
        exact = float(ks_2samp(reference[name], values[name]).statistic)
        assert exact - row["ks_error"] <= row["ks"] <= exact + 1e-9
        precise = {"dice": 1e-9, "flag": 1e-9, "tight": 0.2}.get(name, 0.05)
        assert row["psi"] == pytest.approx(psi(p, q), rel=precise), name
        assert row["jensen_shannon"] == pytest.approx(jensenshannon(p, q, base=2), rel=precise), name
        assert (row["reference_values"], row["values"]) == (4_000, 3_000)
        assert (row["reference_mean"], row["mean"]) == pytest.approx((reference[name].mean(), values[name].mean()))


def test_drift_of_rows_is_exactly_that_of_numpy_and_scipy(client: Client) -> None:
    reference, values = sample(3, 1_000), sample(4, 800, shift=0.3)
    store(client, 0, rows_of(reference))
    store(client, 1, rows_of(values))
    found = drift(client, "feature_drift_exact", until="1970-01-01 01:00:00.500")
    for name in NUMBERS:
        window = values[name][:500]
        p, q = shares(reference[name], window)
        test = ks_2samp(reference[name], window, method="asymp")
        row = found[name]
        assert row["values"] == 500
        assert row["psi"] == pytest.approx(psi(p, q))
        assert row["jensen_shannon"] == pytest.approx(jensenshannon(p, q, base=2))
        assert row["ks"] == pytest.approx(test.statistic)
        assert row["mean"] == pytest.approx(window.mean())


@pytest.mark.parametrize("view", ["feature_drift", "feature_drift_exact"])
def test_texts_are_compared_one_by_one(client: Client, view: str) -> None:
    store(client, 0, [{"plan": "basic"}] * 60 + [{"plan": "pro"}] * 40)
    store(
        client,
        1,
        [{"plan": "basic"}] * 30 + [{"plan": "pro"}] * 60 + [{"plan": "new"}] * 10 + [{"plan": math.nan}] * 25,
    )
    row = drift(client, view)["plan"]
    p, q = np.array([0.6, 0.4, 0]), np.array([0.3, 0.6, 0.1])
    assert row["psi"] == pytest.approx(psi(p, q))
    assert row["jensen_shannon"] == pytest.approx(jensenshannon(p, q, base=2))
    assert (row["kind"], row["reference_null_rate"], row["null_rate"]) == ("category", 0, 0.2)
    assert math.isnan(row["ks"])


def test_texts_that_never_repeat_are_no_drift(client: Client) -> None:
    store(client, 0, [{"request": f"a{i}"} for i in range(2_000)])
    store(client, 1, [{"request": f"b{i}"} for i in range(2_000)])
    assert drift(client)["request"]["psi"] < 0.01


@pytest.mark.parametrize("view", ["feature_drift", "feature_drift_exact"])
def test_two_versions_are_compared(client: Client, view: str) -> None:
    store(client, 0, [{"amount": 1.0}] * 10)
    store(client, 0, [{"amount": 2.0}] * 30, version="2")
    same_hour = {"from": "1970-01-01 00:00:00", "until": "1970-01-01 01:00:00"}
    row = drift(client, view, reference_version="1", version="2", **same_hour)["amount"]
    assert (row["reference_values"], row["values"], row["ks"]) == (10, 30, pytest.approx(1.0))
    assert drift(client, view, **same_hour)["amount"]["psi"] == 0


@pytest.mark.parametrize("view", ["feature_drift", "feature_drift_exact"])
def test_a_window_without_values_is_not_compared(client: Client, view: str) -> None:
    store(client, 0, [{"amount": 1.0, "plan": "basic"}] * 10)
    found = drift(client, view)
    assert {name: row["values"] for name, row in found.items()} == {"amount": 0, "plan": 0}
    assert all(math.isnan(row["psi"]) and math.isnan(row["ks"]) for row in found.values())


@pytest.mark.parametrize("view", ["feature_drift", "feature_drift_exact"])
def test_drift_is_read_from_another_database_too(client: Client, tables: ClickHouseAddress, view: str) -> None:
    store(client, 0, [{"amount": 1.0}])
    with connect(tables, database="default") as elsewhere:
        assert set(drift(elsewhere, f"{tables.database}.{view}")) == {"amount"}
