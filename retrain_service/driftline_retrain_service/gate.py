"""Whether the challenger may replace the champion."""

from collections.abc import Mapping
from typing import NamedTuple


class Verdict(NamedTuple):
    """The gate's decision and why, in one sentence."""

    promote: bool
    explanation: str


def judge(champion: Mapping[str, float], challenger: Mapping[str, float], holdout_rows: int) -> Verdict:
    """Compare both on the same held-out rows: a strictly higher accuracy, or lower mean absolute error, wins.

    >>> judge({"accuracy": 0.7}, {"accuracy": 0.8}, 400)
    Verdict(promote=True, explanation='accuracy 0.8000 against 0.7000 of the champion on the same 400 held-out rows')
    """
    metric, sign = ("accuracy", 1) if "accuracy" in champion else ("mae", -1)
    old, new = champion[metric], challenger[metric]
    return Verdict(
        sign * new > sign * old,
        f"{metric} {new:.4f} against {old:.4f} of the champion on the same {holdout_rows} held-out rows",
    )
