"""A retrain from the request to its end: what is waited for, proved, promoted, joined, and taken back."""

import inspect
import json
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from driftline_registry import LocalRegistry, ModelFollower
from driftline_retrain_service import reversal, telling
from driftline_retrain_service.announcements import Announcements
from driftline_retrain_service.audit import Audit
from driftline_retrain_service.errors import RunRefused
from driftline_retrain_service.isolation.runner import JobRunner
from driftline_retrain_service.runs.run import Run
from driftline_retrain_service.runs.watches import Watches
from driftline_schemas import ModelChange, ModelPromoted, RetrainVerdict, RollbackRequest
from driftline_schemas.codec import decode
from driftline_schemas.events.base import Record
from driftline_schemas.settings import ClickHouseAddress
from driftline_schemas.topics import Topics
from tests.registry.models import promote
from tests.retrain_service.jobs import champion_registry
from tests.retrain_service.stored import EPOCH_MS, request, settings
from tests.retrain_service.world import World


@pytest.fixture(scope="module")
def runner() -> Iterator[JobRunner]:
    modules = ["driftline_registry.flavours.sklearn", "driftline_retrain_service.trainers.logistic_regression"]
    with JobRunner(modules) as running:
        yield running


@pytest.fixture
def world(
    kafka_address: str, topics: Topics, database: ClickHouseAddress, tmp_path: Path, runner: JobRunner
) -> Iterator[World]:
    registry = champion_registry(tmp_path)
    configured = settings(kafka_address, topics, database, registry.root, "logistic-regression")
    with closing(World(configured, registry, runner)) as made:
        yield made


def drifted(world: World) -> None:
    """200 rows of the world that version 1 knows, then 160 of the reverse."""
    world.specify(refit_rows=[150])
    world.stream(200, reverse=False)
    world.stream(160, reverse=True)


def test_a_challenger_is_promoted_as_soon_as_the_outcomes_prove_it_better(world: World) -> None:
    drifted(world)
    world.process(request(1, rows=360, changed_after=200))
    assert world.statuses(1) == ["training", "shadow"]
    with ModelFollower(world.registry, "fraud", poll_seconds=0.05) as follower:
        assert follower.current.predict({"a": 2.0, "b": 0.0}).prediction == "up"
        world.stream(100, reverse=True)
        world.process()
        assert follower.wait_for("2", timeout_seconds=20).predict({"a": 2.0, "b": 0.0}).prediction == "down"
    assert world.steps(1) == [("training", "1", ""), ("shadow", "1", "2"), ("promoted", "1", "2")]
    ((rows, evidence, final),) = world.steps(1, "shadow_rows, evidence, final")[-1:]
    assert final
    assert float(evidence) >= 1 / 0.01
    assert int(rows) < 100
    (announced,) = world.messages(world.settings.topics.models.name)
    change = ModelChange.model_validate_json(announced.value)
    assert (announced.key, change.action, change.version, change.previous_version) == (b"fraud", "promoted", "2", "1")
    assert change.metrics["challenger"]["accuracy"] > 0.9 > 0.2 > change.metrics["champion"]["accuracy"]
    (logged,) = world.messages(world.settings.topics.events.name)
    assert decode(dict(logged.headers)["type"].decode(), logged.value) == ModelPromoted(**change.model_dump())
    assert [entry.action for entry in world.audit.entries()] == ["training", "shadow", "promotion-intended", "promoted"]
    assert world.audit.verify() == []


def promoted(world: World) -> None:
    """Version 2, which learned the reverse, has replaced version 1."""
    drifted(world)
    world.process(request(1, rows=360, changed_after=200))
    world.stream(100, reverse=True)
    world.process()
    assert world.registry.champion_version("fraud") == "2"


def test_a_promoted_version_that_becomes_worse_than_its_predecessor_is_taken_back(world: World) -> None:
    promoted(world)
    world.stream(300, reverse=True)
    world.process()
    assert world.registry.champion_version("fraud") == "2"
    world.stream(300, reverse=False)
    world.process()
    assert world.registry.champion_version("fraud") == "1"
    assert world.changes() == [("promoted", "2", "1"), ("rolled-back", "1", "2")]
    assert world.statuses(1) == ["training", "shadow", "promoted", "rolled-back"]
    assert "version 1 serves again, by retrain-service: its predecessor proved better" in world.explanation(1)
    logged = world.messages(world.settings.topics.events.name)[-1]
    assert decode("model-promoted", logged.value).model_dump()["version"] == "1"
    assert [entry.action for entry in world.audit.entries()][-2:] == ["rollback-intended", "rolled-back"]
    assert world.audit.verify() == []


@pytest.mark.parametrize("by_hand", [False, True])
def test_a_promotion_that_must_be_told_again_is_told_before_it_is_taken_back(world: World, by_hand: bool) -> None:
    promoted(world)
    run = world.runs().find("retrain-1")
    assert run is not None
    run.change(told=[step.status for step in run.state.steps].index("promoted"))  # as killed before it noted that
    if by_hand:
        world.process(RollbackRequest(rollback_id="b1", model="fraud", version="2", by="ana", timestamp_ms=EPOCH_MS))
    else:
        world.stream(300, reverse=False)
        world.process()
    assert world.changes() == [("promoted", "2", "1"), ("promoted", "2", "1"), ("rolled-back", "1", "2")]


def test_a_version_that_keeps_what_it_promised_passes_its_probation(world: World) -> None:
    world.specify(refit_rows=[150], probation_rows=200)
    world.stream(200, reverse=False)
    world.stream(160, reverse=True)
    world.process(request(1, rows=360, changed_after=200))
    world.stream(100, reverse=True)
    world.process()
    world.stream(201, reverse=True)
    world.process()
    assert world.registry.champion_version("fraud") == "2"
    assert [entry.action for entry in world.audit.entries()][-1] == "probation-passed"


def test_a_person_takes_a_promotion_back_once(world: World) -> None:
    promoted(world)
    wish = RollbackRequest(rollback_id="b1", model="fraud", version="2", by="ana", reason="odd", timestamp_ms=EPOCH_MS)
    world.process(wish, wish)
    world.process(wish.model_copy(update={"rollback_id": "b2"}))
    assert world.registry.champion_version("fraud") == "1"
    assert world.statuses(1)[-1] == "rolled-back"
    assert "by ana: odd" in world.explanation(1)
    assert world.changes()[-1] == ("rolled-back", "1", "2")
    entries = list(world.audit.entries())
    assert [(each.actor, each.action) for each in entries if each.actor == "ana"] == [
        ("ana", "rollback-intended"),
        ("ana", "rolled-back"),
        ("ana", "rollback-intended"),
        ("ana", "rollback-refused"),
    ]


def test_a_champion_that_a_person_promoted_is_taken_back(world: World, tmp_path: Path) -> None:
    version = promote(world.registry, "fraud", tmp_path, reverse=True)
    world.process(RollbackRequest(rollback_id="b1", model="fraud", version=version, by="ana", timestamp_ms=EPOCH_MS))
    assert world.registry.champion_version("fraud") == "1"
    assert world.changes() == [("rolled-back", "1", version)]
    assert world.audit.verify() == []


def test_a_version_that_was_taken_back_can_win_again_in_the_same_retrain(world: World) -> None:
    world.specify(refit_rows=[150, 700])
    world.stream(200, reverse=False)
    world.stream(160, reverse=True)
    world.process(request(1, rows=360, changed_after=200))
    world.stream(100, reverse=True)
    world.process()
    back = RollbackRequest(rollback_id="b1", model="fraud", version="2", by="ana", timestamp_ms=EPOCH_MS)
    world.process(back)
    assert world.registry.champion_version("fraud") == "1"
    world.stream(220, reverse=False)
    world.stream(220, reverse=True)
    world.process()  # what is trained on so many reverses is worse than the version that is there
    world.stream(100, reverse=True)
    world.process()
    assert world.registry.champion_version("fraud") == "2"
    world.process(back.model_copy(update={"rollback_id": "b2"}))
    assert world.registry.champion_version("fraud") == "1"
    assert [line.champion for line in world.registry.audit("fraud")] == ["1", "2", "1", "2", "1"]
    assert world.changes() == 2 * [("promoted", "2", "1"), ("rolled-back", "1", "2")]
    won, lost = "promoted", "rolled-back"
    assert [status for status in world.statuses(1) if status in (won, lost)] == [won, lost, won, lost]
    actions = [entry.action for entry in world.audit.entries() if entry.action.startswith(("promot", "rolled"))]
    assert actions == 2 * ["promotion-intended", "promoted", "rolled-back"]
    assert world.audit.verify() == []


def test_a_challenger_that_is_no_better_is_refused_with_the_figures(world: World) -> None:
    world.specify(refit_rows=[150])
    world.stream(360, reverse=False)
    world.process(request(1, rows=360, changed_after=200))
    world.stream(1000, reverse=False)
    world.process()
    assert world.registry.champion_version("fraud") == "1"
    assert world.changes() == [("refused", "2", "1")]
    assert world.statuses(1) == ["training", "shadow", "refused"]
    assert "not worth a proof any more: accuracy" in world.explanation(1)
    assert world.messages(world.settings.topics.events.name) == []


def test_it_waits_for_labels_and_says_so_once(world: World) -> None:
    world.specify(refit_rows=[150, 400])
    world.stream(200, reverse=False)
    world.stream(60, reverse=True)
    world.process(request(1, rows=260, changed_after=200))
    world.stream(60, reverse=True)
    world.process()
    assert world.steps(1, "status, explanation") == [
        ("waiting", "60 labelled rows since the change, the next challenger is trained on 150")
    ]
    world.stream(40, reverse=True)
    world.process()
    assert world.statuses(1) == ["waiting", "training", "shadow"]


def test_refits_go_on_while_labels_accumulate(world: World) -> None:
    world.specify(minimum_rows=50, refit_rows=[50, 100, 250])
    world.stream(200, reverse=False)
    world.stream(60, reverse=True)
    world.process(request(1, rows=260, changed_after=200))
    world.stream(300, reverse=True)
    world.process()
    world.process()
    statuses = world.statuses(1)
    assert statuses.count("training") == 2, "of refits that are due together only the last is trained"
    assert statuses.count("promoted") >= 1
    final = world.steps(1, "status, final")
    assert [status for status, is_final in final if is_final] in ([], ["promoted"])


def test_a_later_trigger_joins_the_retrain_in_flight_and_a_later_change_takes_over(world: World) -> None:
    world.specify(refit_rows=[150, 400])
    world.stream(200, reverse=False)
    world.stream(60, reverse=True)
    world.process(request(1, rows=240, changed_after=200), request(2, rows=260, changed_after=210))
    assert world.statuses(2) == ["joined"]
    assert world.explanation(2) == "retrain retrain-1 is in flight and covers it"
    world.process(request(3, rows=260, changed_after=250))
    assert world.steps(1, "status, explanation")[-1] == ("skipped", "retrain retrain-3 is about a later change")
    assert world.statuses(3) == ["waiting"]


def test_a_retrain_in_shadow_goes_on_from_a_later_change(world: World) -> None:
    drifted(world)
    world.specify(refit_rows=[150, 400])
    world.process(request(1, rows=360, changed_after=200))
    assert world.statuses(1) == ["training", "shadow"]
    world.stream(100, reverse=True)
    world.process(request(2, rows=460, changed_after=370))
    assert world.steps(2, "status, explanation") == [
        ("joined", "retrain retrain-1 is in flight and goes on from this later change")
    ]
    assert world.registry.champion_version("fraud") == "2"
    world.stream(60, reverse=True)
    world.process()
    assert world.statuses(1) == ["training", "shadow", "promoted", "waiting", "training", "shadow"]


def test_a_former_champion_is_tried_before_anything_is_trained(world: World) -> None:
    promoted(world)
    world.stream(2000, reverse=True)
    world.process()  # the probation is over
    world.specify(refit_rows=[150], cooldown_minutes=0)
    world.stream(100, reverse=False)
    world.process(request(2, rows=2560, changed_after=2460, version="2"))
    assert world.registry.champion_version("fraud") == "1"
    assert world.statuses(2) == ["shadow", "promoted", "waiting"]
    assert world.steps(2, "challenger_version, explanation")[0] == (
        "1",
        "a former champion may fit again: accuracy 0.9333 against 0.1000 of version 2 on 30 outcomes",
    )


def test_a_person_need_not_wait_for_a_retrain_that_waits_for_labels(world: World) -> None:
    world.specify(refit_rows=[150, 4000])
    world.stream(200, reverse=False)
    world.stream(160, reverse=True)
    world.process(request(1, rows=360, changed_after=200), request(2, rows=360))
    assert world.statuses(2) == ["joined"]
    world.stream(100, reverse=True)
    world.process()
    assert world.statuses(1)[-1] == "waiting"
    world.process(request(3, rows=460, version="2"))
    assert world.explanation(1) == "version 2 was promoted; retrain retrain-3 is newer"
    assert world.statuses(3)[0] == "waiting"


def test_a_retrain_that_needs_approval_trains_only_after_it(world: World) -> None:
    world.specify(minimum_rows=50, refit_rows=[50], approval=True)
    world.stream(200, reverse=False)
    world.stream(60, reverse=True)
    world.process(request(1, rows=260, changed_after=200))
    assert world.explanation(1) == "a person must approve: `driftline approve retrain-1`, or `driftline reject` it"
    verdict = RetrainVerdict(retrain_id="retrain-1", model="fraud", approved=True, by="ana", timestamp_ms=EPOCH_MS)
    world.process(verdict, verdict)
    assert world.statuses(1) == ["waiting", "training", "shadow"]
    world.process(verdict.model_copy(update={"approved": False, "reason": "not this week"}))
    assert world.steps(1, "status, explanation, toString(final)")[-1] == ("rejected", "by ana: not this week", "true")
    assert [(each.actor, each.action) for each in world.audit.entries() if each.actor == "ana"] == [
        ("ana", "approved"),
        ("ana", "rejected"),
    ]


def test_cooldown_budget_and_quiet_hours_are_of_the_logs_time(world: World) -> None:
    world.specify(cooldown_minutes=30, per_day=1, quiet_hours="03-04")
    world.stream(200, reverse=False)
    hour_ms = 3_600_000
    by_hand = request(1, rows=200)
    world.process(by_hand)
    assert world.explanation(1) == "it is 03:53 UTC, and 03-04 are quiet hours"
    world.stream(10, reverse=False, at_ms=EPOCH_MS + hour_ms)
    world.process()
    assert world.statuses(1) == ["waiting", "training", "shadow"]
    reject = RetrainVerdict(retrain_id="retrain-1", model="fraud", approved=False, by="ana", timestamp_ms=EPOCH_MS)
    world.process(reject, request(2, rows=200))
    assert world.explanation(2) == "the last retrain began 0 s before, the cooldown is 1800 s"
    world.stream(10, reverse=False, at_ms=EPOCH_MS + 2 * hour_ms)
    world.process()
    assert world.explanation(2) == "1 retrains began within 24 hours, at most 1 may"
    world.stream(10, reverse=False, at_ms=EPOCH_MS + 26 * hour_ms)
    world.process()
    assert world.statuses(2) == ["waiting", "waiting", "training", "shadow"]


def test_schedule_and_new_rows_ask_by_themselves(world: World) -> None:
    world.specify(schedule_hours=24, new_rows=150)
    world.stream(149, reverse=False)
    world.process()
    assert world.open_reasons() == []
    world.stream(1, reverse=False)
    world.process()
    assert world.open_reasons() == ["new-rows"]
    (retrain_id,) = [run.request.retrain_id for run in world.runs().unfinished()]
    reject = RetrainVerdict(retrain_id=retrain_id, model="fraud", approved=False, by="ana", timestamp_ms=EPOCH_MS)
    world.process(reject)
    assert world.open_reasons() == []
    world.stream(10, reverse=False, at_ms=EPOCH_MS + 25 * 3_600_000)
    world.process()
    world.process()
    assert world.open_reasons() == ["schedule"]


def test_every_no_says_why(world: World) -> None:
    world.stream(99, reverse=False)
    world.process(request(1, rows=99))
    assert world.explanation(1) == "99 labelled rows, at least 100 are needed (DRIFTLINE_RETRAIN_MIN_ROWS)"
    world.process(request(2, rows=99, model="unknown"), request(3, rows=99, version="v7"))
    assert "no champion of 'unknown' is registered: save the model with driftline_registry" in world.explanation(2)
    assert "version 'v7' is not in the registry, whose champion is 1" in world.explanation(3)
    world.process(request(4, rows=99, model="x" * 250))
    assert "rename the model" in world.explanation(4)


def test_a_request_for_a_version_that_was_replaced_does_nothing(world: World) -> None:
    promoted(world)
    world.process(request(2, rows=460, version="1", changed_after=200))
    assert world.steps(2) == [("skipped", "", "")]
    assert world.explanation(2) == "version 1 was already replaced by 2"


def test_a_champion_that_was_tampered_with_fails_the_retrain(world: World) -> None:
    drifted(world)
    (world.registry.get("fraud", "1").folder / "model.skops").write_bytes(b"planted")
    world.process(request(1, rows=360, changed_after=200))
    assert world.statuses(1) == ["training", "failed"]
    assert "damaged or forged" in world.explanation(1)
    assert world.registry.champion_version("fraud") == "1"


def test_a_retrain_of_the_first_format_is_read_and_one_of_a_later_is_refused(world: World) -> None:
    folder = world.registry.root / "runs" / "retrain-1"
    folder.mkdir(parents=True)
    step = {"explanation": "", "at_ms": EPOCH_MS, "champion": "1", "challenger": "", "rows": 0}
    old = {"request": request(1, rows=360, changed_after=200).model_dump(), "attempts": 1, "announced": False}
    steps = [step | {"status": "accepted"}, step | {"status": "training"}]
    (folder / "run.json").write_text(json.dumps(old | {"steps": steps}))
    drifted(world)
    world.process()
    assert world.statuses(1) == ["accepted", "training", "training", "shadow"]
    (folder / "run.json").write_text(json.dumps({"format": 3}))
    with pytest.raises(RunRefused, match="later version of Driftline"):
        world.process(request(1, rows=360))


class Crash(BaseException):
    """Stands for kill -9: nothing may catch it."""


CUT: list[tuple[object, str]] = [
    (Run, "change"),
    (LocalRegistry, "register"),
    (LocalRegistry, "promote"),
    (LocalRegistry, "rollback"),
    (JobRunner, "start"),
    (JobRunner, "has_ended"),
    (Announcements, "change"),
    (Audit, "append"),
    (Watches, "put"),
    (Watches, "end"),
    (telling, "record_step"),
    (telling, "record_version"),
    (reversal, "record_version"),
]


def test_cut_off_before_and_after_every_call_it_ends_in_one_promotion_and_one_roll_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut: set[object] = set()
    for owner, name in CUT:
        monkeypatch.setattr(owner, name, _crashing(getattr(owner, name), cut))

    def to_the_end(*records: Record) -> None:
        while True:
            with suppress(Crash):
                return world.process(*records)

    drifted(world)
    to_the_end(request(1, rows=360, changed_after=200))
    world.stream(100, reverse=True)
    to_the_end()
    world.stream(200, reverse=False)
    to_the_end()
    assert len(cut) > 2 * len(CUT)
    assert [version.retrain_id for version in world.registry.versions("fraud")] == ["", "retrain-1"]
    assert [line.champion for line in world.registry.audit("fraud")] == ["1", "2", "1"]
    assert world.statuses(1) == ["training", "shadow", "promoted", "rolled-back"]
    assert set(world.changes()) == {("promoted", "2", "1"), ("rolled-back", "1", "2")}
    assert len({message.value for message in world.messages(world.settings.topics.models.name)}) == 2
    actions = [entry.action for entry in world.audit.entries()]
    assert actions == ["training", "shadow", "promotion-intended", "promoted", "rollback-intended", "rolled-back"]
    assert world.audit.verify() == []


def _crashing(original: Callable[..., Any], cut: set[object]) -> Callable[..., Any]:
    """The original, which crashes once before and once after its work at every place from which it is called."""

    def crash_once(when: str) -> None:
        callers = tuple((frame.filename, frame.lineno) for frame in inspect.stack(0)[2:5])
        if (place := (original.__qualname__, when, callers)) not in cut:
            cut.add(place)
            raise Crash

    def crashing(*arguments: Any, **named: Any) -> Any:
        crash_once("before")
        result = original(*arguments, **named)
        crash_once("after")
        return result

    return crashing
