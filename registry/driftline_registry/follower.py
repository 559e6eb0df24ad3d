"""A service's view of its champion: loaded and verified in the background, swapped between two predictions."""

import logging
import threading
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from driftline_registry.artifact import LoadedModel
from driftline_registry.errors import NoChampion
from driftline_registry.registry import Registry

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class FollowerHealth:
    """How a follower is doing.

    Attributes:
        version: The version in use; None before the first champion.
        problem: Why the registry's champion is not the one in use; None when it is.
    """

    version: str | None
    problem: str | None

    @property
    def ok(self) -> bool:
        """Whether the champion is in use."""
        return self.problem is None


class ModelFollower:
    """Always has the champion of one model.

    A thread looks at the alias every `poll_seconds`, loads and verifies a new champion away from the serving path
    and then swaps it in. When the registry is away or the new version is refused, the last good one stays in use.

    >>> import tempfile
    >>> from driftline_registry import open_registry
    >>> with ModelFollower(open_registry(tempfile.mkdtemp()), "fraud") as follower:
    ...     follower.health.problem
    "model 'fraud' has no champion; register a version and promote it"
    """

    def __init__(self, registry: Registry, model: str, *, poll_seconds: float = 1.0) -> None:
        """Load the champion, if there is one already, and start to follow."""
        self._registry = registry
        self._model = model
        self._poll_seconds = poll_seconds
        self._loaded: LoadedModel | None = None
        self._problem: str | None = None
        self._changed = threading.Condition()
        self._closing = threading.Event()
        self._refresh()
        self._thread = threading.Thread(target=self._follow, name=f"follow {model}", daemon=True)
        self._thread.start()

    @property
    def current(self) -> LoadedModel:
        """The model to predict with; take it once per prediction or batch.

        Raises:
            NoChampion: no champion could be loaded yet; `health` says why.
        """
        if (loaded := self._loaded) is None:
            raise NoChampion(self._problem or f"model {self._model!r} has no champion")
        return loaded

    @property
    def health(self) -> FollowerHealth:
        """The version in use and what is wrong, if anything."""
        loaded = self._loaded
        return FollowerHealth(loaded.version if loaded else None, self._problem)

    def wait_for(self, version: str | None = None, *, timeout_seconds: float) -> LoadedModel:
        """Wait until this version (None: any champion) is in use, and return it.

        Raises:
            TimeoutError: it was not within `timeout_seconds`.
        """

        def arrived() -> bool:
            return self._loaded is not None and version in (None, self._loaded.version)

        with self._changed:
            if not self._changed.wait_for(arrived, timeout_seconds):
                problem = self._problem or f"the champion is {self.health.version}"
                raise TimeoutError(
                    f"version {version or 'any'} of {self._model!r} not within {timeout_seconds:g} s: {problem}"
                )
            return self.current

    def close(self) -> None:
        """Stop following; `current` keeps working."""
        self._closing.set()
        self._thread.join(timeout=10.0)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _follow(self) -> None:
        while not self._closing.wait(self._poll_seconds):
            self._refresh()

    def _refresh(self) -> None:
        """Take over the champion, or note why not."""
        try:
            champion = self._registry.champion_version(self._model)
            loaded = self._loaded
            if loaded is None or loaded.version != champion:
                loaded = self._registry.load(self._model, champion)
            problem = None
        except Exception as error:  # noqa: BLE001 - whatever a registry's library raises, the service goes on
            loaded, problem = self._loaded, str(error) or repr(error)
        if problem and problem != self._problem:
            logger.warning("%s stays on version %s: %s", self._model, loaded.version if loaded else None, problem)
        with self._changed:
            self._loaded, self._problem = loaded, problem
            self._changed.notify_all()
