"""A retrain service on real components, which can be started anew, and a stream for it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from clickhouse_connect.driver.client import Client

from driftline_registry import LocalRegistry
from driftline_retrain_service.announcements import Announcements
from driftline_retrain_service.audit import Audit
from driftline_retrain_service.isolation.runner import JobRunner
from driftline_retrain_service.job.files import LabelledRow
from driftline_retrain_service.main import parts
from driftline_retrain_service.runs import Runs
from driftline_retrain_service.service import RetrainService
from driftline_schemas import ModelChange, ModelSpec
from driftline_schemas.clickhouse import connect, insert_columns
from driftline_schemas.events.base import Record
from driftline_schemas.events.model_spec import RetrainSpec
from driftline_schemas.settings import Settings
from tests.retrain_service.stored import EPOCH_MS, PARTITION, messages, store


class World:
    """One model, `fraud`: the truth is 'up' where a > 0, or the reverse; version 1 believes the former."""

    def __init__(self, configured: Settings, registry: LocalRegistry, runner: JobRunner) -> None:
        self.settings = configured
        self.registry = registry
        self.runner = runner
        self.client: Client = connect(configured.clickhouse)
        self.audit = Audit(registry.root)
        self.rows = 0
        self._numbers = np.random.default_rng(7)

    def close(self) -> None:
        self.client.close()

    def stream(self, count: int, *, reverse: bool, at_ms: int | None = None) -> None:
        """Serve so many rows with the champion, and let their outcomes come, until `at_ms` of the broker's time."""
        numbers = self._numbers.normal(size=(count, 2)).tolist()
        rows = [
            LabelledRow(features={"a": a, "b": b}, label="up" if (a > 0) != reverse else "down") for a, b in numbers
        ]
        version = self.registry.champion_version("fraud")
        answers = self.registry.load("fraud", version).predict_many([row.features for row in rows])
        served = [str(answer.prediction) for answer in answers]
        store(self.settings.clickhouse, rows, first=self.rows, version=version, served=served, last_logged_at_ms=at_ms)
        self.rows += count

    def specify(self, **retrain: Any) -> None:
        spec = ModelSpec(model="fraud", timestamp_ms=EPOCH_MS, retrain=RetrainSpec(**retrain))
        columns: dict[str, Sequence[Any]] = {
            "model": ["fraud"],
            "written_at": [EPOCH_MS],
            "spec": [spec.model_dump_json()],
            "partition": [PARTITION],
            "offset": [2 * self.rows],
            "logged_at": [EPOCH_MS],
        }
        insert_columns(self.client, "model_spec_log", columns, token=f"spec:{self.rows}")

    def process(self, *records: Record) -> None:
        """Start the service, give it records, and let it go on as far as the stored log goes."""
        with Announcements(self.settings) as announcements:
            service = RetrainService(parts(self.settings, self.registry, self.runner, announcements))
            for record in records:
                service.take(record, self.client)
            service.advance(self.client)
            while self.runner.wait():
                service.advance(self.client)

    def steps(self, number: int, columns: str = "status, version, challenger_version") -> list[tuple[str, ...]]:
        sql = f"SELECT {columns} FROM retrain_steps WHERE retrain_id = {{id:String}} ORDER BY sequence"
        return [tuple(row) for row in self.client.query(sql, parameters={"id": f"retrain-{number}"}).result_rows]

    def statuses(self, number: int) -> list[str]:
        return [status for status, *_ in self.steps(number)]

    def explanation(self, number: int) -> str:
        return self.steps(number, "explanation")[-1][0]

    def runs(self) -> Runs:
        return Runs(self.registry.root / "runs")

    def open_reasons(self) -> list[str]:
        return [run.request.reason for run in self.runs().unfinished()]

    def messages(self, topic: str) -> list[Any]:
        return messages(self.settings.kafka, topic)

    def changes(self) -> list[tuple[str, str, str]]:
        found = [
            ModelChange.model_validate_json(each.value) for each in self.messages(self.settings.topics.models.name)
        ]
        return [(change.action, change.version, change.previous_version) for change in found]
