"""Which alerts are one incident, and what becomes of it."""

import pytest

from driftline_alerting.incidents.case import Case
from driftline_alerting.incidents.steps.retrain import RetrainStep, take_retrain_step
from driftline_alerting.incidents.steps.time import pass_time
from tests.alerting.alerts import Fold, action, alert, drift, minute, promoted, silence


def ids(*steps: list[Case]) -> list[str]:
    return [case.incident.incident_id for each in steps for case in each]


def told(*steps: list[Case]) -> list[tuple[str, bool]]:
    return [(case.incident.step, case.incident.notify) for each in steps for case in each]


def test_what_began_at_the_same_time_is_one_incident() -> None:
    fold = Fold()
    first = fold.alert(alert("a", "data-drift", "amount", since=0, seen=5))
    other = fold.alert(alert("b", "data-drift", "age", since=4, seen=9))
    errors = fold.alert(alert("c", "concept-drift", since=3, seen=12))
    assert ids(first, other, errors) == ["a", "a", "a"]
    assert told(first, other, errors) == [("opened", True), ("joined", False), ("raised", True)]
    incident = errors[0].incident
    assert (incident.severity, incident.kinds, incident.features, incident.alerts) == (
        "critical",
        ["data-drift", "concept-drift"],
        ["amount", "age"],
        3,
    )
    assert incident.since_ms == minute(0)


def test_what_began_at_another_time_is_another_incident() -> None:
    fold = Fold()
    assert ids(
        fold.alert(alert("a", "data-drift", "amount", since=0, seen=5)),
        fold.alert(alert("b", "latency", since=60, seen=65)),
        fold.alert(alert("c", "data-drift", "amount", since=0, seen=70, model="churn")),
    ) == ["a", "b", "c"]


def test_errors_follow_the_data_as_late_as_labels_may_come() -> None:
    fold = Fold()
    fold.alert(alert("a", "data-drift", "amount", since=0, seen=5))
    assert ids(fold.alert(alert("b", "performance", since=20 * 60, seen=20 * 60 + 9))) == ["a"]
    fold = Fold()
    fold.alert(alert("a", "data-drift", "amount", since=0, seen=5))
    assert ids(fold.alert(alert("b", "performance", since=-60, seen=-20))) == ["b"]


def test_a_drift_of_a_segment_and_that_of_all_traffic_are_one() -> None:
    fold = Fold()
    fold.alert(alert("a", "data-drift", "amount", since=0, seen=5, segment={"country": "DE"}))
    of_all = fold.alert(alert("b", "data-drift", "amount", since=60, seen=65))
    of_other = fold.alert(alert("c", "latency", since=120, seen=125, segment={"country": "FR"}))
    assert ids(of_all, of_other) == ["a", "c"]
    assert of_all[0].incident.segments == ["country=DE"]


def test_a_fault_and_what_it_breaks_are_one_and_the_fault_is_the_cause() -> None:
    fold = Fold()
    fault = alert("f", "quality", "amount", since=0, seen=5, message="fraud 3: amount is missing in 12% since")
    fold.alert(fault, drift(fault, detector="null-rate"))
    moved = alert("d", "prediction-drift", since=90, seen=95)
    steps = fold.alert(moved, drift(moved, contributions={"amount": 0.9, "age": 0.1}))
    other = alert("e", "prediction-drift", since=300, seen=305, segment={"country": "DE"})
    assert ids(steps, fold.alert(other, drift(other, contributions={"amount": 0.1, "age": 0.9}))) == ["f", "f"]
    assert steps[0].incident.cause == "fraud 3: amount is missing in 12% since: check its producer"


def test_related_features_are_one_incident() -> None:
    fold = Fold()
    first = alert("a", "data-drift", "amount", since=0, seen=5)
    fold.alert(first, drift(first, contributions={"amount": 0.6, "age": 0.4}))
    assert ids(
        fold.alert(alert("b", "data-drift", "age", since=300, seen=305)),
        fold.alert(alert("c", "data-drift", "plan", since=900, seen=905)),
    ) == ["a", "c"]


def test_alerts_of_the_pipeline_keep_to_themselves() -> None:
    fold = Fold()
    fold.alert(alert("a", "pipeline", since=0, seen=5))
    assert ids(fold.alert(alert("b", "data-drift", "amount", since=0, seen=5))) == ["b"]
    assert ids(fold.alert(alert("c", "pipeline", since=30, seen=35))) == ["a"]


def test_what_joins_is_told_after_the_cooldown_and_what_is_graver_at_once() -> None:
    fold = Fold(cooldown_minutes=30)
    fold.alert(alert("a", "data-drift", "amount", since=0, seen=1))
    assert told(
        fold.alert(alert("b", "data-drift", "amount", since=10)),
        fold.alert(alert("c", "data-drift", "amount", since=31)),
        fold.alert(alert("d", "data-drift", "amount", since=40)),
        fold.alert(alert("e", "concept-drift", since=40, seen=42)),
    ) == [("joined", False), ("joined", True), ("joined", False), ("raised", True)]


def test_the_headline_says_what_happened_since_when_and_how_sure() -> None:
    fold = Fold()
    first = alert(
        "a", "data-drift", "amount", message="fraud 3: amount rose from 2 to 3 since 2025-11-23 03:53 UTC (adwin)"
    )
    one = fold.alert(first, drift(first, detector="adwin", statistic=0.3, threshold=0.1))[0].incident
    assert one.headline == (
        "fraud 3: amount rose from 2 to 3 since 2025-11-23 03:53 UTC (adwin at 3 times its threshold)"
    )
    assert one.evidence == [f"{first.message}; adwin: statistic 0.3, threshold 0.1"]
    graver = alert("b", "concept-drift", message="fraud 3: error rose from 1 to 2 since 2025-11-23 03:53 UTC (e-sr)")
    two = fold.alert(graver)[0].incident
    assert two.headline == f"{graver.message}, with data-drift of amount: 2 alerts"
    assert two.cause == "amount rose from 2 to 3: the model has not learnt such values"


def test_why_no_retrain_is_asked_for_is_the_remedy() -> None:
    message = (
        "fraud 3: error rose since 2025-11-23 03:53 UTC (e-sr); no retrain is asked for: amount is broken since noon"
    )
    incident = Fold().alert(alert("a", "concept-drift", message=message))[0].incident
    assert incident.remedy == "no retrain is asked for: amount is broken since noon"
    assert "retrain" not in incident.headline


def test_a_promotion_before_the_change_is_the_cause() -> None:
    fold = Fold()
    fold.change(promoted("3", "2", minute=-30), at=-30)
    assert fold.alert(alert("a", "latency"))[0].incident.cause == "version 3 was promoted 30 min before"


def test_nobody_acknowledges_so_it_is_escalated_once() -> None:
    fold = Fold(escalate_after_minutes=60)
    fold.alert(alert("a", since=0, seen=0))
    fold.alert(alert("i", "latency", since=200, seen=200, severity="info"), at=0)
    assert list(pass_time(minute(59), fold.board)) == []
    assert told(list(pass_time(minute(60), fold.board))) == [("escalated", True)]
    assert list(pass_time(minute(61), fold.board)) == []


def test_what_is_acknowledged_is_not_escalated() -> None:
    fold = Fold(escalate_after_minutes=60)
    fold.alert(alert("a", since=0, seen=0))
    steps = fold.act(action("1", "a", "acknowledge", comment="on it"), at=5)
    assert (steps[0].incident.state, steps[0].incident.by, steps[0].incident.comment) == (
        "acknowledged",
        "ana",
        "on it",
    )
    assert list(pass_time(minute(90), fold.board)) == []
    assert told(fold.act(action("2", "a", "acknowledge"), at=6)) == [("acknowledged", False)]


def test_quiet_incidents_end_unless_a_retrain_is_under_way() -> None:
    fold = Fold(resolve_after_hours=2)
    fold.alert(alert("a", "concept-drift", since=0, seen=0))
    training = RetrainStep("fraud", "r1", 0, "training", final=False, explanation="on 150 rows", at_ms=minute(1))
    assert told(list(take_retrain_step(training, minute(1), fold.board))) == [("remedy", False)]
    assert list(take_retrain_step(training, minute(2), fold.board)) == []
    assert "resolved" not in [step for step, _ in told(list(pass_time(minute(500), fold.board)))]
    refused = RetrainStep("fraud", "r1", 1, "refused", final=True, explanation="it is no better", at_ms=minute(501))
    steps = list(take_retrain_step(refused, minute(501), fold.board))
    assert told(steps) == [("remedy", True)]
    assert steps[0].incident.remedy == "retrain r1: refused, it is no better"
    ended = list(pass_time(minute(622), fold.board))
    assert told(ended) == [("resolved", True)]
    assert ended[0].incident.remedy == "resolved by itself: nothing more was told for 2 h"


def test_a_day_of_the_log_passes_in_a_replay_too() -> None:
    fold = Fold(resolve_after_hours=24)
    fold.alert(alert("a", "data-drift", "amount", since=0, seen=0))
    steps = fold.alert(alert("b", "data-drift", "amount", since=3000, seen=3001), at=1)
    assert [(case.incident.incident_id, case.incident.step) for case in steps] == [("a", "resolved"), ("b", "opened")]


def test_the_end_of_a_silence_ends_its_incident() -> None:
    fold = Fold()
    fold.alert(alert("a", "silence", since=0, seen=10))
    steps = fold.alert(alert("b", "silence", since=30, seen=30, severity="info"))
    assert told(steps) == [("resolved", True)]
    assert (steps[0].incident.alerts, steps[0].incident.severity) == (2, "critical")
    assert ids(fold.alert(alert("c", "silence", since=500, seen=510))) == ["c"]


def test_an_incident_of_several_silences_ends_with_the_last() -> None:
    fold = Fold()
    german, french = {"country": "DE"}, {"country": "FR"}
    fold.alert(alert("a", "silence", since=0, seen=10, segment=german))
    fold.alert(alert("b", "silence", since=1, seen=11, segment=french))
    steps = [
        *fold.alert(alert("c", "silence", since=30, seen=30, severity="info", segment=german)),
        *fold.alert(alert("d", "silence", since=40, seen=40, severity="info", segment=french)),
    ]
    assert [(case.incident.incident_id, case.incident.step) for case in steps] == [("a", "joined"), ("a", "resolved")]


def test_a_promoted_version_ends_what_it_mends() -> None:
    fold = Fold()
    fold.alert(alert("a", "concept-drift", since=0, seen=10))
    fold.alert(alert("b", "latency", since=100, seen=110))
    steps = fold.change(promoted("4"), at=120)
    assert [(case.incident.incident_id, case.incident.step) for case in steps] == [("a", "resolved")]
    assert steps[0].incident.remedy == "version 4 was promoted instead of 3"
    late = fold.alert(alert("c", "concept-drift", since=0, seen=600))
    assert (ids(late), told(late)) == (["a"], [("joined", False)])
    assert late[0].incident.state == "resolved"
    assert ids(fold.alert(alert("d", "concept-drift", since=130, seen=700, version="4"))) == ["d"]
    fold.change(promoted("3", "4", minute=710), at=710)
    assert ids(fold.alert(alert("e", "concept-drift", since=715, seen=720))) != ["a"]


def test_a_promotion_ends_nothing_that_began_after_it() -> None:
    fold = Fold()
    fold.alert(alert("a", "concept-drift", since=0, seen=10))
    assert fold.change(promoted("4"), at=9) == []
    assert fold.change(promoted("4", does="refused"), at=20) == []
    assert ids(fold.change(promoted("2", does="rolled-back"), at=21)) == ["a"]


def test_what_comes_back_soon_opens_the_incident_again() -> None:
    fold = Fold(reopen_within_minutes=60)
    fold.alert(alert("a", "data-drift", "amount", since=0, seen=1))
    fold.act(action("1", "a", "resolve", verdict="true-drift"), at=10)
    again = fold.alert(alert("b", "data-drift", "amount", since=60, seen=61))
    assert (ids(again), told(again)) == (["a"], [("reopened", True)])
    assert (again[0].incident.state, again[0].incident.verdict) == ("open", "true-drift")
    fold.act(action("2", "a", "resolve"), at=62)
    assert ids(fold.alert(alert("c", "data-drift", "amount", since=200, seen=201))) == ["c"]


def test_a_model_that_flaps_is_told_once_with_that() -> None:
    fold = Fold(flapping_reopenings=3)
    fold.alert(alert("a", "data-drift", "amount", since=0, seen=1))
    steps = []
    for number in range(5):
        fold.act(action(f"r{number}", "a", "resolve"), at=20 * number + 10)
        steps += fold.alert(alert(f"b{number}", "data-drift", "amount", since=20 * number + 20))
    assert [case.incident.notify for case in steps] == [True, True, True, False, False]
    assert ["again and again" in case.incident.headline for case in steps] == [False, False, True, False, False]
    assert told(fold.act(action("end", "a", "resolve"), at=102)) == [("resolved", False)]


def test_silenced_alerts_are_recorded_and_nobody_is_told() -> None:
    fold = Fold()
    fold.board.silences.put(silence(0, 60, kinds=["data-drift"], segments=[]))
    assert told(
        fold.alert(alert("a", "data-drift", "amount", since=0, seen=1)),
        fold.alert(alert("b", "concept-drift", since=0, seen=2)),
        fold.act(action("1", "a", "resolve"), at=3),
        fold.alert(alert("c", "data-drift", "amount", since=200, seen=201)),
    ) == [("opened", False), ("raised", True), ("resolved", True), ("opened", True)]


@pytest.mark.parametrize(
    ("model", "segments", "expected"), [("*", [], False), ("churn", [], True), ("*", ["c=DE"], True)]
)
def test_a_silence_holds_for_its_model_and_its_segments(model: str, segments: list[str], expected: bool) -> None:
    fold = Fold()
    fold.board.silences.put(silence(model=model, segments=segments))
    assert told(fold.alert(alert("a", segment={"c": "FR"}))) == [("opened", expected)]


def test_a_silence_is_lifted_by_a_later_record() -> None:
    fold = Fold()
    fold.board.silences.put(silence(0, 60))
    fold.board.silences.put(silence(0, 1, timestamp_ms=minute(1)))
    fold.board.silences.put(silence(0, 60))
    assert told(fold.alert(alert("a", seen=2))) == [("opened", True)]


def test_what_was_silenced_is_escalated_when_the_silence_is_over() -> None:
    fold = Fold(escalate_after_minutes=10)
    fold.board.silences.put(silence(0, 60))
    fold.alert(alert("a", seen=2))
    assert list(pass_time(minute(59), fold.board)) == []
    assert told(list(pass_time(minute(60), fold.board))) == [("escalated", True)]


def test_what_comes_too_late_is_not_told() -> None:
    assert told(Fold().alert(alert("a"), late=True)) == [("opened", False)]


def test_an_incident_with_many_alerts_stays_small() -> None:
    fold = Fold()
    for number in range(500):
        steps = fold.alert(alert(f"a{number}", "data-drift", f"f{number}", since=0, seen=number / 100))
    (case,) = steps
    assert case.incident.alerts == 500
    assert len(case.memory.model_dump_json()) < 20_000
    assert len(case.incident.model_dump_json()) < 20_000
    fold.act(action("1", "a0", "resolve"), at=5)
    fold.board.forget(minute(60 * 48))
    assert list(fold.board) == []
