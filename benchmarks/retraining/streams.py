"""Worlds that change, with what was known of them and when."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from driftline.demo.market import FEATURES, load_market
from driftline_registry.flavours import Value

Generator = np.random.Generator
Rows = NDArray[np.int64]

ROWS = 20_000
TRAINED = 1_000
"""Rows that the first version learns from; nothing has changed until then."""
SEGMENT = (ROWS - TRAINED) // 4
MONTH = 1_440
DAY = 48
LAG = 2_000

_LOST = 0.5
_NUMBERS = 5


@dataclass(frozen=True)
class Stream:
    """What happens to a model.

    Attributes:
        columns: Values of each feature, one for each row.
        labels: What comes true.
        due: At which row a label comes; -1 where it never does.
        trained: Rows, the first ones, from which the first version learns; it serves from there on.
        switches: Rows at which another world begins.
        trainer: Who trains.
    """

    columns: Mapping[str, Sequence[Value]]
    labels: Sequence[str]
    due: Rows
    trained: int = TRAINED
    switches: tuple[int, ...] = ()
    trainer: str = "logistic-regression"

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def segments(self) -> list[range]:
        """The rows that are served, by world."""
        bounds = [self.trained, *self.switches, len(self)]
        return [range(begin, end) for begin, end in pairwise(bounds)]

    def due_within(self, begin: int, end: int) -> list[int]:
        """The rows that are served and whose labels come from row `begin` on and before row `end`."""
        due = self.due[self.trained :]
        found: list[int] = (self.trained + np.flatnonzero((due >= begin) & (due < end))).tolist()
        return found

    def row(self, number: int) -> dict[str, Value]:
        """The features of a row."""
        return {name: values[number] for name, values in self.columns.items()}


def mixed_abrupt(rng: Generator) -> Stream:
    """Two of three conditions, turned into their opposite at once, three times."""
    switches = _switches()
    flags, numbers = rng.random((2, ROWS)) < 0.5, rng.random((2, ROWS))
    below = numbers[1] < 0.5 + 0.3 * np.sin(3 * np.pi * numbers[0])
    positive = (flags.sum(axis=0) + below >= 2) ^ (_world(switches) % 2 == 1)
    columns = {"v": flags[0].astype(float), "w": flags[1].astype(float), "x": numbers[0], "y": numbers[1]}
    return Stream(_lists(columns), _named(positive), np.arange(ROWS), switches=switches)


def stagger(rng: Generator) -> Stream:
    """Three rules about size, colour and shape, one after the other, and the first again."""
    switches = _switches()
    values = {
        "size": ("small", "medium", "large"),
        "colour": ("red", "green", "blue"),
        "shape": ("circle", "square", "triangle"),
    }
    drawn = {name: np.array(options)[rng.integers(0, 3, ROWS)] for name, options in values.items()}
    rules = [
        (drawn["size"] == "small") & (drawn["colour"] == "red"),
        (drawn["colour"] == "green") | (drawn["shape"] == "circle"),
        drawn["size"] != "small",
    ]
    positive = np.choose(_world(switches) % 3, rules)
    return Stream(_lists(drawn), _named(positive), np.arange(ROWS), switches=switches)


def gradual_turn(rng: Generator) -> Stream:
    """What is above a sine becomes below it: over 2,000 rows more and more of them."""
    begin, length = 7_000, 2_000
    numbers = rng.random((2, ROWS))
    share = np.clip((np.arange(ROWS) - begin) / length, 0, 1)
    positive = (numbers[1] <= np.sin(numbers[0])) ^ (rng.random(ROWS) < share)
    columns = {"x": numbers[0], "y": numbers[1]}
    return Stream(_lists(columns), _named(positive), np.arange(ROWS), switches=(begin, begin + length))


def late_labels(rng: Generator) -> Stream:
    """The rule turns by a right angle at an unknown row; labels come 2,000 rows later, and half of them never."""
    turn = int(rng.integers(5_000, 8_000))
    numbers = rng.normal(size=(_NUMBERS, ROWS))
    positive = np.where(np.arange(ROWS) < turn, numbers[0] + numbers[1], numbers[0] - numbers[1]) > 0
    positive ^= rng.random(ROWS) < 0.02
    due = np.where(rng.random(ROWS) < _LOST, -1, np.arange(ROWS) + LAG)
    columns = {f"x{number}": values for number, values in enumerate(numbers)}
    return Stream(_lists(columns), _named(positive), due, switches=(turn,))


def returning(rng: Generator) -> Stream:
    """A rule, another one, the first again, the other again."""
    switches = _switches()
    numbers = rng.normal(size=(_NUMBERS, ROWS))
    first, second = numbers[0] + 0.5 * numbers[1], numbers[2] - numbers[0]
    positive = np.where(_world(switches) % 2 == 0, first, second) > 0
    columns = {f"x{number}": values for number, values in enumerate(numbers)}
    return Stream(_lists(columns), _named(positive), np.arange(ROWS), switches=switches)


def elec2(_: Generator) -> Stream:
    """The electricity market of the demo: a month is learnt, whether the price rose is known a day later."""
    market = load_market()
    columns = {name: market.features[:, number] for number, name in enumerate(FEATURES)}
    labels = market.labels.tolist()
    due = np.arange(len(labels)) + DAY
    return Stream(_lists(columns), labels, due, trained=MONTH, trainer="gradient-boosting")


STREAMS: Mapping[str, Callable[[Generator], Stream]] = {
    "mixed-abrupt": mixed_abrupt,
    "stagger": stagger,
    "gradual-turn": gradual_turn,
    "late-labels": late_labels,
    "a-b-a-b": returning,
    "elec2": elec2,
}


def _switches() -> tuple[int, ...]:
    return tuple(TRAINED + SEGMENT * number for number in (1, 2, 3))


def _world(switches: tuple[int, ...]) -> Rows:
    return np.searchsorted(switches, np.arange(ROWS), side="right")


def _lists(columns: Mapping[str, NDArray[np.generic]]) -> dict[str, list[Value]]:
    return {name: values.tolist() for name, values in columns.items()}


def _named(positive: NDArray[np.bool_]) -> list[str]:
    return ["yes" if each else "no" for each in positive]
