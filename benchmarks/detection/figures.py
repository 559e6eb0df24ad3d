"""What the alarms of many runs of one stream come to."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.detection.contenders import Alarms
from benchmarks.detection.streams import LEARNED_ROWS, Stream


@dataclass(frozen=True)
class Outcome:
    """One run.

    Attributes:
        false: Alarms before the change, after the rows that ours learns from.
        delay: Rows from the change to the first alarm after it; None where there is none.
        named: Whether that alarm names what changed.
        after: Alarms after the change.
        wrong: How many of them name something else.
    """

    false: int
    delay: int | None
    named: bool
    after: int
    wrong: int

    @classmethod
    def of(cls, stream: Stream, alarms: Alarms) -> "Outcome":
        """Judge the alarms of a stream."""
        false = sum(LEARNED_ROWS <= row < stream.at for row, _ in alarms)
        after = [(row, feature) for row, feature in alarms if row >= stream.at]
        if not after:
            return cls(false, None, named=False, after=0, wrong=0)
        row, feature = after[0]
        wrong = sum(named != stream.changed for _, named in after)
        return cls(false, row - stream.at, feature == stream.changed, len(after), wrong)


@dataclass(frozen=True)
class Figures:
    """Many runs of one stream through one detector."""

    outcomes: Sequence[Outcome]

    @property
    def false(self) -> float:
        """False alarms a run."""
        return float(np.mean([outcome.false for outcome in self.outcomes]))

    @property
    def after(self) -> float:
        """Alarms a run after the change."""
        return float(np.mean([outcome.after for outcome in self.outcomes]))

    @property
    def wrong(self) -> float:
        """Alarms a run after the change that name something else."""
        return float(np.mean([outcome.wrong for outcome in self.outcomes]))

    def delay(self, share: float = 0.5) -> float:
        """The delay that so large a share of the runs does not exceed; infinite where fewer found anything."""
        delays = sorted(np.inf if outcome.delay is None else outcome.delay for outcome in self.outcomes)
        return float(delays[max(0, int(np.ceil(share * len(delays))) - 1)])

    def within(self, rows: int) -> float:
        """The share of runs that named what changed within so many rows."""
        return float(np.mean([o.named and o.delay is not None and o.delay <= rows for o in self.outcomes]))
