"""The traffic of a model's versions: whether one of them has stopped that nobody has replaced."""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from driftline_detectors.columns import TrafficColumns
from driftline_detectors.hour_judgements import PREDICTIONS, Judgement, usual_hours
from driftline_detectors.snapshots import Plain
from driftline_detectors.traffic_series import TrafficSeries, shares

REPLACED = 0.5
"""A version is replaced when others predict this share of what it is missed, at least, in its place."""


@dataclass
class _Version:
    """What came of a version, and how many predictions of the model there were up to its latest one."""

    series: TrafficSeries
    model_predictions: int = 0


class TrafficVersions:
    """Counts the traffic of each version, from the one that came or was promoted first to the newest."""

    def __init__(self) -> None:
        self._versions: OrderedDict[str, _Version] = OrderedDict()
        self._predictions = 0

    def __iter__(self) -> Iterator[tuple[str, TrafficSeries]]:
        return ((name, version.series) for name, version in self._versions.items())

    def of(self, name: str) -> TrafficSeries | None:
        """What came of a version; None where it is not known."""
        version = self._versions.get(name)
        return None if version is None else version.series

    def add_predictions(self, came: TrafficColumns, limit: int) -> None:
        """Take the next predictions of the model, in log order; beyond the limit no further versions are counted."""
        for name, rows in sorted(came.versions.items(), key=lambda each: int(each[1][0])):
            if name in self._versions or len(self._versions) < limit:
                version = self._versions.setdefault(name, _Version(TrafficSeries()))
                version.series.add_predictions(came.logged_at_ms[rows], came.position[rows])
                version.model_predictions = self._predictions + int(rows[-1]) + 1
        self._predictions += len(came)

    def promote(self, name: str) -> None:
        """A version has become champion: it is the newest from now on."""
        if name in self._versions:
            self._versions.move_to_end(name)

    def keep(self, count: int) -> None:
        """Forget all but so many of the newest."""
        while len(self._versions) > count:
            self._versions.popitem(last=False)

    def is_replaced(self, name: str, silence: Judgement, model: TrafficSeries, champion: str | None) -> bool:
        """Whether other versions predict in place of this one, which is silent until the model's latest prediction.

        A newer one does, of whatever share, unless the log names this one as the champion; and all others together do
        when more of them come than is usual.
        """
        missed, silent = silence.before, self._versions[name]
        hours = [hour for hour, _ in shares(silent.series.last_ms, model.last_ms)]
        names = list(self._versions)
        newer = [self._versions[each].series.hours for each in names[names.index(name) + 1 :]]
        of_newer = sum(each.at(PREDICTIONS, hour) for each in newer for hour in hours)
        if name != champion and of_newer >= REPLACED * missed:
            return True
        usual = self._usual_of_others(silent.series, model)
        gained = self._predictions - silent.model_predictions - usual
        return gained >= REPLACED * max(missed, usual)

    def _usual_of_others(self, silent: TrafficSeries, model: TrafficSeries) -> float:
        """How many predictions of the other versions were usual since the latest of this one."""
        usual = 0.0
        for hour, share in shares(silent.last_ms, model.last_ms):
            before = usual_hours(model.hours, hour)
            counts = (model.hours.at(PREDICTIONS, each) - silent.hours.at(PREDICTIONS, each) for each in before)
            usual += share * min(counts, default=0)
        return usual

    def snapshot(self) -> dict[str, Plain]:
        """Return the whole state as plain data."""
        versions: list[Plain] = [
            [name, version.series.snapshot(), version.model_predictions] for name, version in self._versions.items()
        ]
        return {"predictions": self._predictions, "versions": versions}

    @classmethod
    def restore(cls, state: Mapping[str, Any]) -> "TrafficVersions":
        """Return what `snapshot` described; raise LookupError, TypeError or ValueError if it is damaged."""
        known = cls()
        known._predictions = int(state["predictions"])
        for name, series, predictions in state["versions"]:
            known._versions[str(name)] = _Version(TrafficSeries.restore(series), int(predictions))
        return known
