"""The electricity market of New South Wales, half hour by half hour (`data/SOURCE.md`)."""

import gzip
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import resources

import numpy as np
from numpy.typing import NDArray

FEATURES = ("half_hour", "nsw_price", "nsw_demand", "vic_price", "vic_demand", "transfer")
LABELS = ("DOWN", "UP")
"""The price against its average over the last 24 hours; the index is the number in the file."""

HALF_HOUR = timedelta(minutes=30)
FIRST_HALF_HOUR = datetime(1996, 5, 6, 14, 0, tzinfo=UTC)
"""1996-05-07 00:00 in New South Wales (+10:00)."""


@dataclass(frozen=True)
class Market:
    """All half hours, oldest first.

    Attributes:
        features: One row per half hour, one column per name in `FEATURES`, each scaled to 0..1.
        labels: What came true, one of `LABELS` per row.
    """

    features: NDArray[np.float64]
    labels: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.labels)

    def features_at(self, row: int) -> dict[str, float]:
        """The features of one row by name."""
        return dict(zip(FEATURES, self.features[row].tolist(), strict=True))


def load_market() -> Market:
    """Read the file that comes with the package.

    >>> market = load_market()
    >>> len(market), str(market.labels[0]), market.features_at(1)["half_hour"]
    (45312, 'UP', 0.021277)
    """
    packed = resources.files("driftline.demo").joinpath("data", "elec2.csv.gz").read_bytes()
    lines = gzip.decompress(packed).decode("ascii").splitlines()
    table = np.loadtxt(lines, delimiter=",", skiprows=1)
    return Market(features=table[:, :-1], labels=np.array(LABELS)[table[:, -1].astype(np.intp)])


def time_of(row: int) -> datetime:
    """When the half hour of a row begins.

    >>> time_of(45311).isoformat()
    '1998-12-06T13:30:00+00:00'
    """
    return FIRST_HALF_HOUR + row * HALF_HOUR


def timestamp_ms(row: int) -> int:
    """The same in integer epoch milliseconds.

    >>> timestamp_ms(0)
    831391200000
    """
    return int(time_of(row).timestamp()) * 1000
