"""Some models in their worlds, through Kafka, worker, ClickHouse, retrain service and followers, in lock-step.

A step logs the next rows' predictions, by the champion of the moment, and the outcomes that are due; ends the block;
waits until the worker has stored it; lets the retrain service go as far as that; and lets the followers look.
"""

import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.retraining import loop
from benchmarks.retraining.log import opened
from benchmarks.retraining.served import Served, serve
from benchmarks.retraining.streams import Stream
from benchmarks.stand import Stand, stand
from benchmarks.worker_run import worker
from driftline_registry import LocalRegistry
from driftline_retrain_service.audit import Audit
from driftline_schemas.settings import ClickHouseAddress, Settings

CHUNK_ROWS = 100

_STEPS = """
SELECT model, status, uniqExact(retrain_id), countIf(status != 'promoted' OR challenger_version != '')
FROM retrain_steps GROUP BY model, status
"""


@dataclass(frozen=True)
class Ended:
    """What became of a model.

    Attributes:
        stream: Its world.
        right: Whether the version that served was right, for every row that was served.
        versions: Which one that was.
        retrains: Retrains that trained something.
        trainings: Challengers that were trained.
        promotions: How many of them were promoted.
        rollbacks: How many of these were taken back.
        audit_faults: What is wrong with the record of decisions, of all models together.
    """

    stream: Stream
    right: NDArray[np.bool_]
    versions: Sequence[str]
    retrains: int
    trainings: int
    promotions: int
    rollbacks: int
    audit_faults: Sequence[str]


def play(
    streams: Sequence[Stream], kafka: str, clickhouse: ClickHouseAddress, chunk_rows: int = CHUNK_ROWS
) -> list[Ended]:
    """Play streams with one trainer to their ends, all at the same time, each as a model of its own."""
    with ExitStack() as parts:
        one = parts.enter_context(stand(kafka, clickhouse))
        settings = _settings(one, Path(parts.enter_context(tempfile.TemporaryDirectory())), streams[0].trainer)
        registry = LocalRegistry(Path(settings.registry))
        models = [serve(f"model-{number}", stream, registry) for number, stream in enumerate(streams)]
        for model in models:
            parts.enter_context(closing(model.follower))
        started = parts.enter_context(worker(one))
        log = parts.enter_context(opened(one, started))
        turning = parts.enter_context(loop.running(one, registry, settings))
        while playing := [model for model in models if model.begun < len(model.stream)]:
            for model in playing:
                for value in model.step(chunk_rows):
                    log.append(value)
            log.store()
            turning.turn()
            for model in playing:
                model.follow()
        faults = Audit(registry.root).verify()
        return [_ended(model, counts, faults) for model, counts in zip(models, _counts(one, models), strict=True)]


def _settings(one: Stand, folder: Path, trainer: str) -> Settings:
    address = one.clickhouse
    return Settings.from_environment(
        {
            "DRIFTLINE_KAFKA": one.kafka,
            "DRIFTLINE_CLICKHOUSE": f"http://{address.username}@{address.host}:{address.port}/{address.database}",
            "DRIFTLINE_TOPIC_PREFIX": one.topics.prefix,
            "DRIFTLINE_PARTITIONS": str(one.topics.partitions),
            "DRIFTLINE_REGISTRY": str(folder / "registry"),
            "DRIFTLINE_RETRAIN_TRAINER": trainer,
            "DRIFTLINE_RETRAIN_COOLDOWN_SECONDS": "0",  # in the log's time, and months pass in a minute of it
        }
    )


def _counts(one: Stand, models: Sequence[Served]) -> list[Mapping[str, tuple[int, int]]]:
    """By model and status: retrains that had it, and steps."""
    found: dict[str, dict[str, tuple[int, int]]] = {model.name: {} for model in models}
    for model, status, retrains, steps in one.client.query(_STEPS).result_rows:
        found[model][status] = retrains, steps
    return list(found.values())


def _ended(model: Served, counts: Mapping[str, tuple[int, int]], faults: Sequence[str]) -> Ended:
    steps = Counter({status: count for status, (_, count) in counts.items()})
    return Ended(
        stream=model.stream,
        right=np.array(model.right),
        versions=model.versions,
        retrains=counts.get("training", (0, 0))[0],
        trainings=steps["training"],
        promotions=steps["promoted"],
        rollbacks=steps["rolled-back"],
        audit_faults=faults,
    )
