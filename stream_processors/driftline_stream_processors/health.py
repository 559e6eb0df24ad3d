"""What `/healthz` answers."""

from collections.abc import Callable
from typing import Any

from driftline_stream_processors.store import Store
from driftline_stream_processors.worker import LogReader, Worker


def report(worker: Worker, store: Store, reader: Callable[[], LogReader]) -> tuple[int, dict[str, Any]]:
    """HTTP status and document: 200 while the worker makes progress, 503 while a part is away."""
    partitions = {}
    for tp, owned in sorted(worker.owned.items()):
        pipeline = owned.pipeline
        end = reader().highwater(tp)
        partitions[str(tp.partition)] = {
            "next_offset": pipeline.state.next_offset,
            "stored_offset": pipeline.stored_offset,
            "high_watermark": end,
            "lag": None if end is None else max(0, end - pipeline.state.next_offset),
            "models": len(pipeline.state.monitors),
            "dead_letters": pipeline.dead_letters,
        }
    healthy = store.away is None
    document = {
        "status": "ok" if healthy else "degraded",
        "clickhouse": "ok" if healthy else str(store.away)[:500],
        "partitions": partitions,
    }
    return (200 if healthy else 503), document
