"""Every incident that is open or was resolved lately, and what decides about them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from driftline_alerting.incidents.case import Case
from driftline_alerting.incidents.champion import Champion
from driftline_alerting.incidents.flapping import Flapping
from driftline_alerting.incidents.grouping import closeness
from driftline_alerting.incidents.policy import HOUR_MS, MINUTE_MS, IncidentPolicy
from driftline_alerting.incidents.signal import Signal
from driftline_alerting.incidents.silences import Silences


class Board:
    """The state of all incidents; the functions in `steps` change it by `put`.

    Attributes:
        policy: When incidents join, are told, escalate and end.
        silences: In force or ahead.
        flapping: Which models' incidents open again and again.
        champions: By model, the version that serves, as far as that was announced.
    """

    def __init__(
        self,
        policy: IncidentPolicy,
        cases: Iterable[Case] = (),
        silences: Silences | None = None,
        flapping: Flapping | None = None,
    ) -> None:
        self.policy = policy
        self.silences = silences or Silences()
        self.flapping = flapping or Flapping(policy)
        self.champions: dict[str, Champion] = {}
        self._cases: defaultdict[str, dict[str, Case]] = defaultdict(dict)
        for case in cases:
            self.put(case)

    def put(self, case: Case) -> Case:
        """Take the step of an incident as its state."""
        self._cases[case.incident.model][case.incident.incident_id] = case
        return case

    def case(self, model: str, incident_id: str) -> Case | None:
        """An incident of a model, if it is open or was resolved lately."""
        return self._cases[model].get(incident_id) if model in self._cases else None

    def open(self, model: str | None = None) -> Sequence[Case]:
        """The open incidents, of one model or of all."""
        of = self._cases.values() if model is None else [self._cases.get(model, {})]
        return [case for cases in of for case in cases.values() if case.is_open]

    def find(self, model: str, signal: Signal, at_ms: int) -> Case | None:
        """The incident that a signal belongs to most closely; of several an open one, then the newest."""
        fitting = [
            (close, case.is_open, case.memory.began_ms, case.incident.incident_id)
            for case in self._cases.get(model, {}).values()
            if (case.is_open or self._is_fresh(case, signal, at_ms))
            and (close := closeness(signal, case.memory.signals, self.policy))
        ]
        return self._cases[model][max(fitting)[-1]] if fitting else None

    def _is_fresh(self, case: Case, signal: Signal, at_ms: int) -> bool:
        """Whether a resolved incident may be opened again: soon after its end by the clock and in the log's time."""
        memory = case.memory
        if self.is_of_replaced(case, signal):
            return at_ms - memory.resolved_ms <= kept_hours(self.policy) * HOUR_MS
        soon_ms = self.policy.reopen_within_minutes * MINUTE_MS
        waited_ms = memory.resolved_ms - memory.alerted_ms
        return (
            at_ms - memory.resolved_ms <= soon_ms
            and signal.until_ms - memory.detected_ms <= max(0, waited_ms) + soon_ms
        )

    def is_of_replaced(self, case: Case, signal: Signal) -> bool:
        """Whether a signal is about the version that was replaced, which ended the incident, and does not serve again.

        Late outcomes say nothing new of it.
        """
        version, champion = case.incident.version, self.champions.get(case.incident.model)
        serves = champion is not None and champion.version == version
        return bool(case.memory.replaced_by) and signal.version == version and not serves

    def forget(self, now_ms: int) -> None:
        """Drop what can no longer change."""
        kept_ms = kept_hours(self.policy) * HOUR_MS
        for model, cases in list(self._cases.items()):
            for key in [key for key, case in cases.items() if self._is_past(case, now_ms - kept_ms)]:
                del cases[key]
            if not cases:
                del self._cases[model]
        self.silences.forget(now_ms)
        self.flapping.forget(now_ms)

    @staticmethod
    def _is_past(case: Case, oldest_ms: float) -> bool:
        return not case.is_open and case.memory.resolved_ms < oldest_ms

    def __iter__(self) -> Iterator[Case]:
        return (case for cases in self._cases.values() for case in cases.values())


def kept_hours(policy: IncidentPolicy) -> float:
    """For how long a resolved incident is kept: it may be opened again, or late outcomes of what it was about come."""
    return max(policy.reopen_within_minutes / 60, policy.follow_hours)
