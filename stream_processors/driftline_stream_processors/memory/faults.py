"""Broken feeds that were found lately: while one lasts, errors that rise say nothing about the model."""

from collections import OrderedDict
from typing import Any, NamedTuple

MAX_FAULTS = 10_000
"""Versions of models whose last fault is remembered."""

LASTING_MS = 24 * 60 * 60 * 1000
"""So long in event time after a fault was found it may be the cause of errors."""


class Fault(NamedTuple):
    """A feature that broke: when it began and when it was found, in event time."""

    feature: str
    began_ms: int
    found_ms: int


class Faults:
    """The last fault of each model version."""

    def __init__(self) -> None:
        self._faults: OrderedDict[tuple[str, str], Fault] = OrderedDict()

    def add(self, model: str, version: str, fault: Fault) -> None:
        """Remember a fault."""
        self._faults[model, version] = fault
        self._faults.move_to_end((model, version))

    def behind(self, model: str, version: str, began_ms: int, found_ms: int) -> Fault | None:
        """The fault that may be the cause of a change which began and was found then; None without one.

        It is when the change did not begin before it, by more than it took to find it, and not long after.
        """
        fault = self._faults.get((model, version))
        if fault is None or found_ms > fault.found_ms + LASTING_MS:
            return None
        return fault if began_ms >= fault.began_ms - (found_ms - began_ms) else None

    def end_block(self) -> None:
        """Forget the oldest; only here, so that every reading of the log forgets alike."""
        while len(self._faults) > MAX_FAULTS:
            self._faults.popitem(last=False)

    def snapshot(self) -> list[Any]:
        """Plain data."""
        return [[*key, *fault] for key, fault in self._faults.items()]

    @classmethod
    def restore(cls, state: list[Any]) -> "Faults":
        """What `snapshot` returned."""
        faults = cls()
        for model, version, feature, began_ms, found_ms in state:
            faults.add(str(model), str(version), Fault(str(feature), int(began_ms), int(found_ms)))
        return faults
