"""What holds of incidents whatever comes: each record counts once, however often it comes and whoever restarts."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from driftline_alerting.incidents.board import Board
from driftline_alerting.incidents.case import SEVERITIES, Case
from driftline_alerting.incidents.flapping import Flapping
from driftline_alerting.incidents.grouping import closeness
from driftline_alerting.incidents.policy import IncidentPolicy
from driftline_alerting.incidents.signal import Told, signal_of
from driftline_alerting.incidents.silences import Silences
from driftline_alerting.incidents.steps.change import change_id
from driftline_alerting.incidents.steps.retrain import RetrainStep, take_retrain_step
from driftline_alerting.incidents.steps.time import pass_time
from driftline_alerting.journal.rows import case_of, columns_of
from driftline_schemas import Alert, ModelChange
from driftline_schemas.events.base import Record
from driftline_schemas.events.drift import Kind
from driftline_schemas.events.incident_action import IncidentAction
from driftline_schemas.events.silence import Silence
from tests.alerting.alerts import Fold, action, alert, minute, promoted, silence

KINDS: st.SearchStrategy[Kind] = st.sampled_from(
    ["data-drift", "prediction-drift", "concept-drift", "quality", "latency", "silence", "pipeline"]
)
SEVERITY = st.sampled_from(SEVERITIES)
MINUTES = st.integers(0, 5_000)


@st.composite
def alerts(draw: st.DrawFn) -> Any:
    kind, since, delay = draw(KINDS), draw(MINUTES), draw(st.integers(0, 200))
    feature = draw(st.sampled_from([None, "amount", "age"]))
    segment = draw(st.sampled_from([{}, {}, {"country": "DE"}]))
    version, severity = draw(st.sampled_from(["3", "4"])), draw(SEVERITY)
    return lambda name: alert(
        name, kind, feature, since=since, seen=since + delay, segment=segment, version=version, severity=severity
    )


ACTS = st.tuples(st.sampled_from(["acknowledge", "resolve", "judge"]), st.integers(0, 20))
CHANGES = st.builds(
    lambda version, does: lambda name: promoted(version, does=does, minute=float(name[1:])),
    st.sampled_from(["3", "4"]),
    st.sampled_from(["promoted", "rolled-back", "refused"]),
)
SILENCES = st.builds(
    lambda begin, kinds: lambda name: silence(begin, begin + 60, silence_id=name, kinds=kinds),
    MINUTES,
    st.sampled_from([[], ["latency"]]),
)
RETRAINS = st.tuples(st.sampled_from(["training", "refused", "failed"]), st.booleans())
PASSING = st.just("time")
EVENTS = st.lists(
    st.tuples(st.integers(0, 60), st.one_of(alerts(), alerts(), alerts(), ACTS, CHANGES, SILENCES, RETRAINS, PASSING)),
    max_size=40,
)


class Played:
    """The fold of some events, with what the journal does for it: a cause that is known leads to nothing."""

    def __init__(self) -> None:
        self.fold = Fold(flapping_reopenings=2)
        self.journal: list[Case] = []
        self.silences: dict[str, Silence] = {}
        self.delivered: list[tuple[Record, float]] = []

    def play(self, number: int, at: float, event: Any) -> None:
        if event == "time":
            self.journal += pass_time(minute(at), self.fold.board)
            self.fold.board.forget(minute(at))
        elif callable(event):
            self.deliver(event(f"e{number}"), at)
        elif event[0] in {"acknowledge", "resolve", "judge"}:
            if opened := [case.incident.incident_id for case in self.journal if case.sequence == 0]:
                self.deliver(action(f"e{number}", opened[event[1] % len(opened)], event[0]), at)
        else:
            step = RetrainStep("fraud", "r1", number, event[0], event[1], "so", minute(at))
            self.journal += take_retrain_step(step, minute(at), self.fold.board)

    def deliver(self, record: Record, at: float) -> None:
        self.delivered.append((record, at))
        if isinstance(record, Silence):
            self.silences[record.silence_id] = record
            self.fold.board.silences.put(record)
            return
        known = {case.cause_id for case in self.journal}
        if isinstance(record, Alert) and record.alert_id not in known:
            self.journal += self.fold.alert(record, at=at)
        elif isinstance(record, IncidentAction) and record.action_id not in known:
            self.restore(record.incident_id)
            self.journal += self.fold.act(record, at)
        elif isinstance(record, ModelChange) and change_id(record) not in known:
            self.journal += self.fold.change(record, at)

    def restore(self, incident_id: str) -> None:
        """What ended long ago is read from the journal."""
        if self.fold.board.case("fraud", incident_id) is None:
            self.fold.board.put([case for case in self.journal if case.incident.incident_id == incident_id][-1])

    def restart(self) -> None:
        """A new notifier knows what is stored, and nothing else."""
        board, policy = self.fold.board, self.fold.policy
        reopened = [("fraud", case.incident.timestamp_ms) for case in self.journal if case.incident.step == "reopened"]
        self.fold.board = Board(
            policy, stored(self.journal), Silences(self.silences.values()), Flapping(policy, reopened)
        )
        self.fold.board.champions = board.champions


def stored(journal: Sequence[Case]) -> list[Case]:
    """The last step of every incident, as rows of the table give it back."""
    columns = columns_of(list({case.incident.incident_id: case for case in journal}.values()))
    times = {"since": "since_ms", "opened_at": "opened_ms", "at": "timestamp_ms"}
    rows = zip(*columns.values(), strict=True)
    return [case_of({times.get(name, name): value for name, value in zip(columns, row, strict=True)}) for row in rows]


def played(events: Any, *, restarts: frozenset[int] = frozenset(), again: Sequence[int] = ()) -> Played:
    """The fold of some events; some records come again right after a later one, as after a crash."""
    run, at, repeated = Played(), 0.0, list(again)
    for number, (after, event) in enumerate(events):
        at += after
        run.play(number, at, event)
        if number in restarts:
            run.restart()
            for record, then in run.delivered[-3:]:
                run.deliver(record, then)
        if repeated and run.delivered:
            record, then = run.delivered[repeated.pop() % len(run.delivered)]
            run.deliver(record, then)
    return run


@given(EVENTS)
def test_every_alert_counts_once_and_severity_never_falls(events: Any) -> None:
    run = played(events)
    last: dict[str, Case] = {}
    for case in run.journal:
        before = last.get(case.incident.incident_id)
        assert case.sequence == (before.sequence + 1 if before else 0)
        if before:
            assert SEVERITIES.index(case.incident.severity) >= SEVERITIES.index(before.incident.severity)
            assert case.incident.alerts - before.incident.alerts == (case.cause_id == case.incident.last_alert_id)
        last[case.incident.incident_id] = case
    delivered = {record.alert_id for record, _ in run.delivered if isinstance(record, Alert)}
    assert sum(case.incident.alerts for case in last.values()) == len(delivered)
    assert max(Counter(case.incident.notice_id for case in run.journal).values(), default=1) == 1


@given(EVENTS)
def test_an_incident_ends_for_a_cause_and_begins_again_for_one(events: Any) -> None:
    last: dict[str, Case] = {}
    for case in played(events).journal:
        before = last.get(case.incident.incident_id)
        if before and before.is_open and not case.is_open:
            assert case.incident.step == "resolved"
            assert case.incident.by or case.incident.remedy
        if before and not before.is_open and case.is_open:
            assert (case.incident.step, case.incident.last_alert_id) == ("reopened", case.cause_id)
        last[case.incident.incident_id] = case


@given(EVENTS, st.lists(st.integers(0, 100), max_size=10))
def test_records_that_come_again_change_nothing(events: Any, again: list[int]) -> None:
    assert played(events, again=again).journal == played(events).journal


@settings(max_examples=50)
@given(EVENTS, st.frozensets(st.integers(0, 40), max_size=5))
def test_a_restart_changes_nothing(events: Any, restarts: frozenset[int]) -> None:
    assert played(events, restarts=restarts).journal == played(events).journal


@given(alerts(), alerts(), st.lists(st.sampled_from(["amount", "age", "plan"]), max_size=2))
def test_whether_two_alerts_belong_together_does_not_depend_on_which_came_first(
    one: Any, other: Any, drivers: list[str]
) -> None:
    first = signal_of(Told(one("a"), [], 0)).model_copy(update={"drivers": drivers})
    second, policy = signal_of(Told(other("b"), [], 0)), IncidentPolicy()
    assert closeness(first, [second], policy) == closeness(second, [first], policy)
