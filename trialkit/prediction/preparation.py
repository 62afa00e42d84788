"""From raw features to standardized columns: every step is fitted on the rows it is given, on no others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from trialkit.prediction.arrays import Floats, Ints, Matrix
from trialkit.prediction.errors import PredictionError
from trialkit.prediction.plan import PredictionPlan
from trialkit.stats.transforms import spline_basis
from trialkit.wording import said


@dataclass(frozen=True)
class Term:
    """A feature itself, the indicator of one of its levels (by index), or a column of its spline.

    ``curve``: from 1, which column of the restricted cubic spline with ``knots`` (``rms::rcspline.eval``,
    norm 2); 0 of the feature itself, which is the spline's first column.
    """

    feature: str
    level: int | None = None
    knots: tuple[float, ...] = ()
    curve: int = 0

    def values(self, raw: Floats) -> Floats:
        if self.level is not None:
            return np.asarray(raw == self.level, dtype=float)
        return np.asarray(spline_basis(raw, self.knots)[:, self.curve] if self.curve else raw, dtype=float)


@dataclass(frozen=True)
class Column:
    """One column of the design: a term, or the product of the arm with one."""

    name: str
    terms: tuple[Term, ...]

    @property
    def curve(self) -> bool:
        """Whether it is a spline's column beyond the first."""
        return len(self.terms) == 1 and self.terms[0].curve > 0

    def values(self, features: Mapping[str, Floats]) -> Floats:
        product: Floats | None = None
        for term in self.terms:
            value = term.values(features[term.feature])
            product = value if product is None else product * value
        assert product is not None
        return product


def columns_of(plan: PredictionPlan) -> tuple[Column, ...]:
    """Every candidate column: a number as it is, a category as indicators of all levels but the first."""
    columns: list[Column] = []
    by_feature: dict[str, list[Column]] = {}
    for feature in plan.features:
        if feature.kind == "number":
            made = [Column(feature.name, (Term(feature.name),))]
            made += [
                Column(f"{feature.name} curve {i}", (Term(feature.name, None, feature.knots, i),))
                for i in range(1, len(feature.knots) - 1)
            ]
        else:
            made = [
                Column(f"{feature.name}={level}", (Term(feature.name, i),))
                for i, level in enumerate(feature.levels)
                if i
            ]
        by_feature[feature.name] = made
        columns += made
    if plan.arm.role != "absent":
        arm = Column(ARM, (Term(ARM),))
        columns.append(arm)
        for name in plan.arm.modifies:
            columns += [Column(f"{ARM} x {c.name}", (*arm.terms, *c.terms)) for c in by_feature[name]]
    return tuple(columns)


ARM = "arm"
"""The arm as a feature: 1 for the arm that is not the plan's reference."""


@dataclass(frozen=True)
class Prepared:
    """What was learnt from the training rows, enough to prepare anybody else's."""

    fill: dict[str, float]
    columns: tuple[Column, ...]
    mean: Floats
    scale: Floats
    dropped: tuple[tuple[str, str], ...]

    def matrix(self, values: Mapping[str, Floats]) -> Matrix:
        """Standardized columns of any subjects, missing values filled as the training data said."""
        filled = {
            name: np.where(np.isnan(column), self.fill[name], column) if name in self.fill else column
            for name, column in values.items()
        }
        raw = np.column_stack([c.values(filled) for c in self.columns])
        return (raw - self.mean) / self.scale

    def keep(self, chosen: Any) -> Prepared:
        """The same with some of the columns."""
        index = np.asarray(chosen, dtype=int)
        return Prepared(
            self.fill,
            tuple(self.columns[i] for i in index),
            self.mean[index],
            self.scale[index],
            self.dropped,
        )


def prepare(
    values: Mapping[str, Floats], weights: Floats, plan: PredictionPlan, reliability: Mapping[str, float]
) -> Prepared:
    """Fill, drop what two readers do not agree on, what does not vary and what repeats another; standardize.

    Of two columns correlated beyond the plan's limit the one that stands later in the plan goes; a spline
    goes or stays with its first column.
    """
    seen = weights > 0
    fill = {name: _fill(column[seen], plan, name) for name, column in values.items()}
    filled = {name: np.where(np.isnan(column), fill[name], column) for name, column in values.items()}
    dropped: list[tuple[str, str]] = []
    columns, kept = [], []
    for column in columns_of(plan):
        features = [t.feature for t in column.terms]
        poor = [f for f in features if reliability.get(f, 1.0) < plan.preparation.icc_lower_limit]
        vector = column.values(filled)
        if poor:
            dropped.append((column.name, "two readers agree too little"))
        elif np.ptp(vector[seen]) == 0:
            dropped.append((column.name, "constant in these rows"))
        else:
            columns.append(column)
            kept.append(vector)
    if not kept:
        raise PredictionError(
            expected=said("a candidate that varies and that readers agree on"),
            found="none",
            where=", ".join(f"{name}: {why}" for name, why in dropped[:5]),
            next_step="More candidates, or another limit in the plan.",
        )
    matrix = np.column_stack(kept)
    mean = np.average(matrix[seen], axis=0)
    scale = matrix[seen].std(axis=0)
    prepared = Prepared(fill, tuple(columns), mean, scale, ())
    chosen, repeats = _without_repeats((matrix[seen] - mean) / scale, columns, plan)
    return Prepared(fill, *_parts(prepared.keep(chosen)), (*dropped, *repeats))


def _parts(prepared: Prepared) -> tuple[tuple[Column, ...], Floats, Floats]:
    return prepared.columns, prepared.mean, prepared.scale


def _fill(column: Floats, plan: PredictionPlan, name: str) -> float:
    present = column[~np.isnan(column)]
    if not len(present):
        return 0.0
    if name == ARM or plan.feature(name).kind == "category":
        levels, counts = np.unique(present, return_counts=True)
        return float(levels[np.argmax(counts)])
    return float(np.median(present))


def _without_repeats(
    standard: Matrix, columns: list[Column], plan: PredictionPlan
) -> tuple[list[int], list[tuple[str, str]]]:
    correlation = np.abs(standard.T @ standard) / len(standard)
    chosen: list[int] = []
    dropped: list[tuple[str, str]] = []
    limit = plan.preparation.correlation_limit
    kept: set[str] = set()
    for i, column in enumerate(columns):
        if column.curve:
            if column.terms[0].feature in kept:
                chosen.append(i)
            else:
                dropped.append((column.name, f"goes with {column.terms[0].feature}"))
            continue
        # A product with the arm repeats its parts by construction: the penalty decides there.
        rivals = [
            j for j in chosen if len(columns[j].terms) == len(column.terms) == 1 and not columns[j].curve
        ]
        repeated = [j for j in rivals if correlation[i, j] > limit + 1e-12]
        if repeated:
            dropped.append((column.name, f"repeats {columns[repeated[0]].name}"))
        else:
            chosen.append(i)
            kept.add(column.name)
    return chosen, dropped


def whole_splines(columns: Sequence[Column], chosen: Ints) -> Ints:
    """With one column of a feature's spline all of them: a curve is chosen or left, never a part of it."""
    features = {columns[i].terms[0].feature for i in chosen if len(columns[i].terms) == 1}
    curved = {c.terms[0].feature for c in columns if c.curve} & features
    more = [i for i, c in enumerate(columns) if len(c.terms) == 1 and c.terms[0].feature in curved]
    return np.union1d(chosen, np.array(more, dtype=np.int64)).astype(np.int64)
