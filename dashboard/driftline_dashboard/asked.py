"""What is asked about a model, and what follows from it."""

import math
from dataclasses import dataclass
from datetime import timedelta

from driftline_dashboard.queries.features import SAMPLE
from driftline_dashboard.queries.versions import Served, extent
from driftline_dashboard.windows import Window


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

    @property
    def reference(self) -> Window:
        """What the window is compared with: when the other version served, or the first third of the model's time.

        Of that only so much as has about twice the predictions that are looked at.
        """
        of = [v for v in self.served if self.compare in ("", v.version)]
        whole = extent(of)
        predictions = sum(v.predictions for v in of)
        part = min(1 if self.compare else 1 / 3, 2 * SAMPLE / predictions)
        return Window(whole.begin, whole.begin + max(part * (whole.end - whole.begin), timedelta(milliseconds=1)))

    @property
    def step_seconds(self) -> int:
        """Length of the pieces of its series."""
        return self.window.step_seconds(self.predictions)

    @property
    def predictions(self) -> int:
        """How many the window has, about."""
        spans = ((Window(v.first_at, v.last_at), v) for v in self.served if self.version in ("", v.version))
        return math.ceil(sum(self.window.overlap(span) * v.predictions for span, v in spans))
