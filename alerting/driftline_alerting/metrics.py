"""What the notifier's `/healthz` and `/metrics` answer."""

import time
from collections import Counter as Counts
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from itertools import product
from typing import Literal, get_args

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

from driftline_alerting.lease import Lease
from driftline_schemas.events.drift import Severity
from driftline_schemas.events.incident import Incident, IncidentState, IncidentStep
from driftline_schemas.pages import METRICS_TYPE, Page, document

TryStatus = Literal["delivered", "retrying", "failed"]
"""What became of a try: `retrying` when it failed, `failed` when it was the last one."""

_SEVERITIES: tuple[Severity, ...] = get_args(Severity)

UNRESOLVED: tuple[IncidentState, ...] = ("open", "acknowledged")
TRY_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_LATE_SECONDS = 60.0
"""A round that lasts for longer waits for somebody."""

LAG_BUCKETS = (0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600)


class NotifierMetrics:
    """Counts what the notifier does; its methods may be called from any thread.

    Args:
        channels: Names of the configured channels.
    """

    def __init__(self, channels: Iterable[str] = ()) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self._passed = Gauge(
            "driftline_notifier_last_pass_timestamp_seconds",
            "When the notifier last had taken all that had come.",
            registry=registry,
        )
        self._open = Gauge(
            "driftline_notifier_incidents", "Incidents that are not resolved.", ["state", "severity"], registry=registry
        )
        self._steps = Counter("driftline_notifier_steps", "Steps of incidents.", ["step"], registry=registry)
        self._tries = Counter(
            "driftline_notifier_deliveries", "Tries to tell somebody.", ["channel", "status"], registry=registry
        )
        self._try_seconds = Histogram(
            "driftline_notifier_delivery_seconds",
            "How long tries took.",
            ["channel"],
            buckets=TRY_BUCKETS,
            registry=registry,
        )
        self._lag_seconds = Histogram(
            "driftline_notifier_delivery_lag_seconds",
            "From an incident's step to its confirmed delivery.",
            ["channel"],
            buckets=LAG_BUCKETS,
            registry=registry,
        )
        self._begin(channels)

    def _begin(self, channels: Iterable[str]) -> None:
        """Zeros: Prometheus does not see the first increment of a series that begins with it."""
        for step in get_args(IncidentStep):
            self._steps.labels(step)
        for channel, status in product(channels, get_args(TryStatus)):
            self._tries.labels(channel, status)
        self.stand(())

    def stand(self, unresolved: Iterable[Incident]) -> None:
        """Note which incidents are not resolved; called when that may have changed."""
        counts = Counts((each.state, each.severity) for each in unresolved)
        for state, severity in product(UNRESOLVED, _SEVERITIES):
            self._open.labels(state, severity).set(counts[state, severity])

    def stepped(self, step: IncidentStep) -> None:
        """Note a step of an incident, once it is stored."""
        self._steps.labels(step).inc()

    def passed(self) -> None:
        """Note that all that had come is taken; called about once a second."""
        self._passed.set_to_current_time()

    def tried(self, channel: str, status: TryStatus, seconds: float, lag_seconds: float) -> None:
        """Note a try to deliver.

        Args:
            channel: Its name.
            status: What became of it.
            seconds: How long it took.
            lag_seconds: From the incident's step until now.
        """
        self._tries.labels(channel, status).inc()
        self._try_seconds.labels(channel).observe(seconds)
        if status == "delivered":
            self._lag_seconds.labels(channel).observe(max(0.0, lag_seconds))

    def pages(self, lease: Lease) -> Mapping[str, Callable[[], Page]]:
        """By path, for `driftline_schemas.pages.served`."""
        return {
            "/healthz": lambda: self._health(lease),
            "/metrics": lambda: Page(generate_latest(self._registry), METRICS_TYPE),
        }

    def _health(self, lease: Lease) -> Page:
        passed = self._registry.get_sample_value("driftline_notifier_last_pass_timestamp_seconds") or 0.0
        said = datetime.fromtimestamp(passed, UTC).isoformat(timespec="seconds") if passed else None
        status, error = "ok", lease.trouble
        if not error and not lease.stands_by and passed and time.time() - passed > _LATE_SECONDS:
            error = f"nothing was taken for {time.time() - passed:.0f} s: the log says what is waited for"
        if error:
            status = "degraded"
        elif lease.stands_by:
            status = "standby"
        elif not passed:
            status = "starting"
        page = {"status": status, "last_pass": said, "error": error}
        return document(page, 200 if status in ("ok", "standby") else 503)
