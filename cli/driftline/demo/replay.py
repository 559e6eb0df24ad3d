"""Plays the market through the prediction service."""

import time
from collections import deque
from collections.abc import Callable
from itertools import pairwise

from driftline.demo.clock import ReplayClock
from driftline.demo.market import Market
from driftline.demo.scoreboard import Scoreboard
from driftline.demo.service import LABEL_DELAY_ROWS, TRAINING_ROWS, FirstVersion, PriceService

ROWS_PER_CALL = 32
"""The service predicts two thirds of a day with one call of the model: a laptop's time is saved, and at 1,600 rows a
second a promoted version still serves within 20 ms."""
RATE_STEPS = 100


class Replay:
    """One pass over the market.

    Args:
        market: What happened.
        first: The version that a model without monitoring would keep.
        service: Predicts and reports.
        clock: Sets the pace.

    Attributes:
        board: Who was right so far.
    """

    def __init__(self, market: Market, first: FirstVersion, service: PriceService, clock: ReplayClock) -> None:
        self.board = Scoreboard()
        self._market = market
        self._first = first
        self._service = service
        self._clock = clock
        self._steps: deque[tuple[float, int]] = deque(maxlen=RATE_STEPS)

    @property
    def events_per_second(self) -> float:
        """Predictions and outcomes sent per second over the last steps; 0 before the second step."""
        if len(self._steps) < 2:
            return 0.0
        (start, sent_before), (end, sent) = self._steps[0], self._steps[-1]
        return (sent - sent_before) / (end - start)

    def play(self, end: int, on_step: Callable[[int], None]) -> None:
        """Predict every row from the first day of service up to `end`, and report every outcome.

        Args:
            end: The row after the last one.
            on_step: Called after each step with the next row.
        """
        for start, stop in pairwise([*range(TRAINING_ROWS, end, ROWS_PER_CALL), end]):
            self._clock.advance(stop - start)
            version, predictions = self._service.predict(range(start, stop))
            for row, prediction in zip(range(start, stop), predictions, strict=True):
                self.board.predicted(row, version, prediction)
            self._report_outcomes(start - LABEL_DELAY_ROWS, stop - LABEL_DELAY_ROWS)
            self._steps.append((time.monotonic(), self.board.predictions + self.board.outcomes))
            on_step(stop)
        self._report_outcomes(end - LABEL_DELAY_ROWS, end)

    def _report_outcomes(self, start: int, stop: int) -> None:
        for row in range(max(start, TRAINING_ROWS), stop):
            label = self._service.report_outcome(row)
            last_known = self._market.labels[row - LABEL_DELAY_ROWS]
            self.board.arrived(label, static=str(self._first.predictions[row]), repeated=str(last_known))
