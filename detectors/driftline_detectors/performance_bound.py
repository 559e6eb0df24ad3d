"""A bound of a model's performance, and when a window has passed it by more than chance explains."""

import math
from typing import NamedTuple

from driftline_detectors.findings import DriftFinding
from driftline_detectors.settings import MonitorSettings
from driftline_detectors.tumbling_window import ClosedWindow

STANDARD_ERRORS = 3.0
"""By so many a window's figure must be worse than its bound."""


class Figure(NamedTuple):
    """The mean error of a window, its standard deviation, and the number of errors."""

    mean: float
    std: float
    size: int


class PerformanceBound:
    """Tells the first of successive windows whose accuracy is too low or whose mean absolute error is too high.

    A window is told when its mean error is above the bound by STANDARD_ERRORS standard errors: those of the bound
    itself for classes, those of the window for numbers. The next one is told after a window that keeps the bound.
    """

    def __init__(self, settings: MonitorSettings) -> None:
        self._settings = settings
        self.broken = False
        """Whether the last window was beyond the bound."""

    def judge(self, closed: ClosedWindow, wrong: Figure, absolute: Figure, position: int) -> DriftFinding | None:
        """Return what is to be told about a window that began at `position`, if anything."""
        settings, before = self._settings, self.broken
        self.broken = False
        if settings.minimum_accuracy is not None and wrong.size:
            rate = 1 - settings.minimum_accuracy
            if wrong.mean > rate + STANDARD_ERRORS * math.sqrt(rate * (1 - rate) / wrong.size):
                self.broken = True
                finding = ("down", settings.minimum_accuracy, 1 - wrong.mean, wrong.size)
        if settings.maximum_mae is not None and absolute.size and not self.broken:
            error = absolute.std / math.sqrt(absolute.size)
            if absolute.mean > settings.maximum_mae + STANDARD_ERRORS * error:
                self.broken = True
                finding = ("up", settings.maximum_mae, absolute.mean, absolute.size)
        if before or not self.broken:
            return None
        direction, bound, figure, count = finding
        return DriftFinding(
            row=closed.row,
            kind="performance",
            feature=None,
            detector="bound",
            statistic=figure,
            threshold=bound,
            direction="down" if direction == "down" else "up",
            before=bound,
            after=figure,
            width=count,
            change_position=position,
            change_timestamp_ms=closed.start_ms,
        )
