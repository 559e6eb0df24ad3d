"""Carries a schedule of disturbances out."""

import heapq
import itertools
import signal
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.chaos.disturbances import Disturbance
from tests.chaos.processes import Process
from tests.chaos.relay import Relay

RETRY_SECONDS = 1.0
ENDING_SECONDS = 0.2
ENDED = "ended by itself"


@dataclass
class Driver:
    """Begins and ends disturbances at their times; those of several targets overlap.

    Attributes:
        workers: All that may run at once; not all of them do.
        services: Broker and store.
        relay: In front of the store.
        say: Is told of each disturbance.
        counts: How many of each kind were carried out.
    """

    workers: Sequence[Process]
    services: Sequence[Process]
    relay: Relay
    say: Callable[[str], None]
    counts: Counter[str] = field(default_factory=Counter)
    _due: list[tuple[float, int, Callable[[], None]]] = field(default_factory=list)
    _order: "itertools.count[int]" = field(default_factory=itertools.count)

    def run(self, disturbances: Sequence[Disturbance]) -> None:
        """Carry all out; returns when the last one has ended."""
        started = time.monotonic()
        for disturbance in disturbances:
            self._at(started + disturbance.at_seconds, self._beginning(disturbance))
        while self._due:
            at, _, action = heapq.heappop(self._due)
            time.sleep(max(0.0, at - time.monotonic()))
            self._revive()
            action()

    def settle(self) -> None:
        """Let everything run undisturbed: every process started and awake."""
        self.relay.lose_answers = self.relay.cut_requests = 0
        self.relay.delay_seconds = 0.0
        for process in (*self.services, *self.workers):
            if not process.running:
                process.start()
            process.send(signal.SIGCONT)

    def _revive(self) -> None:
        """Start what ended by itself again, as any supervisor would."""
        for process in (*self.services, *self.workers):
            if process.wanted and not process.running:
                self.counts[ENDED] += 1
                self.say(f"{ENDED}: {process.name}")
                process.start()

    def _at(self, at: float, action: Callable[[], None]) -> None:
        heapq.heappush(self._due, (at, next(self._order), action))

    def _beginning(self, disturbance: Disturbance) -> Callable[[], None]:
        def begin() -> None:
            now = time.monotonic()
            target = self._target(disturbance)
            if target is None:
                self._at(now + RETRY_SECONDS, begin)
                return
            self.counts[disturbance.kind.name] += 1
            self.say(f"{disturbance.kind.name}: {target.name}")
            target.disturbed = True
            disturbance.kind.begin(target, self.relay)
            self._at(now + disturbance.lasts_seconds, self._ending(disturbance, target))

        return begin

    def _ending(self, disturbance: Disturbance, target: Process) -> Callable[[], None]:
        def end() -> None:
            if target.ending:
                self._at(time.monotonic() + ENDING_SECONDS, end)
                return
            disturbance.kind.end(target, self.relay)
            target.disturbed = False

        return end

    def _target(self, disturbance: Disturbance) -> Process | None:
        """The process that is meant; None while it cannot be disturbed."""
        running = [worker for worker in self.workers if worker.running and not worker.disturbed]
        match disturbance.kind.target:
            case "worker":
                fit = running
            case "absent worker":
                fit = [worker for worker in self.workers if not worker.running and not worker.disturbed]
            case name:
                fit = [s for s in self.services if s.name == name and not s.disturbed and s.healthy()]
        return fit[int(disturbance.pick * len(fit))] if fit else None
