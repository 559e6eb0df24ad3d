"""What a round of the service works with."""

from collections import OrderedDict
from dataclasses import dataclass

from clickhouse_connect.driver.client import Client

from driftline_registry import LoadedModel, Registry
from driftline_retrain_service.announcements import Announcements
from driftline_retrain_service.audit import Audit
from driftline_retrain_service.isolation.runner import JobRunner
from driftline_retrain_service.rows.live import Frontier, LiveLog
from driftline_retrain_service.runs import Runs
from driftline_retrain_service.runs.run import Run
from driftline_retrain_service.runs.watches import Watches
from driftline_schemas.settings import RetrainSettings

_MOST_MODELS = 16


class LoadedModels:
    """The versions that predict in shadow, verified when they are loaded; the last used ones are kept."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._loaded: OrderedDict[tuple[str, str], LoadedModel] = OrderedDict()

    def __call__(self, model: str, version: str) -> LoadedModel:
        """Return a version; `RegistryError` when it must not be used."""
        key = model, version
        if key not in self._loaded:
            self._loaded[key] = self._registry.load(model, version)
        self._loaded.move_to_end(key)
        while len(self._loaded) > _MOST_MODELS:
            self._loaded.popitem(last=False)
        return self._loaded[key]


@dataclass(frozen=True)
class Parts:
    """What the service has for as long as it runs.

    Attributes:
        settings: Of the installation.
        registry: Versions and aliases.
        runner: Trains.
        announcements: Tells Kafka.
        audit: The record of every decision.
        runs: All retrains.
        watches: The promoted versions on probation.
        load: Loads versions for shadows.
    """

    settings: RetrainSettings
    registry: Registry
    runner: JobRunner
    announcements: Announcements
    audit: Audit
    runs: Runs
    watches: Watches
    load: LoadedModels


@dataclass(frozen=True)
class Round(Parts):
    """The same, with the log as it is stored now.

    Attributes:
        client: Of ClickHouse.
        live: The labelled rows.
    """

    client: Client
    live: LiveLog

    def frontier(self, run: Run) -> Frontier | None:
        """How far the log of a run's model is stored; None while it is not stored up to the request."""
        requested = run.request.requested
        stored = self.live.frontiers.get(requested.partition)
        return stored if stored and stored.offset >= requested.offset else None
