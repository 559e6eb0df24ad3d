"""Models whose incidents open again and again."""

from collections import defaultdict, deque
from collections.abc import Iterable

from driftline_alerting.incidents.policy import HOUR_MS, IncidentPolicy


class Flapping:
    """Counts, for each model, how often an incident of it was opened again lately."""

    def __init__(self, policy: IncidentPolicy, reopenings: Iterable[tuple[str, int]] = ()) -> None:
        self._policy = policy
        most = policy.flapping_reopenings + 1
        self._times: defaultdict[str, deque[int]] = defaultdict(lambda: deque(maxlen=most))
        for model, at_ms in reopenings:
            self.count(model, at_ms)

    def count(self, model: str, at_ms: int) -> int:
        """Count a reopening; return how many there are within the policy's hours, one above its bound at most."""
        times = self._times[model]
        times.append(at_ms)
        while times[0] < at_ms - self._policy.flapping_hours * HOUR_MS:
            times.popleft()
        return len(times)

    def forget(self, now_ms: int) -> None:
        """Drop the models that have been calm."""
        oldest_ms = now_ms - self._policy.flapping_hours * HOUR_MS
        for model in [name for name, times in self._times.items() if times[-1] < oldest_ms]:
            del self._times[model]

    def words(self) -> str:
        """What is said once of such a model."""
        return (
            f"incidents of this model open again and again: {self._policy.flapping_reopenings} times within "
            f"{self._policy.flapping_hours:g} h; further ones are not told"
        )
