"""What a challenger must not do although it is better on the whole: fail a segment, be miscalibrated, or be slow."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from driftline_retrain_service.proof.losses import Floats

MOST_SEGMENTS = 200
"""Segments that are counted apart; those first seen later are in the whole only."""


@dataclass(frozen=True)
class Tally:
    """Losses of some rows, added up."""

    rows: int = 0
    total: float = 0.0

    @property
    def mean(self) -> float:
        """NaN without rows."""
        return self.total / self.rows if self.rows else math.nan

    def plus(self, loss: float) -> "Tally":
        """One row more."""
        return Tally(self.rows + 1, self.total + loss)


@dataclass(frozen=True)
class Figures:
    """How one model did on the rows of a proof; both models' figures are about the same rows.

    Attributes:
        segments: Losses, 0 to 1, by segment, `country=DE`.
        brier: Squared distance between the probability that the model gave to the class it predicted, and what came
            true (1 where it was right, 0 where not); only of rows with a probability.
        latency_ms: CPU time of one prediction; None where nobody measured.
    """

    segments: Mapping[str, Tally] = field(default_factory=dict)
    brier: Tally = field(default_factory=Tally)
    latency_ms: float | None = None

    def plus(
        self, losses: Floats, segments: Sequence[Mapping[str, str]], scores: Sequence[float | None] = ()
    ) -> "Figures":
        """The figures with some rows more; `scores` are the probabilities of the predicted classes, none for numbers.

        >>> import numpy as np
        >>> figures = Figures().plus(np.array([0.0, 1.0]), [{"country": "DE"}, {"country": "DE"}], [0.8, 0.6])
        >>> figures.segments["country=DE"].mean, round(figures.brier.mean, 3)
        (0.5, 0.2)
        """
        tallies, brier = dict(self.segments), self.brier
        for loss, tags in zip(losses.tolist(), segments, strict=True):
            for name in (f"{tag}={value}" for tag, value in tags.items()):
                if name in tallies or len(tallies) < MOST_SEGMENTS:
                    tallies[name] = tallies.get(name, Tally()).plus(loss)
        for loss, score in zip(losses.tolist(), scores, strict=bool(scores)):
            if score is not None:
                brier = brier.plus((score - (1 - loss)) ** 2)
        return replace(self, segments=tallies, brier=brier)


@dataclass(frozen=True)
class GuardSettings:
    """How much worse than the champion a challenger may be in one respect.

    Attributes:
        segment_loss: Mean loss in a segment, 0 to 1; what chance explains (three standard errors) is not held against
            it.
        segment_rows: Rows of a segment below which nothing is said about it, 1 or more.
        brier: Brier score, 0 to 1.
        latency_ratio: Times the champion's latency, 1 or more.
        latency_ms: Latency that is never too much, in milliseconds.
    """

    segment_loss: float = 0.05
    segment_rows: int = 50
    brier: float = 0.02
    latency_ratio: float = 3.0
    latency_ms: float = 5.0


def veto(champion: Figures, challenger: Figures, settings: GuardSettings) -> str | None:
    """Say what speaks against a challenger that has proved better on the whole; None when nothing does.

    >>> champion, challenger = Figures(latency_ms=2.0), Figures(latency_ms=90.0)
    >>> veto(champion, challenger, GuardSettings())
    'latency 90 ms against 2 ms of the champion, at most 6 ms are allowed'
    """
    objections = [
        *_segments(champion, challenger, settings),
        *_calibration(champion, challenger, settings),
        *_latency(champion, challenger, settings),
    ]
    return "; ".join(objections) or None


def _segments(champion: Figures, challenger: Figures, settings: GuardSettings) -> Iterator[str]:
    for name, new in challenger.segments.items():
        old = champion.segments.get(name, Tally())
        if min(old.rows, new.rows) < settings.segment_rows:
            continue
        bound = settings.segment_loss + 3 * math.sqrt((_variance(old) + _variance(new)) / new.rows)
        if new.mean > old.mean + bound:
            yield (
                f"segment {name}: loss {new.mean:.4f} against {old.mean:.4f} of the champion on {new.rows} rows, "
                f"at most {bound:.4f} more is allowed"
            )


def _variance(tally: Tally) -> float:
    """Of one row: at most this, as losses lie between 0 and 1."""
    return tally.mean * (1 - tally.mean)


def _calibration(champion: Figures, challenger: Figures, settings: GuardSettings) -> Iterator[str]:
    old, new = champion.brier, challenger.brier
    if min(old.rows, new.rows) and new.mean > old.mean + settings.brier:
        yield (
            f"calibration: Brier score {new.mean:.4f} against {old.mean:.4f} of the champion, "
            f"at most {settings.brier:g} more is allowed"
        )


def _latency(champion: Figures, challenger: Figures, settings: GuardSettings) -> Iterator[str]:
    old, new = champion.latency_ms, challenger.latency_ms
    if old is None or new is None:
        return
    bound = max(settings.latency_ratio * old, settings.latency_ms)
    if new > bound:
        yield f"latency {new:g} ms against {old:g} ms of the champion, at most {bound:g} ms are allowed"
