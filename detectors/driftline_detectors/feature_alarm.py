"""What is told when the evidence of a model's features is enough."""

from collections.abc import Sequence
from typing import NamedTuple, Self

import numpy as np

from driftline_detectors.e_detector.shiryaev_roberts import ShiryaevRoberts
from driftline_detectors.findings import CONTRIBUTIONS, DriftFinding
from driftline_detectors.front_end.categories import Categories
from driftline_detectors.front_end.measured import NULL, REPEAT, VALUE
from driftline_detectors.subject import Subject

NULL_RATE = "null-rate"
UNSEEN = "unseen"
DETECTORS = {VALUE: "e-detector", NULL: NULL_RATE, REPEAT: "frozen"}
"""Who says so."""

_ALWAYS, _NEARLY = 0.999, 0.8
"""Share of repetitions in a stretch, and the least share of the values since a change that lie in it."""


class _Said(NamedTuple):
    """Who says so, of which category (None: of none, or of all the others), and the figures then and now."""

    detector: str
    code: int | None
    before: float
    after: float


class Alarm(NamedTuple):
    """Which subject has changed (by its number), which of its streams says so, and in which row."""

    number: int
    stream: int
    row: int

    def named_by(self, evidence: ShiryaevRoberts) -> Self:
        """The alarm of the stream that says it best.

        Where nearly all values since the change are the same, that is it: of few values it changes the shares as well.
        """
        if self.stream != VALUE:
            return self
        repeats, values = (evidence.since(self.number, stream) for stream in (REPEAT, VALUE))
        is_frozen = repeats.mean > _ALWAYS and repeats.width >= _NEARLY * values.width
        return self._replace(stream=REPEAT) if is_frozen else self

    def finding(
        self,
        subject: Subject,
        before: float,
        shares: Categories | None,
        evidence: ShiryaevRoberts,
        names: Sequence[str],
        budget: float,
    ) -> DriftFinding:
        """The drift that is told.

        Args:
            subject: Who has changed.
            before: The mean of its values in the reference, or the rate of nulls or repetitions.
            shares: Of a category whose shares have changed, how it was in that row; otherwise None.
            evidence: Of all subjects.
            names: Of all subjects.
            budget: What the evidence reached.
        """
        since = evidence.since(self.number, self.stream)
        said = _Said(DETECTORS[self.stream], None, before, since.mean)
        if shares is not None:
            said = _of_shares(shares, subject)
        is_quality = subject.nullable and (self.stream != VALUE or said.detector == UNSEEN)
        return DriftFinding(
            row=self.row,
            kind="quality" if is_quality else subject.kind,
            feature=subject.name or None,
            detector=said.detector,
            statistic=min(evidence.mean, np.finfo(float).max),
            threshold=budget,
            direction="up" if said.after > said.before else "down",
            before=said.before,
            after=said.after,
            width=since.width,
            change_position=since.position,
            change_timestamp_ms=since.timestamp_ms,
            of_shares=shares is not None,
            code=said.code,
            contributions=_contributions(evidence, names),
        )


def _of_shares(shares: Categories, subject: Subject) -> _Said:
    """The category that has changed most, or the one that the reference never had."""
    shift = shares.shift()
    newcomer = shares.newcomer() if subject.nullable and shift.code is None else None
    return _Said(UNSEEN if newcomer else DETECTORS[VALUE], *(newcomer or shift))


def _contributions(evidence: ShiryaevRoberts, names: Sequence[str]) -> dict[str, float]:
    """What share of the evidence features brought: the largest ones."""
    shares = evidence.shares().sum(axis=1)
    largest = np.argsort(-shares, kind="stable")[:CONTRIBUTIONS].tolist()
    total = float(shares.sum())
    return {names[number]: float(shares[number]) / total for number in largest if shares[number] > 0}
