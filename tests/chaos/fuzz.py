"""Whatever the bytes are: decoding gives what one look at each event would give, or says why not.

``python -m tests.chaos.fuzz [--seed N] [--inputs N]``
"""

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from aiokafka.structs import ConsumerRecord

from driftline_schemas import InvalidRecord, Outcome, OutcomeBatch, Prediction, codec
from driftline_schemas.events.base import Record
from driftline_stream_processors.columns import Outcomes, Predictions
from driftline_stream_processors.incoming import incoming
from driftline_stream_processors.steps.decode import Decoded, decode
from tests.chaos.mutations import mutated
from tests.chaos.plain import PlainOutcomeBatch, PlainPredictionBatch, outcome_row, prediction_row
from tests.schemas.test_documents import EXAMPLES

REASONS = {"too-large", "unknown-type", "not-json", "invalid-field"}
LONGEST_RUN = 40
LONGEST_MESSAGE = 1000

Rows = dict[tuple[int, int], Any]
"""Rows by offset and index in the record."""


def fuzz(seed: int, inputs: int, say: Callable[[str], None] = lambda _: None) -> Counter[str]:
    """Decode so many inputs, in runs as the worker takes them; return how many came out how.

    Raises:
        AssertionError: With the seed, and the bytes for which columns and single look disagree.
    """
    chance = random.Random(seed)
    examples = sorted((name, EXAMPLES[name]) for name in EXAMPLES.keys() & codec.EVENT_TYPES.keys())
    outcome: Counter[str] = Counter()
    done = 0
    while done < inputs:
        records = [_record(n, *mutated(chance, examples)) for n in range(chance.randint(1, LONGEST_RUN))]
        outcome.update(_check(seed, records))
        if done // 100_000 != (done + len(records)) // 100_000:
            say(f"{done + len(records):,} inputs")
        done += len(records)
    return outcome


def _record(offset: int, type_name: str | None, value: bytes) -> Any:
    headers = () if type_name is None else (("type", type_name.encode("utf-8", "surrogatepass")),)
    return ConsumerRecord("events", 0, offset, 1_000 + offset, 1, b"k", value, None, 1, len(value), headers)


def _check(seed: int, records: list[Any]) -> Iterator[str]:
    """Compare a run's columns with one look at each of its records."""
    run = incoming(records)
    decoded = decode(run)
    rejected = {each.incoming.record.offset: (each.reason, each.error) for each in decoded.rejected}
    found = _rows(decoded)
    controls = {each.record.offset: control for each, control in decoded.controls}
    for each in run:
        offset, value = each.record.offset, each.record.value
        expected = _one_look(each.type, value)
        got = rejected.get(offset, ("", ""))[0] or controls.get(offset) or found.pop(offset, None)
        assert len(rejected.get(offset, ("", ""))[1]) < LONGEST_MESSAGE, f"seed {seed}: {each.type} {value!r}"
        assert got == expected, f"seed {seed}: {each.type} {value!r}\n  columns: {got}\n  one look: {expected}"
        yield expected if isinstance(expected, str) else "valid"
    assert not found, f"seed {seed}: rows of no record: {found}"


def _one_look(type_name: str | None, value: bytes) -> Any:
    """The reason why a record is refused, or its rows, each made from a record that pydantic checked by itself."""
    try:
        event = _plain(type_name, value)
    except InvalidRecord as error:
        assert error.reason in REASONS
        return error.reason
    if isinstance(event, Prediction):
        return [prediction_row(event)]
    if isinstance(event, Outcome):
        return [outcome_row(event)]
    if isinstance(event, PlainPredictionBatch):
        return [prediction_row(row) for row in event.rows()]
    if isinstance(event, OutcomeBatch):
        return [outcome_row(row) for row in event.rows()]
    return event


def _plain(type_name: str | None, value: bytes) -> Record:
    if type_name == "prediction-batch":
        return codec.validate(PlainPredictionBatch, codec.parse(value))
    if type_name == "outcome-batch":
        return codec.validate(PlainOutcomeBatch, codec.parse(value))
    return codec.decode(type_name, value)


def _rows(decoded: Decoded) -> dict[int, list[Any]]:
    """Rows by offset; those of one model version stand in log order."""
    found: dict[int, list[Any]] = {}
    last: dict[Any, tuple[int, int]] = {}
    groups: list[Predictions | Outcomes] = [*decoded.predictions, *decoded.outcomes]
    for group in groups:
        key = type(group), group.model, getattr(group, "version", None)
        for number in range(len(group)):
            place = int(group.places.offset[number]), int(group.places.row[number])
            assert last.get(key, (-1, 0)) < place, f"{key}: {place} comes after {last[key]}"
            last[key] = place
            found.setdefault(place[0], []).append(group_row(group, number))
    return found


def group_row(group: Predictions | Outcomes, number: int) -> Any:
    """One row of the columns, in the form of `prediction_row` and `outcome_row`."""
    if isinstance(group, Outcomes):
        value = repr(float(group.label_value[number]))
        label, source = group.label[number], group.source[number]
        return group.model, group.event_id[number], label, value, int(group.timestamp_ms[number]), source
    numbers = {
        name: repr(float(column[number]))
        for name, column in group.numbers.items()
        if name not in group.present or group.present[name][number]
    }
    return (
        group.model,
        group.version,
        group.event_id[number],
        int(group.timestamp_ms[number]),
        numbers,
        {name: column[number] for name, column in group.texts.items() if column[number] is not None},
        group.prediction[number],
        *(repr(float(column[number])) for column in (group.prediction_value, group.score, group.latency_ms)),
        {tag: column[number] for tag, column in group.segment.items() if column[number] is not None},
        group.subject_id[number],
        group.traceparent[number],
    )


def main() -> None:
    """Fuzz, and say how many inputs came out how."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.fuzz", description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--inputs", type=int, default=1_000_000)
    given = parser.parse_args()
    started = time.monotonic()
    outcome = fuzz(given.seed, given.inputs, lambda said: print(said, flush=True))  # noqa: T201 - a program
    seconds = time.monotonic() - started
    sys.stdout.write(f"{outcome.total():,} inputs in {seconds:.0f} s, none disagreed: {dict(outcome.most_common())}\n")


if __name__ == "__main__":
    main()
