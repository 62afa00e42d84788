"""What a reviewer asks of a randomization design before the trial: how guessable, how balanced."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from trialkit.randomization.design import RandomizationDesign
from trialkit.randomization.errors import AssessmentError, UnknownLevelError
from trialkit.randomization.guessing import (
    CERTAIN,
    BlockChain,
    Guesser,
    Indices,
    Numbers,
    block_chain,
    fixed_block_guessing,
)
from trialkit.wording import written

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Beliefs held at once. Many more no longer fit the processor's cache and take three times as long.
_CELLS_A_BATCH = 150_000
_QUANTILES = {"median": 0.5, "q90": 0.9, "q95": 0.95}


@dataclass(frozen=True)
class DesignProperties:
    """How guessable and how balanced a trial of this design is.

    ``correct_guess_probability`` and ``deterministic_share`` are closed forms where one block length is in
    use (and for simple randomization), simulated at the trial's size otherwise. ``guessing`` says which: for
    a guesser who knows what, over whole blocks or over this trial's subjects, with Monte Carlo standard
    errors. ``imbalance`` has one row for the whole trial, each factor level and each stratum.
    ``strata_sizes`` is the smallest and the largest number of subjects that a simulated stratum got;
    ``overflow_share`` the share of simulated trials in which a stratum got more subjects than the list has
    slots for.
    """

    design: RandomizationDesign
    subjects: int
    simulations: int
    seed: int
    correct_guess_probability: float
    deterministic_share: float
    overflow_share: float
    strata_sizes: tuple[int, int]
    guessing: pd.DataFrame = field(repr=False)
    imbalance: pd.DataFrame = field(repr=False)
    overall_imbalance: Numbers = field(repr=False)

    def __str__(self) -> str:
        """What a reviewer reads, as `trialkit randomize properties` prints it."""
        from trialkit.randomization.properties_text import properties_text

        return properties_text(self)

    def figure(self) -> Figure:
        """Three panels: overall imbalance, imbalance by level and stratum, correct guesses."""
        from trialkit.randomization.picture import properties_figure

        return properties_figure(self)


def assess_design(
    design: RandomizationDesign,
    simulations: int = 2_000,
    subjects: int | None = None,
    seed: int = 20_260_101,
    progress: Callable[[int, int], None] | None = None,
    weights: Mapping[str, Mapping[str, float]] | None = None,
) -> DesignProperties:
    """How guessable and how balanced a trial of this design is, at its real size.

    Parameters
    ----------
    design
        The design; its list is not made here.
    simulations
        Number of simulated trials, at least 2.
    subjects
        Subjects in a trial. None: the design's total, or where it states none, all strata filled.
    seed
        Of NumPy's generator; the answer repeats itself on one NumPy version.
    progress
        Called as ``progress(trials done, trials in all)`` after each batch.
    weights
        Factor -> level -> relative frequency, for the factors whose levels are unequally frequent. Given,
        subjects fall into strata at random; None: strata as equal as whole numbers allow.

    Returns
    -------
    DesignProperties

    Raises
    ------
    AssessmentError
        Numbers out of range, or blocks too long to be assessed.
    UnknownLevelError
        A weight for a factor or level that the design does not have.

    Degenerate cases
    ----------------
    Simple randomization has no bound on the imbalance: ``inf``.

    Equivalent in R
    ---------------
    ``randomizeR::assess`` with ``corGuess("CS")``, for two arms 1:1 and one block length.

    References
    ----------
    docs/methods/randomization.md, section 10; Matts and Lachin 1988.
    """
    total = _subjects(design, subjects)
    if simulations < 2:
        raise AssessmentError(
            expected="at least 2 simulations", found=str(simulations), next_step="Ask for more, such as 2000."
        )
    chain = block_chain(design)
    rng = np.random.default_rng(seed)
    shares = None if weights is None else _stratum_shares(design, weights)
    parts = []
    for done, batch in _batches(simulations, len(design.strata()) * len(chain.chance)):
        sizes = _stratum_sizes(total, len(design.strata()), batch, shares, rng)
        parts.append(_simulate(chain, sizes, rng))
        if progress is not None:
            progress(done, simulations)
    run = _Run(*(np.concatenate(column) for column in zip(*parts, strict=True)))
    return _summary(design, run, total, simulations, seed)


@dataclass(frozen=True)
class _Run:
    """One row a trial: subjects a stratum, arms a stratum, expected correct guesses, certain allocations."""

    sizes: Indices
    counts: Numbers
    correct: Numbers
    certain: Numbers


def _simulate(
    chain: BlockChain, sizes: Indices, rng: np.random.Generator
) -> tuple[Indices, Numbers, Numbers, Numbers]:
    """All strata of all trials of a batch side by side, one slot at a time."""
    trials, strata = sizes.shape
    order = np.argsort(-sizes.ravel(), kind="stable")  # longest first: the lanes still in use are the first
    lane_sizes, trial = sizes.ravel()[order], order // strata
    guesser, ends = Guesser(chain, len(order)), chain.cumulative
    state = rng.choice(chain.starts, size=len(order))
    counts = np.zeros((len(order), chain.chance.shape[1]))
    correct, certain = np.zeros(trials), np.zeros(trials)
    for position in range(int(lane_sizes[0])):
        active = int(np.searchsorted(-lane_sizes, -position))
        arms = (rng.random(active)[:, None] >= ends[state[:active]]).sum(axis=1)
        probabilities = guesser.next_arm(active)
        best = probabilities.max(axis=1)
        correct += np.bincount(trial[:active], weights=best, minlength=trials)
        certain += np.bincount(trial[:active], weights=best > CERTAIN, minlength=trials)
        guesser.see(arms, probabilities)
        counts[np.arange(active), arms] += 1
        following = chain.following[state[:active], arms]
        fresh = rng.choice(chain.starts, size=active)
        state[:active] = np.where(following < 0, fresh, following)
    in_place = np.empty_like(counts)
    in_place[order] = counts
    return sizes, in_place.reshape(trials, strata, -1), correct, certain


def _batches(simulations: int, cells_a_trial: int) -> Iterator[tuple[int, int]]:
    size = max(1, _CELLS_A_BATCH // cells_a_trial)
    for start in range(0, simulations, size):
        batch = min(size, simulations - start)
        yield start + batch, batch


def _stratum_sizes(
    total: int, strata: int, trials: int, shares: Numbers | None, rng: np.random.Generator
) -> Indices:
    if shares is not None:
        return rng.multinomial(total, shares, size=trials).astype(np.intp)
    even = np.full(strata, total // strata, dtype=np.intp)
    even[: total % strata] += 1
    return np.tile(even, (trials, 1))


def _subjects(design: RandomizationDesign, subjects: int | None) -> int:
    total = subjects if subjects is not None else design.subjects
    if total is None:
        return len(design.strata()) * (design.subjects_per_stratum or 0)
    if total < 1:
        raise AssessmentError(
            expected="at least 1 subject", found=str(total), next_step="Give the trial's total number."
        )
    return total


def _stratum_shares(design: RandomizationDesign, weights: Mapping[str, Mapping[str, float]]) -> Numbers:
    for factor, levels in weights.items():
        known = design.factors.get(factor, ())
        unknown = [factor] if factor not in design.factors else sorted(set(levels) ^ set(known))
        if unknown:
            raise UnknownLevelError(
                expected="one weight for each level of a factor of the design",
                found=written(unknown[0]),
                where=factor,
                next_step="Give every level of the factor a weight, and no other.",
            )
        if not all(0 < weight < float("inf") for weight in levels.values()):
            raise AssessmentError(
                expected="weights above 0",
                found="another one",
                where=factor,
                next_step="Correct the weights.",
            )
    chances = [
        np.prod([float(weights[name][level]) for name, level in stratum.levels.items() if name in weights])
        for stratum in design.strata()
    ]
    shares: Numbers = np.array(chances) / np.sum(chances)
    return shares


def _summary(
    design: RandomizationDesign, run: _Run, total: int, simulations: int, seed: int
) -> DesignProperties:
    guessing = _guessing_table(design, run, total, simulations)
    overall, imbalance = _imbalance_table(design, run)
    one_length = design.block_lengths is None or len(design.block_lengths) == 1
    used = guessing[guessing["method"] == ("closed form" if one_length else "simulated")]
    found = used.set_index("quantity")["estimate"]
    slots = design.subjects_per_stratum or 0
    return DesignProperties(
        design,
        total,
        simulations,
        seed,
        float(found["correct_guess_probability"]),
        float(found["deterministic_share"]),
        float((run.sizes > slots).any(axis=1).mean()),
        (int(run.sizes.min()), int(run.sizes.max())),
        guessing,
        imbalance,
        overall,
    )


def _guessing_table(design: RandomizationDesign, run: _Run, total: int, simulations: int) -> pd.DataFrame:
    rows: list[dict[str, Any]] = []
    lengths = (None,) if design.block_lengths is None else design.block_lengths
    exact = np.array([fixed_block_guessing(design.arms, length) for length in lengths])
    slots = [length or 1 for length in lengths]
    simulated = {"correct_guess_probability": run.correct, "deterministic_share": run.certain}
    for column, (name, per_trial) in enumerate(simulated.items()):
        shares = per_trial / total
        rows += [
            {
                "quantity": name,
                "method": "closed form",
                "knows": "where each block begins and ends",
                "over": "whole blocks",
                # In the long run a slot lies in a block of some length in proportion to that length.
                "estimate": float(np.average(exact[:, column], weights=slots)),
                "standard_error": 0.0,
            },
            {
                "quantity": name,
                "method": "simulated",
                "knows": "which lengths are in use",
                "over": f"{total} subjects",
                "estimate": float(shares.mean()),
                "standard_error": float(shares.std(ddof=1) / np.sqrt(simulations)),
            },
        ]
    return pd.DataFrame(rows)


def _imbalance_table(design: RandomizationDesign, run: _Run) -> tuple[Numbers, pd.DataFrame]:
    strata = design.strata()
    ratios = np.array([design.arms[arm] for arm in sorted(design.arms)], dtype=float)
    longest = np.inf if design.block_lengths is None else max(design.block_lengths)
    bound = float(longest) / float(ratios.sum())
    scopes: list[tuple[str, str, str, list[int]]] = [("overall", "", "", list(range(len(strata))))]
    for factor, levels in design.factors.items():
        for level in levels:
            members = [place for place, stratum in enumerate(strata) if stratum.levels[factor] == level]
            scopes.append(("factor level", factor, level, members))
    scopes += [("stratum", "", stratum.label, [place]) for place, stratum in enumerate(strata)]
    rows, overall = [], np.empty(0)
    for scope, factor, level, members in scopes:
        spread = _spread(run.counts[:, members].sum(axis=1) / ratios)
        overall = spread if scope == "overall" else overall
        quantiles = {
            name: float(np.quantile(spread, share, method="inverted_cdf"))
            for name, share in _QUANTILES.items()
        }
        rows.append(
            {
                "scope": scope,
                "factor": factor,
                "level": level,
                "subjects_mean": float(run.sizes[:, members].sum(axis=1).mean()),
                "mean": float(spread.mean()),
                **quantiles,
                "maximum": float(spread.max()),
                "bound": bound * len(members),
            }
        )
    return overall, pd.DataFrame(rows)


def _spread(standardized: npt.NDArray[np.float64]) -> Numbers:
    """Largest less smallest number of subjects per unit of ratio; for 1:1 the difference in numbers."""
    spread: Numbers = standardized.max(axis=1) - standardized.min(axis=1)
    return spread
