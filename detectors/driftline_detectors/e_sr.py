"""E-SR on errors: evidence that a model is wrong more often than it was."""

import math
from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np

from driftline_detectors.columns import Integers
from driftline_detectors.e_detector.likelihoods import rate_ratios
from driftline_detectors.e_detector.shiryaev_roberts import ShiryaevRoberts
from driftline_detectors.interface import Change, Past, Reading
from driftline_detectors.snapshots import Plain, refusing_damage, require

_FORMAT = 1

ODDS = (1.2, 1.5, 2.0, 3.2, 6.0)
"""Alternatives, as factors of the odds of an error."""


class ESr:
    """Shiryaev-Roberts e-detector (Shin, Ramdas and Rinaldo, 2022): has the error rate risen above its reference?

    Takes 0 (right) and 1 (wrong), and fires upwards only. The first `reference_size` errors (100 or more) are the
    reference; they are not watched. As long as the rate does not rise it takes at least `threshold` errors (above 1) on
    average until it fires; the reference's own error is allowed for. `statistic` is the evidence against `threshold`,
    NaN during the reference; after a change it starts afresh, with a new reference.

    A Change dates the rise where the likelihood of the best alternative was lowest: `width` counts the errors since
    then, `after` is their rate, `before` that of the reference.

    >>> ESr().update(([0.0] * 9 + [1.0]) * 600 + [0.0, 0.0, 1.0] * 100)
    6083

    Source: J. Shin, A. Ramdas, A. Rinaldo, "E-detectors: a nonparametric framework for sequential change detection",
    2022 (arXiv 2203.03532).
    """

    name: ClassVar[str] = "e-sr"

    def __init__(self, threshold: float = 5e6, reference_size: int = 5000) -> None:
        if not threshold > 1:
            raise ValueError(f"threshold is {threshold!r}; it must be above 1; 5e6 is usual")
        if reference_size < 100:
            raise ValueError(f"reference_size is {reference_size!r}; it must be 100 or more; 5000 is usual")
        self._threshold = float(threshold)
        self._reference_size = reference_size
        self._start()

    def _start(self) -> None:
        self._size, self._wrong = 0, 0.0
        self._evidence = ShiryaevRoberts(1, [0] * len(ODDS), [1 / len(ODDS)] * len(ODDS))

    def update(self, values: list[float]) -> int | None:
        """Take the next errors up to the first at which a rise is seen; return its index, None if there is none."""
        learned = min(len(values), self._reference_size - self._size)
        self._wrong += sum(values[:learned])
        self._size += learned
        wrong = np.array(values[learned:], np.float64)
        table = rate_ratios(ODDS, self._wrong, self._size) if len(wrong) else np.ones((2, len(ODDS)))
        ratios = table[(wrong > 0).astype(np.int64)][:, np.newaxis]
        told = wrong[:, np.newaxis, np.newaxis]
        nowhere: Integers = np.zeros((2, len(wrong)), np.int64)
        row = self._evidence.extend(
            ratios, np.ones(told.shape, np.bool_), told, nowhere, np.ones(len(told)), self._threshold
        )
        return None if row is None else learned + row

    def change(self, past: Past) -> Change:  # noqa: ARG002
        """Describe the rise that `update` has just seen at the last value of `past`, and start afresh."""
        since, statistic = self._evidence.since(0, 0), self._evidence.mean
        before = self._wrong / self._size
        self._start()
        return Change(statistic, self._threshold, "up", before, since.mean, since.width)

    def reading(self, past: Past) -> Reading:
        """Say where the detector stands; `estimate` is the rate of all errors since it started afresh."""
        statistic = self._evidence.mean if past.length > self._size else math.nan
        estimate = past.total / past.length if past.length else math.nan
        return Reading(statistic, self._threshold, estimate, past.length)

    def snapshot(self) -> dict[str, Plain]:
        """Return the whole state as plain data."""
        return {
            "detector": self.name,
            "format": _FORMAT,
            "threshold": self._threshold,
            "reference_size": self._reference_size,
            "size": self._size,
            "wrong": self._wrong,
            "evidence": self._evidence.snapshot(),
        }

    @classmethod
    def restore(cls, state: Mapping[str, Any]) -> Self:
        """Return the detector that `snapshot` described; raise SnapshotError if `state` is not one of its own."""
        with refusing_damage(cls.name):
            require(cls.name, "detector", state["detector"], cls.name)
            require(cls.name, "format", state["format"], _FORMAT)
            detector = cls(float(state["threshold"]), int(state["reference_size"]))
            detector._size, detector._wrong = int(state["size"]), float(state["wrong"])
            if not 0 <= detector._wrong <= detector._size <= detector._reference_size:
                raise ValueError(f"{detector._wrong} of {detector._size} errors in a reference")
            detector._evidence.restore(state["evidence"])
        return detector
