"""What the service's `/healthz` and `/metrics` answer; both only read what the service has anyway."""

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import get_args

from prometheus_client import CollectorRegistry, ProcessCollector, disable_created_metrics, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from driftline_registry.errors import RegistryError
from driftline_retrain_service.context import Parts
from driftline_retrain_service.rounds import Rounds
from driftline_retrain_service.runs.state import RunState, Status
from driftline_schemas.events.model_change import ModelAction
from driftline_schemas.pages import METRICS_TYPE, Page, document

_PREFIX = "driftline_retrain_"
_WORK = ("waiting", "training", "shadow")

logger = logging.getLogger(__name__)


def pages(parts: Parts, rounds: Rounds) -> Mapping[str, Callable[[], Page]]:
    """By path."""
    disable_created_metrics()  # type: ignore[no-untyped-call]
    registry = CollectorRegistry(auto_describe=False)
    registry.register(RetrainMetrics(parts, rounds))
    ProcessCollector(registry=registry)
    return {"/healthz": lambda: health(rounds), "/metrics": lambda: Page(generate_latest(registry), METRICS_TYPE)}


def health(rounds: Rounds) -> Page:
    """200 while rounds end well, 503 while one is tried again."""
    ended = rounds.ended_at and datetime.fromtimestamp(rounds.ended_at, UTC).isoformat(timespec="seconds")
    status = "ok" if rounds.error is None else "degraded"
    return document(
        {"status": status, "last_round": ended, "error": str(rounds.error or "")[:500]}, 200 if status == "ok" else 503
    )


class RetrainMetrics(Collector):
    """Reads the service's counters; costs nothing until it is asked."""

    def __init__(self, parts: Parts, rounds: Rounds) -> None:
        self._parts = parts
        self._rounds = rounds

    def collect(self) -> Iterator[Metric]:
        """Every metric, with its value now."""
        parts = self._parts
        doing = Counter(_work(run.state) for run in parts.runs.unfinished())
        yield _labelled(GaugeMetricFamily, "open_retrains", "Retrains that have not ended.", "doing", _WORK, doing)
        steps = get_args(Status)
        yield _labelled(CounterMetricFamily, "steps", "Steps of retrains.", "status", steps, parts.runs.told)
        changes, actions = parts.announcements.changes, get_args(ModelAction)
        text = "Versions that were promoted, refused or rolled back."
        yield _labelled(CounterMetricFamily, "model_changes", text, "action", actions, changes)
        yield from parts.runner.seconds.collect()
        yield from self._audit()
        yield _gauge("last_round_succeeded", "Whether the last round ended well.", self._rounds.error is None)
        if self._rounds.ended_at:
            yield _gauge("last_round_timestamp_seconds", "When a round last ended well.", self._rounds.ended_at)

    def _audit(self) -> Iterator[Metric]:
        try:
            head = self._parts.audit.head()
        except RegistryError as error:
            logger.warning("the audit cannot be read: %s", error)
            yield _gauge("audit_sound", "Whether the head of the audit is what the registry's key has signed.", 0)
            return
        yield _gauge("audit_sound", "Whether the head of the audit is what the registry's key has signed.", 1)
        yield _gauge("audit_entries", "Entries of the audit.", head.sequence if head else 0)


def _work(state: RunState) -> str:
    return "training" if state.training else "shadow" if state.challengers else "waiting"


def _labelled(
    family: type[GaugeMetricFamily] | type[CounterMetricFamily],
    name: str,
    text: str,
    label: str,
    values: tuple[str, ...],
    counts: Mapping[str, int],
) -> Metric:
    """With zeros, since Prometheus does not see the first increment of a series that begins with it."""
    metric = family(f"{_PREFIX}{name}", text, labels=[label])
    for value in values:
        metric.add_metric([value], counts.get(value, 0))
    return metric


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"{_PREFIX}{name}", text, value=float(value))
