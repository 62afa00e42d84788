"""The generator under test, bad generators that the tests must catch, and the tests as p-values.

A generator is ``generate(label, seed, lengths, blocks) -> list of blocks``; a block is a text like ``ABBA``.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable

import numpy as np
from scipy import stats

from trialkit.randomization import RandomizationDesign, generate_schedule

Generate = Callable[[str, int, tuple[int, ...], int], list[str]]

BLOCKS = 6_000
ARRANGEMENTS = {
    length: ["".join(block) for block in sorted(set(itertools.permutations("A" * half + "B" * half)))]
    for length, half in ((4, 2), (6, 3))
}


def trialkit_blocks(label: str, seed: int, lengths: tuple[int, ...], blocks: int) -> list[str]:
    design = RandomizationDesign(
        {"A": 1, "B": 1}, {"site": [label]}, lengths, subjects_per_stratum=blocks * max(lengths)
    )
    return ["".join(block) for block in generate_schedule(design, seed).blocks[0][:blocks]]


def _bad(pick: Callable[[random.Random, int, str], str]) -> Generate:
    """A generator with honest lengths and its own way of filling a block."""

    def generate(label: str, seed: int, lengths: tuple[int, ...], blocks: int) -> list[str]:
        source, made = random.Random(f"{label}/{seed}"), [""]
        for _ in range(blocks):
            made.append(pick(source, source.choice(lengths), made[-1]))
        return made[1:]

    return generate


def _halves(source: random.Random, length: int, before: str) -> str:
    half = length // 2
    return source.choice(["A" * half + "B" * half, "B" * half + "A" * half])


def _naive_shuffle(source: random.Random, length: int, before: str) -> str:
    """The well-known mistake: exchange every place with any place, not only with those before it."""
    block = list("A" * (length // 2) + "B" * (length // 2))
    for place in range(length):
        other = source.randrange(length)
        block[place], block[other] = block[other], block[place]
    return "".join(block)


def _mirror(source: random.Random, length: int, before: str) -> str:
    """Each block of the same length is the mirror image of the one before, in a third of the cases."""
    if len(before) == length and source.random() < 1 / 3:
        return before.translate(str.maketrans("AB", "BA"))
    return source.choice(ARRANGEMENTS[length])


def _alternating_lengths(label: str, seed: int, lengths: tuple[int, ...], blocks: int) -> list[str]:
    source = random.Random(f"{label}/{seed}")
    return [source.choice(ARRANGEMENTS[lengths[n % len(lengths)]]) for n in range(blocks)]


def _mostly_short(label: str, seed: int, lengths: tuple[int, ...], blocks: int) -> list[str]:
    source = random.Random(f"{label}/{seed}")
    chosen = source.choices(lengths, weights=[4, *[3] * (len(lengths) - 1)], k=blocks)
    return [source.choice(ARRANGEMENTS[length]) for length in chosen]


def _one_stream_for_all_strata(label: str, seed: int, lengths: tuple[int, ...], blocks: int) -> list[str]:
    return trialkit_blocks("one", seed, lengths, blocks)


def _seed_ignored(label: str, seed: int, lengths: tuple[int, ...], blocks: int) -> list[str]:
    return trialkit_blocks(label, 0, lengths, blocks)


_ARRANGEMENTS_TESTS = {"6 arrangements of a 4-block", "20 arrangements of a 6-block"}

# Name of the bad generator -> the generator, and the tests that must catch it.
BAD_GENERATORS: dict[str, tuple[Generate, set[str]]] = {
    "only AABB and BBAA": (_bad(_halves), _ARRANGEMENTS_TESTS),
    "a naive shuffle": (_bad(_naive_shuffle), _ARRANGEMENTS_TESTS),
    "mirrored neighbours": (_bad(_mirror), {"neighbouring blocks"}),
    "alternating lengths": (_alternating_lengths, {"lengths of neighbouring blocks"}),
    "lengths not equally likely": (_mostly_short, {"lengths"}),
    "one stream for all strata": (_one_stream_for_all_strata, {"two strata"}),
    "the seed ignored": (_seed_ignored, {"one label in two schedules"}),
}


def p_values(generate: Generate, seed: int) -> dict[str, float]:
    """One p-value a question; for a perfect generator each is uniform, up to the chi-square approximation.

    Neighbours are compared in pairs 0-1, 3-4, 6-7 ...: no block is in two pairs, and a generator that does
    something to every second block is still seen.
    """
    mixed = generate("A", seed, (4, 6), 2 * BLOCKS)
    fixed = generate("A", seed, (4,), BLOCKS)
    lengths = [len(block) for block in mixed]
    four = [block for block in mixed if len(block) == 4]
    six = [block for block in mixed if len(block) == 6]
    return {
        "6 arrangements of a 4-block": _equally_frequent(four, ARRANGEMENTS[4]),
        "20 arrangements of a 6-block": _equally_frequent(six, ARRANGEMENTS[6]),
        "lengths": _equally_frequent(lengths, [4, 6]),
        "lengths of neighbouring blocks": _independent(lengths[:-1:3], lengths[1::3]),
        "length and the block before": _independent([block[0] for block in mixed[:-1:3]], lengths[1::3]),
        "length and first arm": _independent(lengths, [block[0] for block in mixed]),
        "neighbouring blocks": _independent(fixed[:-1:3], fixed[1::3]),
        "two strata": _independent(fixed, generate("B", seed, (4,), BLOCKS)),
        "one label in two schedules": _independent(fixed, generate("A", seed + 1, (4,), BLOCKS)),
    }


def _equally_frequent(seen: list[object], possible: list[object]) -> float:
    assert set(seen) <= set(possible)
    counts = [seen.count(value) for value in possible]
    return float(stats.chisquare(counts).pvalue)


def _independent(first: list[object], second: list[object]) -> float:
    """Pearson's chi-square of the two-way table."""
    _, rows = np.unique(np.array(first), return_inverse=True)
    _, columns = np.unique(np.array(second), return_inverse=True)
    table = np.zeros((rows.max() + 1, columns.max() + 1))
    np.add.at(table, (rows, columns), 1)
    return float(stats.contingency.chi2_contingency(table, correction=False).pvalue)
