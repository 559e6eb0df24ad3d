"""Incidents' steps on their way to people: one consumer group and one thread for each channel.

What a channel has settled is committed in Kafka at once, so a notice is sent again only if the program is killed
between the receiver's confirmation and that.
"""

import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from driftline_alerting.configuration import Configuration
from driftline_alerting.delivery.courier import Courier, Parts
from driftline_alerting.delivery.log import DeliveryLog
from driftline_alerting.metrics import NotifierMetrics
from driftline_alerting.stopping import Stopping
from driftline_schemas.settings import Settings

END_SECONDS = 5.0
"""So long the channels have to end; what is under way then is taken up at the next start."""

_ROWS_SECONDS = 2.0
"""So long the last rows of `delivery_log` have to be stored."""

_POLL_SECONDS = 0.5


class Deliveries:
    """Delivers while it is entered.

    To enter it waits until every channel has its place in the log, so that nothing is missed that is appended from then
    on: for Kafka, and where Kafka has no place of a channel for ClickHouse.

    Args:
        configuration: Channels and routes.
        settings: Where Kafka and ClickHouse are.
        metrics: Is told of each try.
        may_send: Whether this process is the one that tells people, asked before each try.
    """

    def __init__(
        self, configuration: Configuration, settings: Settings, metrics: NotifierMetrics, may_send: Callable[[], bool]
    ) -> None:
        self._stopping = Stopping()
        self._log = DeliveryLog(settings.clickhouse)
        parts = Parts(configuration, settings, self._log, metrics, self._stopping, may_send)
        self._couriers = [Courier(name, parts) for name in configuration.channels]

    def __enter__(self) -> Self:
        self._log.start()
        for courier in self._couriers:
            courier.start()
        try:
            for courier in self._couriers:
                while not courier.ready.wait(_POLL_SECONDS):
                    pass
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def _end(self) -> None:
        """End every thread; one that hangs is left behind."""
        self._stopping.set()
        deadline = time.monotonic() + END_SECONDS
        for courier in self._couriers:
            courier.join(max(0.0, deadline - time.monotonic()))
        self._log.end(_ROWS_SECONDS)
