"""Streams, and ways to cut them."""

from collections.abc import Iterator

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@st.composite
def streams(draw: st.DrawFn, binary: bool = False) -> Floats:
    """Draw a stream of a few concepts, each of a different mean, long enough for detectors to fire."""
    generator = np.random.default_rng(draw(st.integers(0, 2**32)))
    lengths = draw(st.lists(st.integers(1, 500), min_size=1, max_size=4))
    if binary:
        rates = [draw(st.sampled_from([0.0, 0.05, 0.3, 0.8, 1.0])) for _ in lengths]
        return np.concatenate([generator.binomial(1, rate, n) for rate, n in zip(rates, lengths, strict=True)]) * 1.0
    scale = draw(st.sampled_from([1e-6, 1.0, 1e7]))
    means = [draw(st.sampled_from([-3.0, 0.0, 0.5, 1e4])) for _ in lengths]
    return scale * np.concatenate([generator.normal(mean, 1, n) for mean, n in zip(means, lengths, strict=True)])


def cuts() -> st.SearchStrategy[list[int]]:
    """Draw the lengths of pieces, to be used in turn."""
    return st.lists(st.integers(1, 300), min_size=1, max_size=8)


def pieces(length: int, lengths: list[int]) -> Iterator[slice]:
    """Cut `length` values into pieces of these lengths, again and again."""
    start = turn = 0
    while start < length:
        stop = min(length, start + lengths[turn % len(lengths)])
        yield slice(start, stop)
        start, turn = stop, turn + 1
