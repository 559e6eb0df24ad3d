"""A category that the reference never had is told by its name, and no other change of the mix is."""

import numpy as np
import ormsgpack
import pytest

from driftline_detectors import DriftFinding, ModelMonitor, PredictionColumns

ROWS, CHANGE = 8_000, 6_000
COUNTRIES = ["DE", "FR", "IT", "ES"]


def found(country: list[str | None], size: int, restore: bool = False) -> list[DriftFinding]:
    monitor, drifts = ModelMonitor(), []
    rows, nothing = np.arange(ROWS), np.full(ROWS, np.nan)
    batch = PredictionColumns(rows, rows, {}, nothing, nothing, texts={"country": country})
    for begin in range(0, ROWS, size):
        if restore:
            monitor = ModelMonitor.restore(ormsgpack.unpackb(ormsgpack.packb(monitor.snapshot())))
        drifts += monitor.observe_predictions(batch.take(rows[begin : begin + size])).drifts
    return drifts


def mix(shares: list[float], others: list[str], seed: int = 1) -> list[str | None]:
    """Four countries; from CHANGE on these shares of the four and of `others`, evenly."""
    rng = np.random.default_rng(seed)
    before = rng.choice(COUNTRIES, CHANGE, p=[0.5, 0.3, 0.15, 0.05])
    each = [(1 - sum(shares)) / max(1, len(others))] * len(others)
    return [*before.tolist(), *rng.choice(COUNTRIES + others, ROWS - CHANGE, p=[*shares, *each]).tolist()]


@pytest.mark.parametrize(("size", "restore"), [(ROWS, False), (250, True)])
def test_a_new_category_is_told_once_with_its_name_and_share(size: int, restore: bool) -> None:
    (drift,) = found(mix([0.45, 0.27, 0.135, 0.045], ["XX"]), size, restore)
    assert (drift.kind, drift.detector, drift.feature, drift.category) == ("quality", "unseen", "country", "XX")
    assert (drift.before, drift.direction) == (0.0, "up")
    assert 0.04 < drift.after < 0.25  # of 0.1
    assert drift.row < CHANGE + 300


def test_the_same_categories_in_another_mix_are_a_change_of_the_mix() -> None:
    (drift,) = found(mix([0.2, 0.3, 0.15, 0.35], []), ROWS)
    assert (drift.kind, drift.detector, drift.category) == ("data-drift", "e-detector", "ES")


def test_many_new_ones_none_of_which_is_frequent_are_no_new_category() -> None:
    (drift,) = found(mix([0.4, 0.24, 0.12, 0.04], [f"x{number}" for number in range(200)]), ROWS)
    assert (drift.kind, drift.detector, drift.category) == ("data-drift", "e-detector", "")


def test_what_is_rare_in_the_reference_is_not_new() -> None:
    country = mix([0.45, 0.27, 0.135, 0.045], ["XX"])
    country[100:105] = ["XX"] * 5
    (drift,) = found(country, ROWS)
    assert (drift.kind, drift.detector) == ("data-drift", "e-detector")
