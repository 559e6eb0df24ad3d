"""Which candidate becomes the challenger: the one that does best on the newest rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from driftline_retrain_service.job.candidates import Candidate

Figures = Mapping[str, float]


@dataclass(frozen=True)
class Selection:
    """The outcome.

    Attributes:
        chosen: The best candidate.
        figures: Figures on the validation rows, by candidate.
        left_out: Why a candidate was not tried, by candidate.
    """

    chosen: Candidate
    figures: Mapping[str, Figures]
    left_out: Mapping[str, str]


class Unsuitable(ValueError):
    """A candidate that cannot be tried on these rows; the message says why."""


def select(tried: Sequence[Candidate], judge: Callable[[Candidate], Figures]) -> Selection:
    """Judge every candidate and choose the one with the least `loss`.

    Of equally good ones an older version is preferred, then the least `brier` score: on few rows several are often
    right as often, and differ in how sure they were.

    A candidate for which `judge` raises Unsuitable is left out.

    Raises:
        Unsuitable: Not one could be tried.
    """
    figures: dict[str, Figures] = {}
    left_out: dict[str, str] = {}
    for candidate in tried:
        try:
            figures[candidate.name] = judge(candidate)
        except Unsuitable as error:
            left_out[candidate.name] = str(error)
    if not figures:
        reasons = "; ".join(f"{name}: {reason}" for name, reason in left_out.items())
        raise Unsuitable(f"nothing could be tried ({reasons})")

    def order(candidate: Candidate) -> tuple[float, bool, float]:
        found = figures[candidate.name]
        return found["loss"], candidate.version is None, found.get("brier", 0.0)

    chosen = min((each for each in tried if each.name in figures), key=order)
    return Selection(chosen, figures, left_out)
