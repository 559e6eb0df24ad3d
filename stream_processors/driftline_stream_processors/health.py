"""What `/healthz` answers."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from driftline_stream_processors.storage.store import Store
from driftline_stream_processors.watch import Watch
from driftline_stream_processors.worker import LogReader, Worker


def report(worker: Worker, store: Store, watch: Watch, reader: Callable[[], LogReader]) -> tuple[int, dict[str, Any]]:
    """HTTP status and document: 200 while the worker makes progress, 503 while a part is away or it stands still."""
    partitions = {}
    for tp, owned in sorted(worker.owned.items()):
        pipeline = owned.pipeline
        end = reader().highwater(tp)
        partitions[str(tp.partition)] = {
            "next_offset": pipeline.state.next_offset,
            "stored_offset": pipeline.keeper.stored_offset,
            "high_watermark": end,
            "lag": None if end is None else max(0, end - pipeline.state.next_offset),
            "models": len(pipeline.state.monitors),
            "dead_letters": pipeline.counts["dead_letters"],
        }
    away = store.away or watch.kafka_away
    status = "stalled" if watch.stalls else "degraded" if away else "ok"
    document = {
        "status": status,
        "clickhouse": _said(store.away),
        "kafka": _said(watch.kafka_away),
        "stalled": [
            {
                "partition": stall.partition,
                "offset": stall.offset,
                "since": datetime.fromtimestamp(stall.since, UTC).isoformat(timespec="seconds"),
                "lag": stall.lag,
            }
            for stall in watch.stalls.values()
        ],
        "partitions": partitions,
    }
    return (200 if status == "ok" else 503), document


def _said(error: Exception | None) -> str:
    return "ok" if error is None else (str(error) or type(error).__name__)[:500]
