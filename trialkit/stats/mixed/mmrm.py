"""Mixed model for repeated measures: a covariance matrix over visits, and small-sample degrees of freedom."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from trialkit.stats import display
from trialkit.stats.columns import require_columns
from trialkit.stats.design import Design, build_design
from trialkit.stats.distributions import FloatArray
from trialkit.stats.errors import DataError
from trialkit.stats.inference import FixedDegreesOfFreedom, Inference, check_choice, check_confidence_level
from trialkit.stats.mixed.df_rules import between_within, require_more_subjects, small_sample_inference
from trialkit.stats.mixed.mixed_fit import METHODS, Method, MixedFit, require_restricted
from trialkit.stats.mixed.residuals import RESIDUALS, ResidualKind, standardized_residuals
from trialkit.stats.mixed.rotation import Rotation
from trialkit.stats.mixed.state import MixedState
from trialkit.stats.mixed.structure_search import first_fitted
from trialkit.stats.mixed.structures import LAG_STRUCTURES, STRUCTURES, StructureName
from trialkit.stats.mixed.visits import Visits, arrange_visits, require_ordered_visits
from trialkit.stats.stated_order import require_stated_order
from trialkit.stats.treatment import treatment_arguments

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

DfMethod = Literal["kenward-roger-linear", "kenward-roger", "satterthwaite", "residual", "between-within"]
DF_METHODS: tuple[DfMethod, ...] = get_args(DfMethod)


@dataclass(frozen=True, repr=False, eq=False)
class MmrmFit(MixedFit):
    """A fitted mixed model for repeated measures.

    Attributes
    ----------
    structure
        Name of the covariance structure.
    df_method
        Name of the rule for degrees of freedom.
    covariance
        Visit x visit DataFrame; with ``group``, a dict of one a group.
    not_fitted
        Structures tried before ``structure``, in order, each with the reason why it was passed over.
    """

    structure: StructureName
    df_method: DfMethod
    covariance: pd.DataFrame | dict[Hashable, pd.DataFrame]
    not_fitted: tuple[tuple[StructureName, str], ...]
    visits: Visits = field(repr=False)
    matrices: tuple[FloatArray, ...] = field(repr=False)

    @property
    def title(self) -> str:
        return f"MMRM: {self.design.formula.text} ({self.structure}, {self.method}, {self.df_method})"

    @property
    def aicc(self) -> float:
        """AIC corrected for small samples, as SAS: rows count, less the coefficients under REML."""
        d = self.n_counted_parameters
        rows = self.n - (len(self.design.column_names) if self.method == "reml" else 0)
        return self.aic + 2.0 * d * (d + 1) / (rows - d - 1) if rows > d + 1 else float("inf")

    @property
    def correlation(self) -> pd.DataFrame | dict[Hashable, pd.DataFrame]:
        """``covariance`` scaled to correlations."""
        if isinstance(self.covariance, dict):
            return {label: _correlations(table) for label, table in self.covariance.items()}
        return _correlations(self.covariance)

    def residuals(self, kind: ResidualKind = "response") -> pd.Series[float]:
        """Observed minus fitted, one a row used.

        ``"pearson"`` divides by the visit's standard deviation; ``"normalized"`` multiplies with the inverse
        Cholesky factor of the subject's covariance, so that they are uncorrelated if the model holds.

        Equivalent in R: ``residuals(fit, type = kind)``.
        """
        import pandas as pd

        check_choice("kind", kind, RESIDUALS)
        assert self.design.y is not None
        raw = self.design.y - self.design.X @ self.inference.coefficients
        values = raw if kind == "response" else standardized_residuals(raw, self.visits, self.matrices, kind)
        return pd.Series(values, index=self.design.index, name=kind)

    def plot_means(self, factor: str | None = None) -> Figure:
        """LS means of ``factor`` (the treatment where None) over the visits, with their intervals.

        Raises
        ------
        DataError
            No factor to show, a visit that is not in the formula, a mean that is not estimable.
        """
        from trialkit.stats.mixed import means_picture

        shown = self.default_factor if factor is None else factor
        visit = next((name for name in self.design.factors if self._is_visit(name)), None)
        if shown is None or visit is None:
            raise DataError(
                expected="a factor to show over the visits of the formula",
                found="no factor" if shown is None else "a formula without the visit",
                next_step="Say plot_means('arm'), and have arm * visit in the formula.",
            )
        outcome = self.design.formula.text.split("~")[0].strip()
        return means_picture.figure(self.ls_means(shown, by=visit), shown, visit, outcome)

    def _shown(self) -> display.Shown:
        shown = super()._shown()
        parts: list[tuple[str, Callable[[], pd.DataFrame]]] = []
        if self.design.terms:
            parts.append(("Type III tests", lambda: self.terms))
        if self.default_factor is not None and self.default_factor in self.design.factors:
            by = next((n for n in self.design.factors if self._is_visit(n)), None)
            parts.append((f"LS means of {self.default_factor}", lambda: self.ls_means(by=by)))
            parts.append(("Differences of LS means", lambda: self.contrasts(by=by)))
        made, refused = display.gather(parts)
        tables = [*shown.tables, *made]
        found = self.covariance if isinstance(self.covariance, dict) else {None: self.covariance}
        for label, table in found.items():
            heading = "Covariance over visits" + ("" if label is None else f", {label}")
            tables.append((heading, table.rename_axis(columns=None).reset_index()))
        passed = [f"{name} was not fitted: {why}" for name, why in self.not_fitted]
        return display.Shown(shown.title, tuple(tables), (*refused, *passed, self._fit_line(), *shown.lines))

    def _is_visit(self, name: str) -> bool:
        return self.design.factors[name].levels == self.visits.levels


def mmrm(
    formula: str,
    data: pd.DataFrame,
    subject: str,
    visit: str,
    covariance: StructureName | Sequence[StructureName] = "us",
    group: str | None = None,
    method: Method = "reml",
    df_method: DfMethod = "kenward-roger-linear",
    treatment: str | None = None,
    reference: Hashable | None = None,
    confidence_level: float = 0.95,
) -> MmrmFit:
    """Fit a mixed model for repeated measures: fixed effects, and a covariance matrix over visits.

    Parameters
    ----------
    formula
        ``"chg ~ base * visit + site + arm * visit"``; text, categorical and bool columns are factors, and so
        is the visit.
    data
        One row a subject and visit; rows with a missing value are left out and counted.
    subject, visit
        Columns. Visits are numbers or ordered by a categorical; plain text is refused.
    covariance
        ``"us"`` unstructured; ``"cs"`` compound symmetry, ``"ar1"`` first-order autoregressive, ``"toep"``
        Toeplitz, ``"ad"`` ante-dependence, each with one variance, or with ``h`` appended with one a visit.
        A list is an order to fall back in, ``["us", "toeph", "csh"]`` as the plan states it: the first that
        the data determine and whose fit converges is returned, the others are named in ``not_fitted``.
    group
        Column whose values have covariances of their own.
    method
        Restricted or full maximum likelihood.
    df_method
        ``"kenward-roger-linear"`` adjusts the covariance of the coefficients without second derivatives
        (what SAS computes for an unstructured covariance); ``"kenward-roger"`` with them, in the
        parameterization of R's mmrm; ``"satterthwaite"``, ``"between-within"`` and ``"residual"`` (rows
        minus columns) leave it unadjusted.
    treatment, reference
        The factor that LS means and contrasts are of when none is named, and its reference level.
    confidence_level
        Of every interval.

    Returns
    -------
    MmrmFit
        ``coefficients``, ``covariance``, ``terms``, ``ls_means("arm", by="visit")``,
        ``contrasts("arm", by="visit")``, ``aic``, ``rows``, ``convergence`` ...

    Raises
    ------
    FormulaError, DataError, RankDeficiencyError
        As ``build_design`` (a visit without data in an arm leaves empty columns, which are named); plain-text
        visits, a subject with two rows at a visit, a pair of visits no subject was seen at (``us``), a visit
        without rows that a step-counting structure would skip, Kenward-Roger without REML.
    ConvergenceError
        No start led to a maximum with a vanishing gradient and a positive definite information, under none of
        the structures.

    Degenerate cases: a subject with one visit contributes to that visit's mean and variance.

    Equivalent in R: ``mmrm::mmrm(y ~ ... + us(visit | subject), method = "Kenward-Roger",
    vcov = "Kenward-Roger-Linear")``. In SAS: ``PROC MIXED; REPEATED visit / SUBJECT=subject TYPE=UN;
    MODEL ... / DDFM=KR``.

    References: Mallinckrodt et al. (2008), Drug Information Journal 42:303-319; Kenward & Roger (1997),
    Biometrics 53:983-997.
    """
    check_confidence_level(confidence_level)
    structures = _in_order(covariance)
    check_choice("method", method, METHODS)
    check_choice("df_method", df_method, DF_METHODS)
    require_restricted(method, df_method)
    columns = (subject, visit, *(() if group is None else (group,)))
    require_columns(data, columns, "mmrm")
    declared = require_ordered_visits(data, visit)
    for structure in structures:
        if structure in LAG_STRUCTURES:
            require_stated_order(data[visit], visit, f"{structure} counts the steps between them", "visits")
    arguments = treatment_arguments(treatment, reference)
    counted = (*arguments.pop("count_by", ()), visit)
    design = build_design(
        formula,
        data,
        ordered_factors=(visit,),
        extra=tuple(dict.fromkeys(columns)),
        subject=subject,
        count_by=counted,
        **arguments,
    )
    visits = arrange_visits(design, declared, subject, group)
    require_more_subjects(design.X, visits.subject, design.intercept == "estimated", subject)
    found = first_fitted(structures, design, visits, declared, method == "reml")
    return MmrmFit(
        design=design,
        inference=_inference(design, visits, found.rotation, found.state, df_method),
        confidence_level=confidence_level,
        log_likelihood=found.state.log_likelihood,
        default_factor=treatment,
        method=method,
        n_covariance_parameters=len(found.state.parameters),
        n_subjects=visits.n_subjects,
        convergence=found.convergence,
        structure=found.structure,
        df_method=df_method,
        covariance=_tables(found.matrices, visits, visit),
        not_fitted=found.not_fitted,
        visits=visits,
        matrices=found.matrices,
    )


def _in_order(covariance: StructureName | Sequence[StructureName]) -> tuple[StructureName, ...]:
    structures = (covariance,) if isinstance(covariance, str) else tuple(covariance)
    for structure in structures:
        check_choice("covariance", structure, STRUCTURES)
    if not structures:
        raise DataError(expected="at least one structure", found="an empty list", where="covariance")
    return structures


def _inference(
    design: Design, visits: Visits, rotation: Rotation, state: MixedState, df_method: DfMethod
) -> Inference:
    root = rotation.unturn @ state.root
    coefficients = rotation.coefficients(state.coefficients)
    n, p = design.X.shape
    if df_method == "residual":
        return Inference(coefficients, root @ root.T, FixedDegreesOfFreedom(n - p))
    if df_method == "between-within":
        rule = between_within(design.X, visits.subject, design.intercept == "estimated")
        return Inference(coefficients, root @ root.T, rule)
    return small_sample_inference(
        coefficients,
        root,
        state.pieces,
        state.observed_information,
        adjusted=df_method != "satterthwaite",
        second_order=state.curvature if df_method == "kenward-roger" else None,
    )


def _tables(
    matrices: tuple[FloatArray, ...], visits: Visits, name: str
) -> pd.DataFrame | dict[Hashable, pd.DataFrame]:
    import pandas as pd

    labels = pd.Index(list(visits.levels), name=name)
    tables = [pd.DataFrame(matrix, index=labels, columns=labels) for matrix in matrices]
    if visits.group_levels == (None,):
        return tables[0]
    return dict(zip(visits.group_levels, tables, strict=True))


def _correlations(table: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    sd = np.sqrt(np.diag(table))
    return pd.DataFrame(table.to_numpy() / np.outer(sd, sd), index=table.index, columns=table.columns)
