"""The rules of alerts, by Prometheus' own tool."""

import re
import subprocess
from typing import Any

import yaml

from tests.prometheus.exposition import OPERATIONS, ROOT, RULES
from tests.tools import program

CASES = ROOT / "tests" / "prometheus" / "rules_test.yml"
ALERTS = [rule["alert"] for group in yaml.safe_load(RULES.read_text("utf-8"))["groups"] for rule in group["rules"]]


def promtool(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [program("promtool"), *arguments], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )


def test_the_configuration_and_its_rules_are_valid() -> None:
    result = promtool("check", "config", "prometheus/prometheus.yml")
    assert result.returncode == 0, result.stdout + result.stderr
    assert f"{len(ALERTS)} rules found" in result.stdout


def test_each_rule_fires_when_it_should_and_only_then() -> None:
    result = promtool("test", "rules", str(CASES))
    assert result.returncode == 0, result.stdout + result.stderr


def test_each_rule_has_a_case_in_which_it_fires() -> None:
    cases: list[dict[str, Any]] = yaml.safe_load(CASES.read_text("utf-8"))["tests"]
    fired = {case["alertname"] for test in cases for case in test["alert_rule_test"] if case["exp_alerts"]}
    assert fired == set(ALERTS)


def test_each_alert_has_its_remedy() -> None:
    """By a heading of its own in the runbook."""
    assert re.findall(r"^### (Driftline\w+)$", OPERATIONS.read_text("utf-8"), re.MULTILINE) == ALERTS
