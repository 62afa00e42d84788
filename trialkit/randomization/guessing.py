"""What somebody who sees every past arm can know of the next one.

A stratum is a hidden Markov chain: its state is the length of the current block and the arms already used in
it. The chain generates simulated lists, and a forward filter over it is the best possible guesser.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from trialkit.randomization.design import RandomizationDesign
from trialkit.randomization.errors import AssessmentError
from trialkit.wording import said

Numbers = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]

MOST_STATES = 20_000
CERTAIN = 1 - 1e-9  # sums of products of fractions miss 1 by a few 1e-16


@dataclass(frozen=True)
class BlockChain:
    """The states of a stratum, as arrays.

    ``chance[s, a]`` is the probability that arm ``a`` comes next in state ``s``; ``following[s, a]`` the
    state after it, or -1 where that ends the block; ``starts`` the states at the beginning of a block, each
    equally likely. Arms are in the design's canonical (sorted) order.
    """

    chance: Numbers
    following: Indices
    starts: Indices

    @property
    def cumulative(self) -> Numbers:
        """Upper ends of the arms' shares; the last is exactly 1 so that no draw falls outside."""
        ends: Numbers = np.cumsum(self.chance, axis=1)
        ends[:, -1] = 1.0
        return ends


def block_chain(design: RandomizationDesign) -> BlockChain:
    """The chain of one stratum of a design.

    Raises
    ------
    AssessmentError
        More than 20,000 states: very long blocks, or many arms.
    """
    ratios = [design.arms[arm] for arm in sorted(design.arms)]
    if design.block_lengths is None:
        share = np.array([ratios], dtype=float) / sum(ratios)
        return BlockChain(share, np.full(share.shape, -1), np.array([0]))
    contents = [[ratio * length // sum(ratios) for ratio in ratios] for length in design.block_lengths]
    count = sum(math.prod(most + 1 for most in content) - 1 for content in contents)
    if count > MOST_STATES:
        raise AssessmentError(
            expected=said(
                "blocks that can be partly used in at most {most_states} ways", most_states=MOST_STATES
            ),
            found=said("{count} ways", count=count),
            next_step="Use shorter blocks.",
        )
    states = [(which, used) for which, content in enumerate(contents) for used in _partly_used(content)]
    number = {state: place for place, state in enumerate(states)}
    chance, following = np.zeros((len(states), len(ratios))), np.full((len(states), len(ratios)), -1)
    for place, (which, used) in enumerate(states):
        left = [most - gone for most, gone in zip(contents[which], used, strict=True)]
        chance[place] = np.array(left) / sum(left)
        for arm, remaining in enumerate(left):
            after = (*used[:arm], used[arm] + 1, *used[arm + 1 :])
            following[place, arm] = number.get((which, after), -1) if remaining else -1
    starts = [number[which, (0,) * len(ratios)] for which in range(len(contents))]
    return BlockChain(chance, following, np.array(starts))


def _partly_used(content: list[int]) -> Iterator[tuple[int, ...]]:
    full = tuple(content)
    return (used for used in itertools.product(*(range(most + 1) for most in content)) if used != full)


def fixed_block_guessing(arms: Mapping[str, int], length: int | None) -> tuple[float, float]:
    """Expected share of correct guesses, and share of certain allocations, in whole blocks of one length.

    Parameters
    ----------
    arms
        Arm -> ratio.
    length
        Block length; None for simple randomization.

    Returns
    -------
    (float, float)
        Exact up to rounding; the guesser knows where blocks begin.

    Raises
    ------
    AssessmentError
        More than 20,000 ways of having used up part of the block.

    References
    ----------
    Blackwell and Hodges 1957; docs/methods/randomization.md, section 10.
    """
    total = sum(arms.values())
    if length is None:
        return max(arms.values()) / total, 0.0
    content = [ratio * length // total for ratio in arms.values()]
    if math.prod(most + 1 for most in content) > MOST_STATES:
        raise AssessmentError(
            expected=said(
                "a block that can be partly used in at most {most_states} ways", most_states=MOST_STATES
            ),
            found=said("length {length}", length=length),
            next_step="Use shorter blocks.",
        )
    correct = certain = 0.0
    for used in _partly_used(content):
        left = [most - gone for most, gone in zip(content, used, strict=True)]
        ways = math.prod(map(math.comb, content, used))
        reached = ways / math.comb(length, sum(used))
        correct += reached * max(left) / sum(left)
        certain += reached * (max(left) == sum(left))
    return correct / length, certain / length


class Guesser:
    """The forward filter: for each lane (a stratum of a trial) the chance of each state given its past."""

    def __init__(self, chain: BlockChain, lanes: int) -> None:
        self._chain = chain
        self._belief: Numbers = np.zeros((lanes, len(chain.chance)))
        self._belief[:, chain.starts] = 1 / len(chain.starts)
        arms = range(chain.chance.shape[1])
        self._inside = [np.flatnonzero(chain.following[:, arm] >= 0) for arm in arms]
        self._ending = [
            np.flatnonzero((chain.following[:, arm] < 0) & (chain.chance[:, arm] > 0)) for arm in arms
        ]

    def next_arm(self, active: int) -> Numbers:
        """For the first ``active`` lanes: the probability of each arm."""
        return self._belief[:active] @ self._chain.chance

    def see(self, arms: npt.NDArray[Any], probabilities: Numbers) -> None:
        """Take notice of the arms of the first lanes, given what :meth:`next_arm` said of them."""
        for arm in range(self._chain.chance.shape[1]):
            lanes = np.flatnonzero(arms == arm)
            before = self._belief[lanes] * (self._chain.chance[:, arm] / probabilities[lanes, arm][:, None])
            after = np.zeros_like(before)
            inside, ending = self._inside[arm], self._ending[arm]
            after[:, self._chain.following[inside, arm]] = before[:, inside]
            after[:, self._chain.starts] += before[:, ending].sum(axis=1, keepdims=True) / len(
                self._chain.starts
            )
            self._belief[lanes] = after
