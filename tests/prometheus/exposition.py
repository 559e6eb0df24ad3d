"""Metrics: what processes say of themselves, and what rules and documents say about them."""

import re
import subprocess
from pathlib import Path
from urllib.request import urlopen

from prometheus_client.parser import text_string_to_metric_families

from tests.tools import program

ROOT = Path(__file__).parents[2]
RULES = ROOT / "prometheus" / "rules.yml"
OPERATIONS = ROOT / "docs" / "operations.md"

_METRIC = re.compile(r"\bdriftline_(?:worker|retrain|notifier)_\w+")


def metrics(port: int) -> dict[str, float]:
    """The sum of each metric's samples, as a process answers on this port; `promtool` has nothing to say about it."""
    with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        text: str = answer.read().decode()
    linted = subprocess.run(
        [program("promtool"), "check", "metrics"], input=text, capture_output=True, text=True, timeout=30, check=False
    )
    assert (linted.returncode, linted.stdout, linted.stderr) == (0, "", "")
    sums: dict[str, float] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            sums[sample.name] = sums.get(sample.name, 0.0) + sample.value
    return sums


def named(text: str) -> set[str]:
    """The metrics of ours that a text names."""
    return set(_METRIC.findall(text))


def assert_documented(prefix: str, exposed: dict[str, float]) -> None:
    """Whatever rules and documents name exists, and whatever exists is in the table of `docs/operations.md`."""
    names = {name for name in exposed if name.startswith(prefix)}
    families = {re.sub(r"_(?:bucket|count|sum)$", "", name) for name in names}
    used = {name for name in named(RULES.read_text("utf-8")) if name.startswith(prefix)}
    documented = {name for name in named(OPERATIONS.read_text("utf-8")) if name.startswith(prefix)}
    assert used - names == set()
    assert documented == families
