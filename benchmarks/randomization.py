"""Randomization side by side: assessing a design, and making lists, against plain loops.

    python benchmarks/randomization.py [--trials 10000] [--loop-trials 200]

The plain loop does the same work one stratum at a time with NumPy's own permutation and an exact guesser, and
must come to the same answer; it is run on fewer trials and its time is given per 10,000.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np

from trialkit.randomization import RandomizationDesign, generate_schedule

Answer = TypeVar("Answer")

DESIGN = RandomizationDesign(
    arms={"exercise": 1, "control": 1},
    factors={"site": ["A", "B", "C", "D", "E"], "sex": ["female", "male"]},
    block_lengths=(4, 6),
    subjects=314,
)
STRATUM_SIZES = [32, 32, 32, 32, 31, 31, 31, 31, 31, 31]


def plain_loop(trials: int, seed: int) -> tuple[float, float]:
    """Mean overall imbalance and share of correct guesses, one trial, stratum and slot after another."""
    rng = np.random.default_rng(seed)
    imbalance, correct = 0.0, 0.0
    for _ in range(trials):
        difference = 0
        for size in STRATUM_SIZES:
            arms = np.empty(0, dtype=int)
            while len(arms) < size:
                half = rng.choice([2, 3])
                arms = np.concatenate([arms, rng.permutation(np.repeat([0, 1], half))])
            arms = arms[:size]
            difference += size - 2 * int(arms.sum())
            correct += plain_guesser(arms.tolist())
        imbalance += abs(difference)
    return imbalance / trials, correct / trials / sum(STRATUM_SIZES)


def plain_guesser(arms: list[int]) -> float:
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


def plain_lists(count: int) -> None:
    rng = np.random.default_rng(1)
    for _ in range(count):
        for _ in range(10):
            slots = 0
            while slots < 314:
                block = rng.permutation(np.repeat([0, 1], rng.choice([2, 3])))
                slots += len(block)


def trialkit_lists(count: int) -> None:
    for seed in range(count):
        generate_schedule(DESIGN, seed)


def seconds(work: Callable[[], Answer]) -> tuple[float, Answer]:
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--trials", type=int, default=10_000)
    parser.add_argument("--loop-trials", type=int, default=200)
    options = parser.parse_args()
    DESIGN.properties(simulations=2)  # imports are not what is measured
    ours, properties = seconds(lambda: DESIGN.properties(simulations=options.trials))
    loop, (_, guessed) = seconds(lambda: plain_loop(options.loop_trials, 1))
    scale = options.trials / options.loop_trials
    print(f"generate and assess {options.trials:,} trials of 314 over 10 strata")
    print(f"  trialkit    {ours:8.2f} s   correct guesses {properties.correct_guess_probability:.4f}")
    print(
        f"  plain loop  {loop * scale:8.2f} s   correct guesses {guessed:.4f}   (from {options.loop_trials})"
    )
    print(f"  ratio       {loop * scale / ours:8.1f}")
    lists = 20
    ours, _ = seconds(lambda: trialkit_lists(lists))
    loop, _ = seconds(lambda: plain_lists(lists))
    print("make one list of 10 x 314 slots (trialkit from its HMAC-SHA256 stream)")
    print(f"  trialkit    {1000 * ours / lists:8.2f} ms")
    print(f"  NumPy       {1000 * loop / lists:8.2f} ms")
    print(f"  ratio       {loop / ours:8.1f}")


if __name__ == "__main__":
    main()
