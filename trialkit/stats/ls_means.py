"""Rows of coefficients that make LS means and the contrasts between them.

An LS mean is the model's prediction at given levels, averaged over the levels of the other factors with
stated weights, covariates held at their mean over the rows used.

Equivalent in R: ``emmeans(fit, ~ factor | by, weights = "equal" | "proportional" | "cells")`` for
``"equal"``, ``"observed"``, ``"cells"``. In SAS: LSMEANS for ``"equal"``, LSMEANS / OM for ``"cells"``.
References: Searle, Speed & Milliken (1980), The American Statistician 34:216-221.
"""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from trialkit.stats.design import Design
from trialkit.stats.distributions import FloatArray
from trialkit.stats.errors import DataError, NonEstimableError
from trialkit.stats.inference import check_choice
from trialkit.wording import said, written

Weights = Literal["equal", "observed", "cells"]
WEIGHTS: tuple[Weights, ...] = get_args(Weights)


@dataclass(frozen=True)
class MeanRows:
    """LS means as rows of coefficients: ``labels[i]`` gives the level of each of ``names`` for row ``i``."""

    names: tuple[str, ...]
    labels: tuple[tuple[Hashable, ...], ...]
    rows: FloatArray


@dataclass(frozen=True)
class ContrastRows:
    """Contrasts as rows: the text of each, and the levels of the ``by`` factors it is made within."""

    texts: tuple[str, ...]
    by: tuple[str, ...]
    by_labels: tuple[tuple[Hashable, ...], ...]
    rows: FloatArray


def names_of(value: str | Sequence[str] | None) -> tuple[str, ...]:
    """One name or several as a tuple; None as none."""
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)


def mean_rows(design: Design, factor: Sequence[str], by: Sequence[str], weights: Weights) -> MeanRows:
    """Rows for every combination of levels of ``factor`` and ``by``; ``by`` varies slowest.

    Raises
    ------
    DataError
        A name that is not a factor of the model, the same name twice, or unknown weights.
    NonEstimableError
        ``weights="cells"`` for a combination of levels without rows.
    """
    check_choice("weights", weights, WEIGHTS)
    names = (*factor, *by)
    _require_factors(design, names)
    slow_first = (*by, *factor)
    combinations = list(itertools.product(*(range(len(design.factors[n].levels)) for n in slow_first)))
    codes = np.array(combinations, dtype=np.intp).reshape(len(combinations), len(slow_first))
    others = tuple(name for name in design.factors if name not in names)
    if weights == "equal" or not others:
        rows = _equal_rows(design, slow_first, codes, others)
    elif weights == "observed":
        rows = _observed_rows(design, slow_first, codes, others)
    else:
        rows = np.vstack([_cell_row(design, slow_first, target, others) for target in codes])
    order = [slow_first.index(name) for name in names]
    labels = tuple(
        tuple(design.factors[names[i]].levels[combination[place]] for i, place in enumerate(order))
        for combination in combinations
    )
    return MeanRows(names, labels, rows)


def contrast_rows(
    design: Design, factor: str, by: Sequence[str], reference: Hashable | None, weights: Weights = "equal"
) -> ContrastRows:
    """Rows for every level of ``factor`` minus ``reference``, within every combination of ``by``.

    Made once for designs that differ in the outcome alone.

    Raises
    ------
    DataError
        As ``mean_rows``, or a reference that is not a level of the factor.
    """
    asked = (factor, tuple(by), reference, weights)
    if asked not in design.contrasts_made:
        design.contrasts_made[asked] = _contrast_rows(design, factor, by, reference, weights)
    found: ContrastRows = design.contrasts_made[asked]
    return found


def _contrast_rows(
    design: Design, factor: str, by: Sequence[str], reference: Hashable | None, weights: Weights = "equal"
) -> ContrastRows:
    means = mean_rows(design, (factor,), by, weights)
    levels = design.factors[factor].levels
    base = design.factors[factor].reference if reference is None else reference
    if base not in levels:
        raise DataError(
            expected=said("a reference among the levels {levels}", levels=", ".join(map(str, levels))),
            found=written(reference),
            where=said("factor {factor!r}", factor=factor),
            next_step="Name one of those levels.",
        )
    position, k = levels.index(base), len(levels)
    texts, by_labels, rows = [], [], []
    for start in range(0, len(means.rows), k):
        for i, level in enumerate(levels):
            if i != position:
                texts.append(f"{level} - {base}")
                by_labels.append(means.labels[start][1:])
                rows.append(means.rows[start + i] - means.rows[start + position])
    return ContrastRows(tuple(texts), tuple(by), tuple(by_labels), np.vstack(rows))


def _require_factors(design: Design, names: tuple[str, ...]) -> None:
    known = ", ".join(design.factors) or "none"
    for name in names:
        if name not in design.factors:
            raise DataError(
                expected=said("factors of the model: {known}", known=known),
                found=written(name),
                next_step="Name a text, categorical or bool column of the formula; wrap numbers in C().",
            )
    if not names or len(set(names)) != len(names):
        raise DataError(expected="each factor named once", found=", ".join(names) or "no factor")


def _setting(
    design: Design, targets: tuple[str, ...], codes: npt.NDArray[np.intp], rest: dict[str, Any]
) -> dict[str, Any]:
    setting: dict[str, Any] = {name: np.full(len(codes), m) for name, m in design.covariate_means.items()}
    setting |= {name: codes[:, i] for i, name in enumerate(targets)}
    return setting | rest


def _equal_rows(
    design: Design, targets: tuple[str, ...], codes: npt.NDArray[np.intp], others: tuple[str, ...]
) -> FloatArray:
    """Equal weights factorize over factors, so no grid is needed: each other factor sits at 1/k of each
    level.
    """
    sizes = {name: len(design.factors[name].levels) for name in others}
    rest = {name: np.full((len(codes), k), 1.0 / k) for name, k in sizes.items()}
    return design.matrix_at(_setting(design, targets, codes, rest))


def _observed_rows(
    design: Design, targets: tuple[str, ...], codes: npt.NDArray[np.intp], others: tuple[str, ...]
) -> FloatArray:
    """Weights are how often each combination of the other factors occurs among the rows used."""
    found, counts = _combinations(design, others, np.ones(design.n, dtype=bool))
    crossed = np.repeat(codes, len(found), axis=0)
    tiled = np.tile(found, (len(codes), 1))
    rest = {name: tiled[:, i] for i, name in enumerate(others)}
    grid = design.matrix_at(_setting(design, targets, crossed, rest))
    stacked = grid.reshape(len(codes), len(found), -1)
    return np.asarray(np.einsum("tcp,c->tp", stacked, counts / counts.sum()))


def _cell_row(
    design: Design, targets: tuple[str, ...], target: npt.NDArray[np.intp], others: tuple[str, ...]
) -> FloatArray:
    """Weights are how often each combination of the other factors occurs at these very levels."""
    here = np.ones(design.n, dtype=bool)
    for i, name in enumerate(targets):
        here &= design.settings[name] == target[i]
    if not here.any():
        raise NonEstimableError(
            expected="rows in every combination of the factors asked for, since the weights are their counts",
            found=said("a combination of {targets} without rows", targets=", ".join(targets)),
            next_step="Ask for weights='equal' or 'observed', or for fewer factors.",
        )
    found, counts = _combinations(design, others, here)
    repeated = np.tile(target, (len(found), 1))
    rest = {name: found[:, i] for i, name in enumerate(others)}
    grid = design.matrix_at(_setting(design, targets, repeated, rest))
    return np.asarray(counts / counts.sum() @ grid)


def _combinations(
    design: Design, names: tuple[str, ...], here: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.intp], FloatArray]:
    codes = np.column_stack([design.settings[name][here] for name in names])
    found, counts = np.unique(codes, axis=0, return_counts=True)
    return found, counts.astype(float)
