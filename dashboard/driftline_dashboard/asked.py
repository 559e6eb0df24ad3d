"""What is asked about a model, and what follows from it."""

import math
from dataclasses import dataclass, replace
from datetime import timedelta

from driftline_dashboard.queries.versions import Served, extent
from driftline_dashboard.windows import HOUR_SECONDS, Window

REFERENCE = timedelta(days=7)
"""How much of the past a window is compared with, at most: all days of a week, and no more than is read in a moment."""


@dataclass(frozen=True)
class Asked:
    """What a request is about.

    Attributes:
        model: Name of the model.
        window: Which time.
        version: Of this version only; all when empty.
        compare: The version that it is compared with; none when empty.
        served: The versions that predicted.
    """

    model: str
    window: Window
    version: str
    compare: str
    served: list[Served]

    def in_whole_pieces(self) -> "Asked":
        """The same of whole hours, where its pieces are hours or longer: none is then cut at the ends."""
        is_of_hours = self.step_seconds % HOUR_SECONDS == 0
        return replace(self, window=self.window.whole_hours) if is_of_hours else self

    @property
    def reference(self) -> Window:
        """What the window is compared with: when the other version served, or the first third of the model's time.

        Of that at most the first week.
        """
        whole = extent([v for v in self.served if self.compare in ("", v.version)])
        length = (whole.end - whole.begin) * (1 if self.compare else 1 / 3)
        return Window(whole.begin, whole.begin + max(min(length, REFERENCE), timedelta(milliseconds=1)))

    @property
    def step_seconds(self) -> int:
        """Length of the pieces of its series."""
        return self.window.step_seconds(self.predictions)

    @property
    def predictions(self) -> int:
        """How many the window has, about."""
        spans = ((Window(v.first_at, v.last_at), v) for v in self.served if self.version in ("", v.version))
        return math.ceil(sum(self.window.overlap(span) * v.predictions for span, v in spans))
