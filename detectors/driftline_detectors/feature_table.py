"""Predictions as one matrix: what is watched of each row, as numbers."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Self
from zlib import crc32

import numpy as np

from driftline_detectors.columns import ALL, Floats, Mask, PredictionColumns
from driftline_detectors.settings import ANYTHING, FeatureSettings

LATENCY, PREDICTION = 0, 1
"""Rows of the table before those of the features."""

MODEL_COLUMNS = 2

WRONG_TYPE, OUT_OF_RANGE, UNSEEN = "wrong_type", "out_of_range", "unseen"
"""Why a value counts like a null: text for a number, beyond the specification's bounds, not among its categories."""

FAULTS = (WRONG_TYPE, OUT_OF_RANGE, UNSEEN)

_LARGEST_CODE = 0xFFFFFF
"""Whole numbers up to this are exact in single precision."""

_MAX_CODES = 1 << 16


class _Codes(dict[str | None, float]):
    """A code for every text, always the same one; those asked for lately are remembered."""

    def __missing__(self, text: str | None) -> float:
        if len(self) >= _MAX_CODES:
            self.clear()
        code = np.nan if text is None else float(crc32(text.encode("utf-8", "surrogatepass")) & _LARGEST_CODE)
        self[text] = code
        return code


_CODES = _Codes()


class Feature(NamedTuple):
    """A feature that is watched, as a number or as a category."""

    name: str
    category: bool
    settings: FeatureSettings

    @classmethod
    def of(cls, name: str, settings: FeatureSettings | None, *, text: bool) -> Self:
        """Return the feature whose first value is a text, or is not."""
        known = settings or ANYTHING
        return cls(name, known.kind == "category" or (known.kind is None and text), known)


class Table(NamedTuple):
    """What is watched, (columns, rows), and which of it the rows carry (None: everything).

    A value that is not finite is a null where it is carried; `faults` says in which rows it is one of another kind, by
    feature and kind.
    """

    values: Floats
    carried: Mask | None
    faults: Mapping[tuple[str, str], Mask]


def table(batch: PredictionColumns, features: Sequence[Feature], *, classes: bool) -> Table:
    """Return the columns of a batch: latency, prediction, then the features.

    Predicted `classes` become codes, and so do categories.
    """
    prediction = codes(batch.prediction) if classes else batch.prediction_value
    if not batch.present and all(_plain(batch, feature) for feature in features):
        columns = (batch.features[feature.name] for feature in features)
        return Table(np.array([batch.latency_ms, prediction, *columns]), None, {})
    rows = len(batch.position)
    values = np.empty((MODEL_COLUMNS + len(features), rows))
    values[LATENCY], values[PREDICTION] = batch.latency_ms, prediction
    carried: Mask = np.ones(values.shape, np.bool_)
    faults: dict[tuple[str, str], Mask] = {}
    for column, feature in enumerate(features, MODEL_COLUMNS):
        fill = _category if feature.category else _number
        for kind, where in fill(batch, feature, values[column], carried[column]):
            if where.any():
                faults[feature.name, kind] = where
                values[column, where] = np.nan
    return Table(values, carried, faults)


def codes(texts: Sequence[str | None]) -> Floats:
    """Return a number for each text, the same for equal ones: a whole number below 2**24; NaN for None.

    >>> codes(["DE", None, "DE"]).tolist()
    [8007137.0, nan, 8007137.0]
    """
    return np.fromiter(map(_CODES.__getitem__, texts), np.float64, len(texts))


def _plain(batch: PredictionColumns, feature: Feature) -> bool:
    """Whether a feature is nothing but a column of numbers."""
    if feature.category or feature.name not in batch.features or feature.name in batch.texts:
        return False
    return feature.settings.minimum == -np.inf and feature.settings.maximum == np.inf


def there(batch: PredictionColumns, name: str, rows: slice = ALL) -> tuple[Mask, Mask]:
    """Return in which of these rows a feature is a number or null, and in which it is text."""
    count = len(batch.position)
    number = np.broadcast_to(batch.present.get(name, name in batch.features), count)[rows]
    if name not in batch.texts:
        return number, np.zeros(len(number), np.bool_)
    return number, np.array([text is not None for text in batch.texts[name][rows]], np.bool_)


def _number(batch: PredictionColumns, feature: Feature, values: Floats, carried: Mask) -> Iterable[tuple[str, Mask]]:
    """Fill in a number, and say which values are none."""
    number, text = there(batch, feature.name)
    values[:] = np.where(number, batch.features.get(feature.name, np.nan), np.nan)
    carried[:] = number | text
    yield WRONG_TYPE, text
    yield OUT_OF_RANGE, (values < feature.settings.minimum) | (values > feature.settings.maximum)


def _category(batch: PredictionColumns, feature: Feature, values: Floats, carried: Mask) -> Iterable[tuple[str, Mask]]:
    """Fill in a category's codes, and say which are not among those of the specification."""
    number, text = there(batch, feature.name)
    carried[:] = number | text
    values[:] = codes(batch.texts[feature.name]) if feature.name in batch.texts else np.nan
    rows = np.flatnonzero(number)
    if len(rows):
        numbers = batch.features[feature.name]
        values[rows] = codes([_text(number) for number in numbers[rows].tolist()])
    if feature.settings.values is not None:
        known = codes(sorted(feature.settings.values))
        yield UNSEEN, np.isfinite(values) & ~np.isin(values, known)


def _text(number: float) -> str | None:
    """A number as a category's name; None for null."""
    if number != number:
        return None
    return str(int(number)) if number.is_integer() else repr(number)
