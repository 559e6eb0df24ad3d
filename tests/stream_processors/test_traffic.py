"""The traffic of a partition's models, from columns."""

from driftline_schemas import ModelSpec
from driftline_stream_processors.memory.traffic import Traffic
from tests.stream_processors.made import predictions

SPEC = {"m": ModelSpec(model="m", timestamp_ms=0, silence_minutes=1)}


def test_groups_are_taken_in_the_order_of_the_log() -> None:
    traffic = Traffic()
    traffic.take({}, [predictions([(9, "b")]), predictions([(3, "a"), (7, "c")])], [])
    ((model, silence),) = traffic.at_tick(61_000, SPEC, {})  # all came at 1 s
    assert (model, silence.kind, silence.change_position) == ("m", "silence", 9)


def test_a_bound_is_that_of_the_specification_in_force() -> None:
    traffic = Traffic()
    traffic.take({}, [predictions([(1, "a")])], [])
    assert list(traffic.at_tick(61_000, {}, {})) == []
    restored = Traffic.restore(traffic.snapshot())
    assert [model for model, _ in restored.at_tick(61_000, SPEC, {})] == ["m"]
    assert list(restored.at_tick(90_000, SPEC, {})) == []
    restored.take({}, [predictions([(2, "b")])], [])
    assert [finding.detector for _, finding in restored.at_tick(120_000, SPEC, {})] == ["silence-end", "silence"]


def test_repetitions_are_counted_for_models_that_are_known() -> None:
    traffic = Traffic()
    again = [predictions([(2, "a"), (4, "a")])]
    traffic.take({}, [], [], again)
    assert traffic.snapshot() == []
    traffic.take({}, [predictions([(1, "a")])], [])
    before = traffic.snapshot()
    traffic.take({}, [], [], again)
    assert traffic.snapshot() != before
