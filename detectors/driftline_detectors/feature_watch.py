"""All features of a model version under one budget of false alarms."""

from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any, NamedTuple, Self

import numpy as np

from driftline_detectors.columns import ALL, Floats, Integers
from driftline_detectors.e_detector.event_clock import EventClock
from driftline_detectors.e_detector.likelihoods import VALUE_ALTERNATIVES
from driftline_detectors.e_detector.shiryaev_roberts import ShiryaevRoberts
from driftline_detectors.feature_alarm import DETECTORS, Alarm
from driftline_detectors.findings import DriftFinding, ReadingFindings
from driftline_detectors.front_end.categories import Categories
from driftline_detectors.front_end.measured import NULL, REPEAT, STREAM_OF, STREAMS, VALUE, Measured
from driftline_detectors.front_end.rates import Rates
from driftline_detectors.front_end.watched_feature import WatchedFeature
from driftline_detectors.learning_places import LearningPlaces
from driftline_detectors.snapshots import Plain
from driftline_detectors.subject import Subject

MIN_REFERENCE = 500
"""Fewer values say too little about a distribution's tails."""

_SHARES = {VALUE: 0.8, NULL: 0.1, REPEAT: 0.1}
"""How a feature's share of the budget is divided among its streams."""

_WEIGHTS = [_SHARES[stream] / STREAM_OF.count(stream) for stream in STREAM_OF]


class _Rows(NamedTuple):
    """The rows at hand: what `observe` was given."""

    values: Floats
    origins: Integers


class FeatureWatch:
    """The e-detector bank: value, null rate and repetition of every feature, with one threshold for all of them.

    The watched figure is the mean evidence of the features (e_detector/shiryaev_roberts.py). Without a change it takes
    at least `budget_events` rows on average until it reaches `budget_events`, however many features there are and
    however they depend on each other; the reference's own error is allowed for (likelihoods.TOLERANCE). When it does,
    the stream with the most evidence has changed: that feature begins anew, with a new reference window of
    `reference_size` values. With `budget_days` the same holds for days of event time instead of rows.

    >>> rng = np.random.default_rng(1)
    >>> values = np.stack([rng.lognormal(size=7000), rng.integers(0, 9, 7000)])
    >>> values[0, 6000:] *= 2
    >>> watch = FeatureWatch()
    >>> watch.add([Subject("amount", category=False), Subject("items", category=False)])
    >>> for drift in watch.observe(values, np.array([np.arange(7000)] * 2)):
    ...     print(drift.feature, drift.kind, drift.row, drift.change_position, f"{drift.before:.2f} {drift.after:.2f}")
    amount data-drift 6054 5994 1.65 3.02
    """

    def __init__(
        self, budget_events: float = 1e6, reference_size: int = 5000, budget_days: float | None = None
    ) -> None:
        if not budget_events >= 1:
            raise ValueError(f"budget_events is {budget_events!r}; it must be 1 or more; 1e6 is usual")
        if budget_days is not None and not budget_days > 0:
            raise ValueError(f"budget_days is {budget_days!r}; it must be above 0")
        if reference_size < MIN_REFERENCE:
            raise ValueError(f"reference_size is {reference_size!r}; it must be {MIN_REFERENCE} or more; 5000 is usual")
        self._budget = budget_events if budget_days is None else budget_days
        self._clock = None if budget_days is None else EventClock()
        self._reference_size = reference_size
        self._begin([])

    def _begin(self, subjects: Sequence[Subject]) -> None:
        """Watch these, and nothing else."""
        self.subjects: list[Subject] = []
        self._watched: list[WatchedFeature] = []
        self._settled = False
        """Whether none had learned, and none waited, when places were last asked for."""
        self._rates = Rates()
        self._evidence = ShiryaevRoberts(0, STREAM_OF, _WEIGHTS)
        self.add(subjects)

    def add(self, subjects: Sequence[Subject]) -> None:
        """Add what is watched from the next row on."""
        self.subjects += subjects
        self._watched += map(self._begun, subjects)
        self._rates.add([subject.nullable for subject in subjects])
        self._evidence.add_subjects(len(subjects))

    def begin_anew(self, number: int, subject: Subject) -> None:
        """Watch this subject in the place of another, from its next value on."""
        self.subjects[number] = subject
        self._watched[number] = self._begun(subject)
        self._rates.reset(number, subject.nullable)
        self._evidence.reset(number)

    @property
    def waiting(self) -> int:
        """How many subjects wait for a place to learn."""
        return sum(feature.waiting for feature in self._watched)

    def keep_places(self, places: LearningPlaces) -> None:
        """Count the places of those that learn and have one."""
        if self._settled:
            return
        for feature in self._watched:
            if feature.learns and feature.placed:
                places.take(self._reference_size)

    def ask_for_places(self, places: LearningPlaces) -> None:
        """Ask for those that wait or have just begun; who gets none forgets what it has learned, and waits."""
        if self._settled:
            return
        for number, feature in enumerate(self._watched):
            if feature.waiting or (feature.learns and not feature.placed):
                feature.placed = places.ask(self._reference_size)
                if not (feature.placed or feature.waiting):
                    self.begin_anew(number, self.subjects[number])
                self._watched[number].waiting = not feature.placed
        self._settled = not any(feature.learns or feature.waiting for feature in self._watched)

    def successor(self) -> Self:
        """Return a watch over the same features in another version of the model.

        It knows what they were like; it has no evidence yet, and of what has no name it knows nothing.
        """
        watch = copy(self)
        watch._clock = None if self._clock is None else EventClock()
        watch._begin(self.subjects)
        for number, subject in enumerate(self.subjects):
            if subject.name:
                watch._watched[number] = self._watched[number].successor()
                watch._rates.take(number, self._rates, number)
        return watch

    def _begun(self, subject: Subject) -> WatchedFeature:
        return WatchedFeature(self._reference_size, category=subject.category)

    def observe(self, values: Floats, origins: Integers) -> list[DriftFinding]:
        """Take the next rows, (subjects, rows), and return what changed among them.

        A value that is not finite is missing. `origins` holds offset and event time of each row, (2, rows).
        """
        rows = _Rows(values, origins)
        forks = {number: (0, each.fork()) for number, each in enumerate(self._watched) if each.category}
        measured = Measured.unseen(values.shape[1], len(values))
        self._measure(ALL, rows, 0, measured)
        time = np.ones(values.shape[1]) if self._clock is None else self._clock.days(origins[1])
        found: list[DriftFinding] = []
        begin = 0
        while (row := self._gather(measured, begin, origins, time)) is not None:
            begin += row + 1
            number, stream = divmod(int(self._evidence.shares().argmax()), len(STREAMS))
            found.append(self._told(Alarm(number, stream, begin - 1), rows, forks))
            self.begin_anew(number, self.subjects[number])
            forks[number] = begin, self._watched[number].fork()
            measured.seen[begin:, number] = False
            self._measure(slice(number, number + 1), rows, begin, measured)
        return found

    def _measure(self, subjects: slice, rows: _Rows, begin: int, into: Measured) -> None:
        """Measure these subjects from row `begin` on."""
        into, timestamp_ms = into.part(begin, subjects), rows.origins[1, begin:]
        numbers = range(len(self.subjects))[subjects]
        finite = self._rates.finite(rows.values[subjects, begin:], subjects)
        begins = np.empty((len(numbers), 2), np.int64)
        for each, number in enumerate(numbers):
            ratios = into.ratios[:, each, :VALUE_ALTERNATIVES]
            first, learned, end = self._watched[number].measure(*finite.of(each), timestamp_ms, ratios)
            begins[each] = learned, end
            if end > first:
                self._settled = False
                self._rates.learn(number, finite.nulls[each, first:end], finite.repeats[each, :learned])
        self._rates.tell(into, finite, begins, subjects)

    def _gather(self, measured: Measured, begin: int, origins: Integers, time: Floats) -> int | None:
        """Gather evidence from row `begin` on, up to the first alarm."""
        rows = slice(begin, None)
        told = measured.ratios[rows], measured.seen[rows], measured.told[rows]
        return self._evidence.extend(*told, origins[:, rows], time[rows], self._budget)

    def _told(self, alarm: Alarm, rows: _Rows, forks: Mapping[int, tuple[int, WatchedFeature]]) -> DriftFinding:
        subject, feature = self.subjects[alarm.number], self._watched[alarm.number]
        alarm = alarm.named_by(self._evidence)
        before = feature.mean if alarm.stream == VALUE else self._rates.before(alarm.number, alarm.stream)
        shares = None
        if alarm.stream == VALUE and feature.category:
            shares = _as_it_was(alarm.number, alarm.row, rows, *forks[alarm.number])
        names = [each.name for each in self.subjects]
        return alarm.finding(subject, before, shares, self._evidence, names, self._budget)

    def evidence(self, feature: str) -> float:
        """How much evidence there is that a feature has changed."""
        shares = self._evidence.shares().sum(axis=1)
        return sum(float(shares[number]) for number, subject in enumerate(self.subjects) if subject.name == feature)

    def readings(self, row: int) -> ReadingFindings:
        """Say how much evidence there is at `row` against each feature, by its stream with the most.

        `estimate` and `width` are those of the values since its change most likely began, if it did.
        """
        shares = self._evidence.shares()
        streams = shares.argmax(axis=1)
        statistics, (widths, means) = shares.max(axis=1).tolist(), self._evidence.widths_and_means(streams)
        found = ReadingFindings(row, [], [], [], [], [], [])
        for subject, stream, *figures in zip(self.subjects, streams.tolist(), statistics, means, widths, strict=True):
            if subject.name:
                statistic, mean, width = figures
                found.append(subject.name, DETECTORS[stream], statistic, self._budget, mean, width)
        return found

    def snapshot(self) -> dict[str, Plain]:
        """Return the whole state as plain data."""
        return {
            "budget": self._budget,
            "clock": None if self._clock is None else [self._clock.now_ms],
            "reference_size": self._reference_size,
            "subjects": [list(subject) for subject in self.subjects],
            "watched": [each.snapshot() | self._rates.snapshot(number) for number, each in enumerate(self._watched)],
            "evidence": self._evidence.snapshot(),
        }

    @classmethod
    def restore(cls, state: Mapping[str, Any]) -> Self:
        """Return the watch that `snapshot` described; raise LookupError, TypeError or ValueError if it is damaged."""
        watch = cls(reference_size=int(state["reference_size"]))
        watch._budget = float(state["budget"])
        watch._clock = None if state["clock"] is None else EventClock(*state["clock"])
        watch.add([Subject(str(name), bool(category), kind) for name, category, kind in state["subjects"]])
        for number, (feature, _) in enumerate(zip(state["watched"], watch.subjects, strict=True)):
            watch._watched[number] = WatchedFeature.restore(feature)
            watch._rates.restore(number, feature)
        watch._evidence.restore(state["evidence"])
        return watch


def _as_it_was(number: int, row: int, rows: _Rows, begin: int, fork: WatchedFeature) -> Categories:
    """A category as it was at `row`.

    The feature itself has seen all rows already; its `fork` is from before row `begin`.
    """
    values, timestamp_ms = rows.values[number : number + 1, begin : row + 1], rows.origins[1, begin : row + 1]
    ratios = np.empty((len(timestamp_ms), VALUE_ALTERNATIVES))
    fork.measure(*Rates([False]).finite(values).of(0), timestamp_ms, ratios)
    if not isinstance(fork.front, Categories):
        raise TypeError(f"a category is measured by {type(fork.front).__name__}")
    return fork.front
