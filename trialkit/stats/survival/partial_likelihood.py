"""The Cox partial likelihood: value, score and information, by Efron's or Breslow's handling of ties.

The weighted cross-products of the covariates over all risk sets need no running sums of matrices: a row
enters them once for each cell it is at risk in, so they are one product X' diag(expected) X with each row's
expected events. What is left, products of risk-set means, is summed over cells. The cost is a few passes
over the rows a step.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from trialkit.stats.survival.observations import Floats
from trialkit.stats.survival.risk_sets import RiskSets

Ties = Literal["efron", "breslow"]


@dataclass(frozen=True)
class Hazards:
    """What one value of the coefficients says about every cell and row.

    With f the share of the tied events already removed (0 for Breslow) and D the sum over the events still in
    question, ``inverse`` sums 1/(S - fD) over the tied events of a cell, ``removed`` f/(S - fD), and
    ``square``, ``square_removed``, ``square_removed_twice`` sum 1, f and f^2 over (S - fD)^2.
    """

    weight: Floats
    log_likelihood: float
    total: Floats
    inverse: Floats
    removed: Floats
    square: Floats
    square_removed: Floats
    square_removed_twice: Floats


@dataclass(frozen=True)
class PartialLikelihood:
    """The partial likelihood of arranged rows; ``design`` is centred within strata and scaled."""

    design: Floats
    sets: RiskSets
    ties: Ties

    def hazards(self, coefficients: Floats) -> Hazards:
        predictor = self._centred(self.design @ coefficients)
        weight = np.exp(predictor)
        total = self.sets.over_risk_sets(weight)
        happened = float(predictor[self.sets.event_rows].sum())
        if self.ties == "breslow" or self.sets.deaths.max() == 1:
            deaths = self.sets.deaths
            likelihood = happened - float(deaths @ np.log(total))
            zero = np.zeros_like(total)
            return Hazards(weight, likelihood, total, deaths / total, zero, deaths, zero, zero)
        return self._efron(weight, total, happened)

    def score(self, hazards: Hazards) -> Floats:
        return np.asarray((self.sets.event - self.expected(hazards)) @ self.design)

    def expected(self, hazards: Hazards, by_cell: Floats | None = None) -> Floats:
        """Expected number of events of each row, each cell counted ``by_cell`` times (once if not given)."""
        inverse, removed = hazards.inverse, hazards.removed
        if by_cell is not None:
            inverse, removed = inverse * by_cell, removed * by_cell
        each = self.sets.along_rows(inverse)
        each[self.sets.event_rows] -= removed[self.sets.cell_of_event]
        return np.asarray(hazards.weight * each)

    def sums(self, hazards: Hazards) -> tuple[Floats, Floats]:
        """Weighted covariates summed over the risk set and over the events of every cell, both divided by
        S."""
        weighted, total = self.design * hazards.weight[:, None], hazards.total[:, None]
        return self.sets.over_risk_sets(weighted) / total, self.sets.over_events(weighted) / total

    def information(
        self, hazards: Hazards, sums: tuple[Floats, Floats], by_cell: Floats | None = None
    ) -> Floats:
        """Observed information, each cell counted ``by_cell`` times (once if not given)."""
        over_risk, over_events = sums
        count = np.ones(len(self.sets.deaths)) if by_cell is None else by_cell
        expected = self.expected(hazards, by_cell)
        matrix = self.design.T @ (expected[:, None] * self.design)
        matrix -= over_risk.T @ ((count * hazards.square)[:, None] * over_risk)
        if hazards.square_removed.any():
            cross = over_risk.T @ ((count * hazards.square_removed)[:, None] * over_events)
            matrix += cross + cross.T
            matrix -= over_events.T @ ((count * hazards.square_removed_twice)[:, None] * over_events)
        return (matrix + matrix.T) / 2

    def _centred(self, predictor: Floats) -> Floats:
        """Take the largest predictor of each stratum off: the likelihood is the same and nothing
        overflows."""
        starts = self.sets.row_stratum_start
        if len(starts) == 1:
            return np.asarray(predictor - predictor.max())
        sizes = np.diff(np.append(starts, len(predictor)))
        return np.asarray(predictor - np.repeat(np.maximum.reduceat(predictor, starts), sizes))

    def _efron(self, weight: Floats, total: Floats, happened: float) -> Hazards:
        deaths, cell, first = self.sets.deaths, self.sets.cell_of_event, self.sets.first_event_of_cell
        share = (np.arange(len(cell)) - first[cell]) / deaths[cell]
        tied = self.sets.over_events(weight)
        left = total[cell] - share * tied[cell]
        inverse = 1 / left
        relative = total[cell] / left

        def per_cell(values: Floats) -> Floats:
            return np.add.reduceat(values, first)

        return Hazards(
            weight=weight,
            log_likelihood=happened - float(np.log(left).sum()),
            total=total,
            inverse=per_cell(inverse),
            removed=per_cell(share * inverse),
            square=per_cell(relative**2),
            square_removed=per_cell(share * relative**2),
            square_removed_twice=per_cell((share * relative) ** 2),
        )
