"""After the warm-up every compiled function is there, whatever kind of model is watched."""

import subprocess
import sys

PROGRAM = """
import importlib, math, pkgutil
import numpy as np
import driftline_detectors
from driftline_detectors import ErrorColumns, ModelMonitor, MonitorSettings, PredictionColumns
from driftline_detectors.warm_up import warm_up

def compiled():
    found = set()
    for each in pkgutil.walk_packages(driftline_detectors.__path__, "driftline_detectors."):
        functions = vars(importlib.import_module(each.name)).items()
        found |= {(each.name, name) for name, it in functions if hasattr(it, "py_func") and it.signatures}
    return found

assert not compiled()
warm_up()
warm = compiled()
numbers = np.random.default_rng(1)
for days in (None, 7.0):
    monitor = ModelMonitor(MonitorSettings(segments=("country",), reference_size=600, budget_days=days))
    for begin in range(0, 3000, 250):
        position, values = np.arange(begin, begin + 250), numbers.normal(size=250) + (begin > 2000)
        shown, texts = values > -1, ["blue" if value > 1 else "red" for value in values]
        nothing, countries = np.full(250, math.nan), ["DE" if value > 0 else "FR" for value in values]
        monitor.observe_predictions(PredictionColumns(
            position, 1000 * position, {"a": values, "b": np.where(shown, 1.0, math.nan)}, np.abs(values), values,
            {"b": shown}, {"c": texts}, texts, {"country": countries},
        ))
        monitor.observe_errors(ErrorColumns(position, 1000 * position, np.abs(values), values, {"country": countries}))
assert compiled() == warm, compiled() - warm
print(len(warm))
"""


def test_every_compiled_function_is_there_after_the_warm_up() -> None:
    ended = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert int(ended.stdout) >= 10
