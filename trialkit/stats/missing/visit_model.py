"""The imputation model of reference-based methods: an MMRM with one unstructured covariance."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from trialkit.stats.columns import IntArray
from trialkit.stats.design import Design, build_design
from trialkit.stats.distributions import FloatArray
from trialkit.stats.errors import DataError
from trialkit.stats.formula import parse_formula
from trialkit.stats.missing.long_grid import Grid
from trialkit.stats.mixed.marginal import RepeatedMeasures
from trialkit.stats.mixed.optimum import find_maximum
from trialkit.stats.mixed.panel import make_panel
from trialkit.stats.mixed.rotation import Rotation, rotated
from trialkit.stats.mixed.starts import starting_points, why_not
from trialkit.stats.mixed.structures import make_structure
from trialkit.stats.mixed.visits import arrange_visits, require_determined, require_ordered_visits
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd

_ALONE = 1e-8


@dataclass(frozen=True)
class Parameters:
    """Coefficients of the design and the covariance over visits; ``theta`` is the engine's own form."""

    coefficients: FloatArray
    covariance: FloatArray
    theta: FloatArray


@dataclass(frozen=True, eq=False)
class VisitModel:
    """A design fitted to the usable outcomes, with its rows for every subject and visit.

    Attributes
    ----------
    own, reference
        Designs (subjects, visits, p) under each subject's own arm, and under the reference arm.
    subject, visit
        Codes of the rows used.
    levels
        The visits.
    """

    design: Design
    own: FloatArray
    reference: FloatArray
    subject: IntArray
    visit: IntArray
    levels: tuple[Hashable, ...]

    @cached_property
    def maximum(self) -> Parameters:
        """Restricted maximum likelihood from all subjects."""
        return self._fit(np.ones(len(self.subject), dtype=bool), None)

    def without(self, subject: int) -> Parameters:
        """The same with one subject left out."""
        return self._fit(self.subject != subject, self.maximum.theta)

    def require_replicates(self, subjects: Sequence[Hashable]) -> None:
        """Refuse a coefficient that one subject alone determines: without that subject there is no fit."""
        q = np.linalg.qr(self.design.X)[0]
        for code in np.unique(self.subject):
            rows = q[self.subject == code]
            if np.linalg.eigvalsh(np.eye(len(rows)) - rows @ rows.T)[0] < _ALONE:
                raise DataError(
                    expected="coefficients that no subject determines alone, since each is left out in turn",
                    found=said("one that only subject {subjects!r} informs", subjects=subjects[code]),
                    next_step="Merge rare levels of the covariates, or use method='bayes'.",
                )

    @cached_property
    def _rotation(self) -> Rotation:
        return rotated(self.design)

    def _fit(self, rows: Any, near: FloatArray | None) -> Parameters:
        visits = self.own.shape[1]
        panel = make_panel(self._rotation.columns[rows], self.subject[rows], self.visit[rows], visits)
        n, p = int(rows.sum()), self.own.shape[2]
        structure = make_structure("us", visits)
        model = RepeatedMeasures((panel,), structure, n, p, True, self._rotation.log_jacobian)
        state, _ = find_maximum(
            model,
            _starts(model, near),
            "the imputation model",
            lambda theta: why_not(model, theta, self.levels),
        )
        return Parameters(
            coefficients=self._rotation.coefficients(state.coefficients),
            covariance=structure.matrix(state.parameters),
            theta=state.parameters,
        )


def _starts(model: RepeatedMeasures, near: FloatArray | None) -> Iterator[tuple[str, FloatArray]]:
    if near is not None:
        yield "the estimate from all subjects", near
    yield from starting_points(model)


def model_formula(
    data: pd.DataFrame, outcome: str, arm: str, visit: str, covariates: Sequence[str], by_visit: bool
) -> str:
    """``outcome ~ arm * visit + ...``; a covariate named by its column alone may differ between visits."""
    terms = [f"{_quoted(arm)} * {_quoted(visit)}"]
    for term in covariates:
        if term not in data.columns:
            terms.append(term)
        elif by_visit:
            terms.append(f"{_quoted(term)} * {_quoted(visit)}")
        else:
            terms.append(_quoted(term))
    return f"{_quoted(outcome)} ~ " + " + ".join(terms)


def _quoted(name: str) -> str:
    return name if name.isidentifier() else f"`{name}`"


def covariate_columns(formula: str, *known: str) -> tuple[str, ...]:
    """The columns a formula names besides the known ones."""
    return tuple(name for name in parse_formula(formula).columns if name not in known)


def make_visit_model(
    grid: Grid,
    usable: FloatArray,
    formula: str,
    subject: str,
    visit: str,
    outcome: str,
    arm: str,
    reference: Hashable,
) -> VisitModel:
    """Build the designs; ``usable`` is the outcome with NaN where the model may not learn from it.

    Raises
    ------
    FormulaError, DataError, RankDeficiencyError
        As ``build_design`` and ``mmrm``.
    """
    frame = grid.frame.assign(**{outcome: usable.ravel()})
    design = build_design(
        formula,
        frame,
        as_factors=(arm,),
        ordered_factors=(visit,),
        extra=(subject,),
        subject=subject,
        count_by=(arm, visit),
    )
    declared = require_ordered_visits(frame, visit)
    require_determined(arrange_visits(design, declared, subject, None), declared, "us")
    shape = (*grid.outcome.shape, design.X.shape[1])
    position = np.flatnonzero(design.used)
    return VisitModel(
        design=design,
        own=design.matrix_for(frame).reshape(shape),
        reference=design.matrix_for(_in_arm(frame, arm, reference)).reshape(shape),
        subject=position // grid.outcome.shape[1],
        visit=position % grid.outcome.shape[1],
        levels=grid.visits,
    )


def _in_arm(frame: pd.DataFrame, arm: str, reference: Hashable) -> pd.DataFrame:
    """The frame as if every subject were in the reference arm."""
    import pandas as pd

    column: Any = [reference] * len(frame)
    dtype = frame[arm].dtype
    if isinstance(dtype, pd.CategoricalDtype):
        column = pd.Categorical(column, dtype=dtype)
    return frame.assign(**{arm: column})
