"""The Faust application: settings, one agent, two timers, two pages."""

import asyncio
import logging
import socket
from typing import Any

import faust
from faust.types.tuples import TP
from faust.web import Request, Response, View
from mode import CrashingSupervisor

from driftline_schemas.pages import METRICS_TYPE
from driftline_schemas.settings import Settings
from driftline_stream_processors import health
from driftline_stream_processors.kafka import transport
from driftline_stream_processors.kafka.outbox import Outbox
from driftline_stream_processors.memory.limits import BlockLimits
from driftline_stream_processors.metrics import WorkerMetrics
from driftline_stream_processors.storage.store import Store
from driftline_stream_processors.ticker import Ticker
from driftline_stream_processors.watch import Watch
from driftline_stream_processors.watchdog import LOOK_EVERY_SECONDS
from driftline_stream_processors.worker import Worker

_TICK_EVERY_SECONDS = 0.2

log = logging.getLogger(__name__)


def create(settings: Settings, pipeline: str) -> faust.App:
    """Wire the worker; `pipeline` names the consumer group and its snapshots."""
    topics = settings.topics
    app = _faust_app(settings, pipeline)
    reader = transport.install(app)
    store = Store(settings.clickhouse, pipeline, topics.events.name, settings.snapshot_key)
    outbox = Outbox(settings.kafka)
    limits = BlockLimits(settings.block_records, settings.block_bytes)
    worker = Worker(topics, limits, store, outbox, reader)
    ticker = Ticker(worker, outbox, reader)
    watch = Watch(settings.kafka, pipeline, topics, worker, outbox, reader)
    events = app.topic(topics.events.name, value_type=bytes, value_serializer="raw", key_serializer="raw")

    @app.agent(events)
    async def process(stream: Any) -> None:
        await outbox.start()
        try:
            async for event in stream.noack().events():
                await worker.take(event.value)
        except asyncio.CancelledError:
            if not app.should_stop:  # at the end it is no crash, whatever Faust makes of it during a rebalance
                raise

    @app.timer(_TICK_EVERY_SECONDS)  # type: ignore[untyped-decorator]  # Faust's
    async def tick() -> None:
        await ticker.tick()

    app.timer(LOOK_EVERY_SECONDS)(watch.look)

    async def forget(_app: Any, revoked: set[TP], **_: Any) -> None:
        worker.forget(revoked)

    async def stop(_app: Any, **_: Any) -> None:
        await watch.stop()
        await outbox.stop()
        store.close()

    signals: Any = app
    signals.on_partitions_revoked.connect(forget)
    signals.on_before_shutdown.connect(stop)

    @app.page("/healthz")
    async def healthz(web: View, _request: Request) -> Response:
        status, document = health.report(worker, store, watch, reader)
        return web.json(document, status=status)

    measured = WorkerMetrics(worker, store, watch, reader)

    @app.page("/metrics")
    async def metrics(web: View, _request: Request) -> Response:
        return web.bytes(measured.page(), headers={"Content-Type": METRICS_TYPE})

    return app


def _faust_app(settings: Settings, pipeline: str) -> faust.App:
    return faust.App(
        pipeline,
        broker=[f"kafka://{address.strip()}" for address in settings.kafka.split(",")],
        agent_supervisor=CrashingSupervisor,
        broker_commit_interval=1.0,
        broker_heartbeat_interval=3.0,
        broker_max_poll_interval=1e6,
        broker_max_poll_records=2000,
        broker_session_timeout=10.0,
        broker_rebalance_timeout=10.0,
        consumer_auto_offset_reset="earliest",
        # The same worker started again takes its partitions back at once, without waiting for its old session to end.
        consumer_group_instance_id=f"{socket.gethostname()}-{settings.worker_port}",
        consumer_max_fetch_size=8 * 1024 * 1024,
        processing_guarantee="at_least_once",
        store="memory://",
        stream_buffer_maxsize=8,
        stream_wait_empty=False,
        table_standby_replicas=0,
        topic_allow_declare=False,
        topic_disable_leader=True,
        topic_partitions=settings.partitions,
        web_bind=settings.worker_host,
        web_host=settings.worker_host,
        web_port=settings.worker_port,
    )
