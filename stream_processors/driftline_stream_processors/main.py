"""Starting a worker process."""

import asyncio
import gc
import logging
import os
from typing import NoReturn

import faust
import uvloop
from aiokafka.admin import AIOKafkaAdminClient
from clickhouse_connect.driver import options

from driftline_detectors.warm_up import warm_up
from driftline_schemas import ConfigurationError
from driftline_schemas.clickhouse import migrate
from driftline_schemas.settings import ClickHouseAddress, Settings
from driftline_stream_processors.application import create
from driftline_stream_processors.retry import until_done


def run(settings: Settings, pipeline: str | None = None) -> None:
    """Run a worker until SIGTERM or SIGINT; exits the process.

    Args:
        settings: Where everything is.
        pipeline: Name of the consumer group and of its snapshots; by default `<prefix>worker`. Another name reads the
            same log again from its beginning.

    Raises:
        ConfigurationError: The topics are missing or have another number of partitions; nothing was read.
    """
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())  # Faust's consumer makes a loop of its own in its thread
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    loop.run_until_complete(_prepare(settings))
    warm_up()  # before partitions are assigned: compiling holds the event loop
    _spare_the_collector()
    options.pd = None  # clickhouse-connect would import pandas to see that no row is a data frame: a second, 60 MiB
    app = create(settings, pipeline or f"{settings.topic_prefix}worker")
    try:
        faust.Worker(app, loop=loop, loglevel="INFO").execute_from_commandline()
    except SystemExit as ended:
        _leave(ended)


def _leave(ended: SystemExit) -> NoReturn:
    """End the process with all its threads.

    Where the broker was away when the worker was told to stop, the thread of Faust's consumer goes on: it would take
    partitions again as soon as the broker is back, and nobody would read them.
    """
    logging.shutdown()
    os._exit(ended.code if isinstance(ended.code, int) else 1)


def _spare_the_collector() -> None:
    """Look for cyclic garbage seldom: parsing makes many small objects, and hardly any of them is in a cycle."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)


async def _prepare(settings: Settings) -> None:
    """Wait for the store and the broker; migrate the one, and check the topics on the other."""
    await until_done("migrating ClickHouse", lambda: _migrate(settings.clickhouse))
    found = await until_done("reading the topics", lambda: _partition_counts(settings.kafka))
    for topic in settings.topics.all():
        if found.get(topic.name) != topic.partitions:
            raise ConfigurationError(
                f"topic {topic.name} has {found.get(topic.name, 'no')} partitions on {settings.kafka}, expected "
                f"{topic.partitions}; run `driftline setup`, or correct DRIFTLINE_PARTITIONS and DRIFTLINE_TOPIC_PREFIX"
            )


async def _migrate(address: ClickHouseAddress) -> None:
    await asyncio.to_thread(migrate, address)


async def _partition_counts(brokers: str) -> dict[str, int]:
    admin = AIOKafkaAdminClient(bootstrap_servers=brokers.split(","))
    try:
        await admin.start()
        return {topic["topic"]: len(topic["partitions"]) for topic in await admin.describe_topics()}
    finally:
        await admin.close()
