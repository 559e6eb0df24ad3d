"""The promises of a proof: its error bounds on simulated models, and that neither cuts nor restarts change it."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import from_json, to_json

from driftline_retrain_service.proof import LEAST_ROWS, PairedProof, ProofSettings
from driftline_retrain_service.proof.losses import Floats, error_bound, paired_losses

SETTINGS = ProofSettings()
differences = st.lists(st.sampled_from([-1.0, -0.25, 0.0, 0.0, 0.3, 1.0]), max_size=400).map(np.array)


def pairs(chance: np.random.Generator, champion: float, challenger: float, rows: int = 5_000) -> Floats:
    """Differences of two classifiers with these rates of errors, which err together on 60 % of the rows."""
    difficulty, own = chance.random(rows), chance.random(rows)
    together = chance.random(rows) < 0.6
    second = np.where(together, difficulty, own) < challenger
    return (difficulty < champion).astype(float) - second


def decisions(champion: float, challenger: float, trials: int = 300) -> list[str | None]:
    chance = np.random.default_rng([7, round(1000 * champion), round(1000 * challenger)])
    return [PairedProof(SETTINGS).update(pairs(chance, champion, challenger)) for _ in range(trials)]


def test_what_is_not_better_is_not_promoted() -> None:
    assert decisions(0.10, 0.10).count("better") <= 0.01 * 300 + 3 * math.sqrt(0.01 * 300)
    assert decisions(0.10, 0.11) == ["futile"] * 300


def test_what_is_better_is_promoted() -> None:
    assert decisions(0.20, 0.15).count("better") >= 0.99 * 300


@given(differences, st.lists(st.integers(0, 400)), st.sampled_from([0.0, 0.5]))
def test_any_cut_and_any_restart_decide_the_same(values: Floats, cuts: list[int], later_stakes: float) -> None:
    settings = replace(SETTINGS, alpha=0.1, max_rows=300, later_stakes=later_stakes)
    whole, cut = PairedProof(settings), PairedProof(settings)
    whole.update(values)
    for piece in np.split(values, sorted(min(at, len(values)) for at in cuts)):
        cut.update(piece)
        cut = PairedProof.restore(from_json(to_json(cut.snapshot())), settings)
    assert cut.snapshot() == whole.snapshot()
    assert cut.evidence == whole.evidence


def test_nothing_is_taken_after_the_decision() -> None:
    proof = PairedProof(SETTINGS)
    assert proof.update(np.tile([1.0] + 9 * [0.0], 50)) == "better"
    assert LEAST_ROWS < proof.rows < 500
    state, evidence = proof.snapshot(), proof.evidence
    assert 100 <= evidence < 180
    assert proof.update(-np.ones(1000)) == "better"
    assert (proof.snapshot(), proof.evidence) == (state, evidence)


def test_time_ends_what_stays_undecided() -> None:
    proof = PairedProof(replace(SETTINGS, futility=0.0, max_rows=1_000))
    assert proof.update(-np.ones(999)) is None
    assert proof.update(-np.ones(1)) == "timed-out"
    assert (proof.rows, proof.mean) == (1_000, -1.0)


def test_later_stakes_find_what_begins_late() -> None:
    chance = np.random.default_rng(11)
    turns = np.concatenate([-pairs(chance, 0.20, 0.15, 1_500), pairs(chance, 0.45, 0.20, 500)])
    watch = replace(SETTINGS, futility=0.0, max_rows=2_000)
    late, plain = PairedProof(replace(watch, later_stakes=0.5)), PairedProof(watch)
    assert late.update(turns) == "better"
    plain.update(turns)
    assert late.rows < 1_650
    assert plain.rows > 1_750


def test_nothing_is_decided_on_fewer_rows_than_show_how_alike_they_are() -> None:
    proof = PairedProof(SETTINGS)
    assert proof.update(np.ones(LEAST_ROWS - 1)) is None
    assert proof.update(np.ones(1)) == "better"


def test_in_a_world_with_moods_what_is_no_better_is_seldom_promoted() -> None:
    """One of the models is right until the mood changes, on every fifth row; neither is better."""
    chance = np.random.default_rng(3)
    moods = [np.cumprod(np.where(chance.random(2_000) < 0.2, -1.0, 1.0)).astype(float) for _ in range(60)]
    assert [PairedProof(SETTINGS).update(rows) for rows in moods].count("better") <= 2


def test_a_bad_difference_is_refused_whole() -> None:
    proof = PairedProof(SETTINGS)
    for bad in (1.5, math.nan):
        with pytest.raises(ValueError, match="between -1 and 1"):
            proof.update(np.array([1.0, bad]))
    assert proof.rows == 0


@pytest.mark.parametrize("state", [{}, {"rows": 1, "total": 0.0, "for": [1.0], "against": [1.0], "decision": None}])
def test_another_state_is_refused(state: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="of a proof"):
        PairedProof.restore(state, SETTINGS)  # type: ignore[arg-type]


def test_a_bad_setting_is_named() -> None:
    with pytest.raises(ValueError, match=r"alpha: 1\.0 is not valid; expected above 0 and below 1"):
        ProofSettings(alpha=1.0)


def test_losses_on_numbers_are_bounded_by_what_the_champion_erred_before() -> None:
    bound = error_bound([float(n) for n in range(101)], [0.0] * 101)
    assert bound == 95.0
    champion, challenger = paired_losses([95.0, 1e9], [9.5, 0.0], [0.0, 0.0], bound)
    assert champion.tolist() == [1.0, 1.0]
    assert challenger.tolist() == [0.1, 0.0]
    assert error_bound([2.0, 2.0], [2.0, 2.0]) == 1.0
    assert error_bound([0.0] * 99 + [3.0], [0.0] * 100) == 3.0
