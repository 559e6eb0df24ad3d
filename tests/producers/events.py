"""What hosts may hand over, for hypothesis."""

import enum
from typing import Any

import numpy as np
import orjson
from hypothesis import strategies as st


class Text(str, enum.Enum):  # noqa: UP042 - a StrEnum holds texts alone
    """Texts by their type, whatever they encode as."""

    NUMBER = 1
    TEXT = "text"


class Number(float, enum.Enum):
    """A number by its type that encodes as text."""

    TEXT = "1.5"


scalars: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.characters(categories=["Cs"]),
    st.decimals(),
    st.fractions(),
    st.floats(width=32).map(np.float32),
    st.floats(width=16).map(np.float16),
    st.integers(-(2**31), 2**31 - 1).map(np.int32),
    st.booleans().map(np.bool_),
)
anything: st.SearchStrategy[Any] = st.one_of(
    scalars,
    st.binary(),
    st.dates(),
    st.complex_numbers(),
    st.lists(scalars, max_size=3),
    st.lists(st.floats(), max_size=3).map(np.array),
    st.dictionaries(st.text(max_size=3), scalars, max_size=3),
    st.just(object()),
    st.sampled_from(
        [Text.NUMBER, Text.TEXT, Number.TEXT, orjson.Fragment(b"1e999"), orjson.Fragment(b'1],"score":[""')]
    ),
)
good_values = st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.integers(-(2**63), 2**64 - 1)
good_features = st.dictionaries(st.text(min_size=1, max_size=5), good_values, max_size=5)
any_features = st.dictionaries(st.text(max_size=5) | st.integers(), anything, max_size=5)
