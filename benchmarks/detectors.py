"""CPU cost of detection: River's public ADWIN, ours on columns, and the whole monitor.

Run `python benchmarks/detectors.py`; what counts are the ratios within one run.
"""

import time
from collections.abc import Callable
from functools import partial

import numpy as np
import orjson
from numpy.typing import NDArray
from river import drift
from river.drift import binary

from driftline_detectors import ErrorColumns, ModelMonitor, PredictionColumns
from driftline_detectors.adwin import Adwin
from driftline_detectors.ddm import Ddm

EVENTS = 200_000
FEATURES = 10
BATCHES = (1, 32, 500, 5000)


def cpu_us(work: Callable[[], object], items: int) -> float:
    """Return the CPU time per item in microseconds, the best of three."""
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best / items * 1e6


def in_batches(values: NDArray[np.float64], batch: int, update: Callable[[NDArray[np.float64]], object]) -> None:
    """Feed the values in columns of `batch`."""
    for start in range(0, len(values), batch):
        update(values[start : start + batch])


def feed_adwin(values: NDArray[np.float64], batch: int) -> None:
    """Feed the values to one of our detectors."""
    in_batches(values, batch, Adwin().update)


def one_by_one(values: NDArray[np.float64], update: Callable[[float], object]) -> None:
    """Feed the values as River's public interface takes them."""
    for value in values.tolist():
        update(value)


def prediction_columns(features: dict[str, NDArray[np.float64]], rows: slice) -> PredictionColumns:
    """Return these rows of the features as a batch."""
    position = np.arange(rows.start, rows.stop)
    numbers = np.ones(len(position))
    return PredictionColumns(position, position, {name: f[rows] for name, f in features.items()}, numbers, numbers)


def monitor_us(features: dict[str, NDArray[np.float64]], batch: int, events: int) -> float:
    """Return the CPU time per event of a monitor of all features."""
    batches = [prediction_columns(features, slice(start, start + batch)) for start in range(0, events, batch)]

    def work() -> None:
        monitor = ModelMonitor()
        for each in batches:
            monitor.observe_predictions(each)

    return cpu_us(work, events)


def print_detectors(values: NDArray[np.float64], wrong: NDArray[np.float64]) -> None:
    """Print the cost per value of each detector beside River's public class."""
    adwin = cpu_us(lambda: one_by_one(values, drift.ADWIN().update), EVENTS)  # type: ignore[no-untyped-call]
    ddm = cpu_us(lambda: one_by_one(wrong, binary.DDM().update), EVENTS)
    print(f"ADWIN, River's public class     {adwin:7.3f} µs/value")
    for batch in BATCHES[1:]:
        ours = cpu_us(partial(feed_adwin, values, batch), EVENTS)
        print(f"ADWIN, columns of {batch:<5}         {ours:7.3f} µs/value  {adwin / ours:5.1f} x")
    ours = cpu_us(lambda: in_batches(wrong, 500, Ddm().update), EVENTS)
    print(f"DDM, River's public class       {ddm:7.3f} µs/value")
    print(f"DDM, columns of 500             {ours:7.3f} µs/value  {ddm / ours:5.1f} x")


def print_monitor(generator: np.random.Generator, values: NDArray[np.float64], wrong: NDArray[np.float64]) -> None:
    """Print the cost per event of a whole monitor, beside ADWIN alone through River's public class."""
    features = {f"feature {n}": generator.normal(size=EVENTS) for n in range(FEATURES)}
    public = FEATURES * cpu_us(lambda: one_by_one(values, drift.ADWIN().update), EVENTS)  # type: ignore[no-untyped-call]
    print(f"{FEATURES} x River's public ADWIN alone {public:7.2f} µs/event")
    for batch in BATCHES:
        ours = monitor_us(features, batch, EVENTS if batch > 1 else 5_000)
        print(f"monitor, batches of {batch:<5}       {ours:7.2f} µs/event  {public / ours:5.2f} x")
    monitor = ModelMonitor()
    monitor.observe_predictions(prediction_columns(features, slice(0, EVENTS)))
    monitor.observe_errors(ErrorColumns(np.arange(EVENTS), np.arange(EVENTS), wrong, np.full(EVENTS, np.nan)))
    size = len(orjson.dumps(monitor.snapshot()))
    snapshot = cpu_us(monitor.snapshot, 1)
    print(f"snapshot after {EVENTS} events   {size:7} bytes, {snapshot:.0f} µs")


def main() -> None:
    """Print everything."""
    generator = np.random.default_rng(0)
    values = generator.normal(size=EVENTS)
    wrong = generator.binomial(1, 0.1, EVENTS).astype(np.float64)
    print_detectors(values, wrong)
    print_monitor(generator, values, wrong)


if __name__ == "__main__":
    main()
