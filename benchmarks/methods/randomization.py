"""Assessing a design and making lists beside plain loops; allocating beside a bare committed insert.

The plain loop assesses one stratum and slot after another with NumPy's own permutation and an exact guesser,
and must come to the same answer. Both engines end an allocation, and the insert, by the same flush to disk.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import numpy as np

from benchmarks.founded_trial import FoundedTrial, postgresql, sqlite
from benchmarks.measure import Measure, PythonPeer
from trialkit.randomization import RandomizationDesign, generate_schedule

DESIGN = RandomizationDesign(
    arms={"exercise": 1, "control": 1},
    factors={"site": ["A", "B", "C", "D", "E"], "sex": ["female", "male"]},
    block_lengths=(4, 6),
    subjects=314,
)
STRATUM_SIZES = [32, 32, 32, 32, 31, 31, 31, 31, 31, 31]
LOOP_SHARE = 0.02


def assess(trials: int) -> list[float]:
    return [DESIGN.properties(simulations=trials).correct_guess_probability]


def assess_by_loop(trials: int) -> list[float]:
    """Share of correct guesses, one trial, stratum and slot after another."""
    rng = np.random.default_rng(1)
    some, correct = max(1, round(LOOP_SHARE * trials)), 0.0
    for _ in range(some):
        for size in STRATUM_SIZES:
            arms = np.empty(0, dtype=int)
            while len(arms) < size:
                arms = np.concatenate([arms, rng.permutation(np.repeat([0, 1], rng.choice([2, 3])))])
            correct += guessed(arms[:size].tolist())
    return [correct / some / sum(STRATUM_SIZES)]


def guessed(arms: list[int]) -> float:
    """Expected correct guesses, from a dictionary of what the current block may still hold."""
    fresh = {(2, 2): 0.5, (3, 3): 0.5}
    belief, correct = dict(fresh), 0.0
    for arm in arms:
        first = sum(p * left[0] / sum(left) for left, p in belief.items())
        correct += max(first, 1 - first)
        seen = first if arm == 0 else 1 - first
        after: dict[tuple[int, int], float] = {}
        for left, p in belief.items():
            weight = p * left[arm] / sum(left) / seen
            rest = (left[0] - (arm == 0), left[1] - (arm == 1))
            for state, share in (fresh if rest == (0, 0) else {rest: 1.0}).items():
                if weight:
                    after[state] = after.get(state, 0.0) + weight * share
        belief = after
    return correct


def lists(count: int) -> list[int]:
    """For each list, 1 if its arms are equally long."""
    made = [generate_schedule(DESIGN, seed).slots for seed in range(count)]
    return [int((slots["arm"] == "control").sum() * 2 == len(slots)) for slots in made]


def lists_by_numpy(count: int) -> list[int]:
    rng = np.random.default_rng(1)
    balanced = []
    for _ in range(count):
        slots: list[int] = []
        for _ in range(len(STRATUM_SIZES)):
            end = len(slots) + 314
            while len(slots) < end:
                slots.extend(rng.permutation(np.repeat([0, 1], rng.choice([2, 3]))).tolist())
        balanced.append(int(sum(slots) * 2 == len(slots)))
    return balanced


def founded(database: Callable[[], AbstractContextManager[str]]) -> Callable[[int], FoundedTrial]:
    return lambda subjects: FoundedTrial(subjects, database())


MEASURES = (
    Measure(
        what="generate and assess trials of 314 over 10 strata",
        data=int,
        ours=assess,
        sizes=(10_000,),
        quick=100,
        unit="trials",
        peers=(
            PythonPeer(
                name="plain loop (2 % of the trials, time scaled up)",
                work=assess_by_loop,
                share=LOOP_SHARE,
                within=0.05,
            ),
        ),
    ),
    Measure(
        what="make lists of 10 x 314 slots (HMAC-SHA256 stream)",
        data=int,
        ours=lists,
        sizes=(20,),
        quick=1,
        unit="lists",
        peers=(PythonPeer(name="NumPy's permutation, no proof", work=lists_by_numpy, within=0),),
    ),
    *(
        Measure(
            what=f"allocations on {words}",
            data=founded(database),
            ours=lambda trial: [trial.allocate()],
            sizes=(200,),
            quick=2,
            on_disk=True,
            peers=(PythonPeer(name="as many bare commits", work=lambda trial: [trial.insert()], within=0),),
        )
        for words, database in (("SQLite", sqlite), ("PostgreSQL", postgresql))
    ),
)
