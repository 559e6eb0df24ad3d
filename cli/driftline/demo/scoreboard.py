"""Who would have been right: the served model, the model that never changes, and a forecaster without a model."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

RECENT_OUTCOMES = 1_000
"""Number of newest outcomes over which the current accuracy is taken, and both sides of a promotion are compared."""


@dataclass(frozen=True)
class Promotion:
    """A version that went live.

    Attributes:
        version: The version.
        row: The first row that it predicted.
        accuracy_before: Accuracy over up to `RECENT_OUTCOMES` rows before `row`; NaN where there are none.
        accuracy_after: The same from `row` on, at most until the next promotion.
    """

    version: str
    row: int
    accuracy_before: float
    accuracy_after: float


class Scoreboard:
    """Counts, for every outcome in the order of the rows, who predicted it.

    >>> board = Scoreboard()
    >>> for row, label in enumerate(["UP", "UP", "DOWN"]):
    ...     board.predicted(row, "1", "UP")
    ...     board.arrived(label, static="DOWN", repeated="UP")
    >>> board.served, board.static, board.repeated
    (0.6666666666666666, 0.3333333333333333, 0.6666666666666666)
    """

    def __init__(self) -> None:
        self._predictions: list[str] = []
        self._live: list[tuple[str, int, int]] = []
        self._served: list[bool] = []
        self._static: list[bool] = []
        self._repeated: list[bool] = []

    def predicted(self, row: int, version: str, prediction: str) -> None:
        """Note what the served model said about a row, and which version said it."""
        if not self._live or self._live[-1][0] != version:
            self._live.append((version, row, len(self._predictions)))
        self._predictions.append(prediction)

    def arrived(self, label: str, *, static: str, repeated: str) -> None:
        """Note the outcome of the oldest prediction that had none, and what the two others had said."""
        self._served.append(self._predictions[len(self._served)] == label)
        self._static.append(static == label)
        self._repeated.append(repeated == label)

    @property
    def version(self) -> str:
        """The version that predicted last; empty before the first prediction."""
        return self._live[-1][0] if self._live else ""

    @property
    def predictions(self) -> int:
        """Number of predictions."""
        return len(self._predictions)

    @property
    def outcomes(self) -> int:
        """Number of outcomes."""
        return len(self._served)

    @property
    def served(self) -> float:
        """Accuracy of the served model, as far as outcomes have arrived."""
        return _accuracy(self._served)

    @property
    def static(self) -> float:
        """Accuracy of the first version, had it served all the time."""
        return _accuracy(self._static)

    @property
    def repeated(self) -> float:
        """Accuracy of repeating the last label that had arrived."""
        return _accuracy(self._repeated)

    @property
    def recent_served(self) -> float:
        """Accuracy of the served model over the last `RECENT_OUTCOMES`."""
        return _accuracy(self._served[-RECENT_OUTCOMES:])

    @property
    def recent_static(self) -> float:
        """Accuracy of the first version over the last `RECENT_OUTCOMES`."""
        return _accuracy(self._static[-RECENT_OUTCOMES:])

    def promotions(self) -> list[Promotion]:
        """Every change of version, the first version left out."""
        end_of_all = ("", 0, len(self._predictions))
        return [
            Promotion(
                version=version,
                row=row,
                accuracy_before=_accuracy(self._served[max(0, index - RECENT_OUTCOMES) : index]),
                accuracy_after=_accuracy(self._served[index : min(end, index + RECENT_OUTCOMES)]),
            )
            for (version, row, index), (_, _, end) in pairwise([*self._live[1:], end_of_all])
        ]


def _accuracy(right: Sequence[bool]) -> float:
    return sum(right) / len(right) if right else float("nan")
