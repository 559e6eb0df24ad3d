"""CPU cost of detection: River's bare compiled ADWIN, a bank of them, and the whole monitor with its snapshots.

Run `python benchmarks/detectors.py`; what counts are the ratios within one run.
"""

import time
from collections.abc import Callable, Iterable
from functools import partial

import numpy as np
import ormsgpack
from numpy.typing import NDArray
from river import drift

from driftline_detectors import ModelMonitor, MonitorSettings, PredictionColumns
from driftline_detectors.adwin import Adwin
from driftline_detectors.bank import Bank

FEATURES = (1, 10, 100, 1000)
BATCHES = (1, 32, 256, 2000)
MODELS = (1, 10, 100, 1000)
VALUES = 80_000
"""Feature values per measurement; a tenth of it where rows come one by one."""

Table = NDArray[np.float64]


def cpu_us(work: Callable[[], object], items: int) -> float:
    """Return the CPU time per item in microseconds, the best of three."""
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best / items * 1e6


def values(features: int, batch: int) -> Table:
    """Return the values of all features, (features, rows), a whole number of batches of each."""
    rows = max(1, VALUES // (10 if batch == 1 else 1) // features // batch) * batch
    return np.random.default_rng(0).normal(size=(features, rows))


def feed_bare(columns: list[list[float]]) -> None:
    """Feed each column to River's compiled window, as fast as Python can."""
    for column in columns:
        window = drift.ADWIN()._helper  # type: ignore[no-untyped-call]
        for _ in map(window.update, column):
            pass


def feed_public(columns: list[list[float]]) -> None:
    """Feed each column to River's public class, value by value."""
    for column in columns:
        detector = drift.ADWIN()  # type: ignore[no-untyped-call]
        for value in column:
            detector.update(value)  # type: ignore[no-untyped-call]


def feed_bank(table: Table, batch: int) -> None:
    """Feed a bank of one detector per feature."""
    bank = Bank("data-drift")
    bank.add((f"feature {n}", Adwin()) for n in range(len(table)))
    rows = np.arange(table.shape[1])
    for start in range(0, len(rows), batch):
        piece = table[:, start : start + batch]
        origins = np.stack((rows[start : start + batch],) * 2)
        bank.remember(piece, None, origins, bank.update(piece))


def batches(table: Table, batch: int) -> list[PredictionColumns]:
    """Return the table as batches of predictions."""
    found = []
    for start in range(0, table.shape[1], batch):
        rows = np.arange(start, min(start + batch, table.shape[1]))
        numbers = np.ones(len(rows))
        features = {f"feature {n}": column[start : start + batch] for n, column in enumerate(table)}
        found.append(PredictionColumns(rows, rows, features, numbers, numbers))
    return found


def feed_monitors(every: Iterable[PredictionColumns], monitors: list[ModelMonitor]) -> None:
    """Feed each batch to the next monitor, in turn."""
    for turn, batch in enumerate(every):
        monitors[turn % len(monitors)].observe_predictions(batch)


def monitor_us(table: Table, batch: int, models: int = 1) -> float:
    """Return the CPU time per value of monitors that take turns."""
    every = batches(table, batch)
    settings = MonitorSettings("adwin", max_features=len(table))
    return cpu_us(lambda: feed_monitors(every, [ModelMonitor(settings) for _ in range(models)]), table.size)


def print_cost(bare: float) -> None:
    """Print the cost per value by features and batch, as a multiple of River's bare window."""
    for features in FEATURES:
        for batch in BATCHES:
            table = values(features, batch)
            bank = cpu_us(partial(feed_bank, table, batch), table.size)
            monitor = monitor_us(table, batch)
            print(
                f"{features:5} features, batches of {batch:4}: bank {bank:7.3f} µs/value {bank / bare:6.1f} x   "
                f"monitor {monitor:7.3f} µs/value {monitor / bare:6.1f} x {monitor * features * batch:9.0f} µs/call"
            )


def print_models(bare: float) -> None:
    """Print the cost per value when models take turns, in batches of 256 rows of 10 features."""
    table = np.random.default_rng(0).normal(size=(10, 256 * 1000))
    every = batches(table, 256)
    for models in MODELS:
        monitors = [ModelMonitor(MonitorSettings("adwin")) for _ in range(models)]
        feed_monitors(every[:models], monitors)  # made and filled once
        cost = cpu_us(partial(feed_monitors, every[:1000], monitors), 1000 * 2560)
        print(f"{models:5} models, 10 features, batches of 256: {cost:7.3f} µs/value {cost / bare:6.1f} x")


def print_snapshots() -> None:
    """Print size and cost of a snapshot of 20 features after a million predictions."""
    monitor = ModelMonitor(MonitorSettings("adwin"))
    for batch in batches(np.random.default_rng(0).normal(size=(20, 100_000)), 2000) * 10:
        monitor.observe_predictions(batch)
    data = ormsgpack.packb(monitor.snapshot())
    snapshot = cpu_us(lambda: [monitor.snapshot() for _ in range(100)], 100)
    packed = cpu_us(lambda: [ormsgpack.packb(monitor.snapshot()) for _ in range(100)], 100)
    restore = cpu_us(lambda: [ModelMonitor.restore(ormsgpack.unpackb(data)) for _ in range(100)], 100)
    print(f"snapshot of 20 features after 1,000,000 rows: {len(data)} bytes, {snapshot:.0f} µs, {packed:.0f} µs packed")
    print(f"restore from MessagePack: {restore:.0f} µs")


def main() -> None:
    """Print everything."""
    columns = values(10, 2000).tolist()
    bare, public = cpu_us(partial(feed_bare, columns), VALUES), cpu_us(partial(feed_public, columns), VALUES)
    print(f"River's ADWIN: compiled window {bare:.3f} µs/value; public class {public:.3f}, {public / bare:.1f} x")
    print_cost(bare)
    print_models(bare)
    print_snapshots()


if __name__ == "__main__":
    main()
