"""Streams whose only change is known."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Generator = np.random.Generator

FEATURES = 100
STATIONARY_ROWS = 100_000
LEARNED_ROWS = 5_000
"""What ours learns from first; the rows of a stationary stream come after them."""

CHANGE_AT = 9_000
ROWS_AFTER = 3_000
OUTCOMES_AFTER = 20_000
DAY_MS = 86_400_000
ROWS_A_DAY = 10_000
START_MS = 1_760_000_000_000
CONCEPT = -1
"""In the place of a feature: the errors."""

_CATEGORIES = 8


@dataclass(frozen=True)
class Stream:
    """Values of features (NaN is a null, a category is a code), and errors of the model.

    Attributes:
        values: (features, rows).
        errors: 0 and 1, (rows,); None where no outcomes come.
        categories: Which features are categories.
        changed: The feature that changes, or CONCEPT; None where nothing does.
        at: The first changed row; the number of rows where nothing changes.
        gap_ms: Event time between two rows.
    """

    values: Floats
    errors: Floats | None = None
    categories: frozenset[int] = field(default_factory=frozenset)
    changed: int | None = None
    at: int = CHANGE_AT
    gap_ms: int = 1_000

    @property
    def rows(self) -> int:
        """How many."""
        return int(self.values.shape[1])


def ten_kinds(rng: Generator, rows: int) -> Floats:
    """A hundred features: scales of 0.01, 1 and 100, lognormal, t3, uniform, counts, a rare flag, two categories."""
    kinds: list[Callable[[], Floats]] = [
        lambda: rng.normal(size=rows) * 0.01,
        lambda: rng.normal(size=rows),
        lambda: rng.normal(size=rows) * 100,
        lambda: rng.lognormal(size=rows),
        lambda: rng.standard_t(3, rows),
        lambda: rng.random(rows),
        lambda: rng.poisson(2, rows).astype(np.float64),
        lambda: (rng.random(rows) < 0.1).astype(np.float64),
        lambda: rng.choice(_CATEGORIES, rows, p=rng.dirichlet(np.ones(_CATEGORIES))).astype(np.float64),
        lambda: rng.choice(30, rows, p=rng.dirichlet(np.ones(30))).astype(np.float64),
    ]
    return np.stack([kinds[number % len(kinds)]() for number in range(FEATURES)])


KINDS_OF_CATEGORIES = frozenset(number for number in range(FEATURES) if number % 10 >= 8)
NORMAL, FLAG, CATEGORY = 1, 7, 8


def stationary(rng: Generator) -> Stream:
    """A hundred features of ten kinds; nothing changes."""
    rows = LEARNED_ROWS + STATIONARY_ROWS
    return Stream(ten_kinds(rng, rows), None, KINDS_OF_CATEGORIES, at=rows)


def seasonal(rng: Generator) -> Stream:
    """Twenty features, autocorrelation up to 0.9, a day of 10,000 rows; nothing changes."""
    rows = LEARNED_ROWS + STATIONARY_ROWS
    values = rng.normal(size=(20, rows))
    for number, feature in enumerate(values):
        correlation = (0.0, 0.3, 0.5, 0.9)[number % 4]
        scale = np.sqrt(1 - correlation * correlation)
        for row in range(1, rows if correlation else 0):
            feature[row] = correlation * feature[row - 1] + scale * feature[row]
        feature += 0.5 * np.sin(2 * np.pi * (np.arange(rows) / ROWS_A_DAY + number / 20))
    return Stream(values, at=rows, gap_ms=DAY_MS // ROWS_A_DAY)


def _changed(feature: int, change: Callable[[Generator, Floats], None]) -> Callable[[Generator], Stream]:
    def stream(rng: Generator) -> Stream:
        values = ten_kinds(rng, CHANGE_AT + ROWS_AFTER)
        change(rng, values[feature])
        return Stream(values, None, KINDS_OF_CATEGORIES, feature)

    return stream


def _shift(deviations: float) -> Callable[[Generator, Floats], None]:
    def change(_: Generator, values: Floats) -> None:
        values[CHANGE_AT:] += deviations

    return change


def _spread(_: Generator, values: Floats) -> None:
    values[CHANGE_AT:] *= 1.5


def _frozen(_: Generator, values: Floats) -> None:
    values[CHANGE_AT:] = values[CHANGE_AT]


def _null(share: float) -> Callable[[Generator, Floats], None]:
    def change(rng: Generator, values: Floats) -> None:
        values[CHANGE_AT:][rng.random(ROWS_AFTER) < share] = np.nan

    return change


def _mix(rng: Generator, values: Floats) -> None:
    """Other shares of the categories, at a total variation of 0.15: the frequent half gives to the rare one."""
    shares = rng.dirichlet(np.ones(_CATEGORIES) * 4)
    values[:CHANGE_AT] = rng.choice(_CATEGORIES, CHANGE_AT, p=shares)
    order = np.argsort(shares)
    rare, frequent = order[: _CATEGORIES // 2], order[_CATEGORIES // 2 :]
    shares[frequent] *= 1 - 0.15 / shares[frequent].sum()
    shares[rare] += 0.15 / len(rare)
    values[CHANGE_AT:] = rng.choice(_CATEGORIES, ROWS_AFTER, p=shares)


def _more_often(rng: Generator, values: Floats) -> None:
    """A flag that was set in one of ten rows is set in one of four."""
    values[CHANGE_AT:] = rng.random(ROWS_AFTER) < 0.25


def rates(rng: Generator, before: float, after: float, rows_after: int = OUTCOMES_AFTER) -> Floats:
    """Errors of a model, 0 and 1, whose rate changes."""
    rate = np.repeat([before, after], [CHANGE_AT, rows_after])
    return (rng.random(len(rate)) < rate).astype(np.float64)


def errors(before: float, after: float) -> Callable[[Generator], Stream]:
    """Errors alone."""

    def stream(rng: Generator) -> Stream:
        found = rates(rng, before, after)
        return Stream(np.empty((0, len(found))), found, changed=CONCEPT)

    return stream


def steady_errors(rng: Generator) -> Stream:
    """Errors of a model at a rate of 0.1; nothing changes."""
    found = (rng.random(STATIONARY_ROWS) < 0.1).astype(np.float64)
    return Stream(np.empty((0, len(found))), found, at=len(found))


def concept_turns(rng: Generator) -> Stream:
    """What was right becomes wrong, while the ten features stay as they were."""
    found = rates(rng, 0.10, 0.90)
    return Stream(rng.normal(size=(10, len(found))), found, changed=CONCEPT)


OF_FEATURES: Mapping[str, Callable[[Generator], Stream]] = {
    "ten-kinds": stationary,
    "season": seasonal,
    "shift-0.5": _changed(NORMAL, _shift(0.5)),
    "shift-1": _changed(NORMAL, _shift(1.0)),
    "spread-1.5": _changed(NORMAL, _spread),
    "mix-0.15": _changed(CATEGORY, _mix),
    "frozen": _changed(NORMAL, _frozen),
    "null-0.1": _changed(NORMAL, _null(0.1)),
    "all-null": _changed(NORMAL, _null(1.0)),
    "flag-0.10-0.25": _changed(FLAG, _more_often),
}
OF_ERRORS: Mapping[str, Callable[[Generator], Stream]] = {
    "steady-errors": steady_errors,
    "errors-0.10-0.15": errors(0.10, 0.15),
    "errors-0.10-0.20": errors(0.10, 0.20),
    "errors-0.10-0.30": errors(0.10, 0.30),
    "concept-turns": concept_turns,
    "errors-fall": errors(0.30, 0.10),
}
