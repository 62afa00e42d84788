"""The effect of receiving a treatment among those who comply, by two-stage least squares."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from trialkit.stats import display
from trialkit.stats.columns import read_column, require_columns
from trialkit.stats.design import Design, build_design, require_residual_variance
from trialkit.stats.distributions import FloatArray, f_p_value
from trialkit.stats.errors import DataError
from trialkit.stats.inference import FixedDegreesOfFreedom, Inference, check_choice, check_confidence_level
from trialkit.stats.row_table import row_table
from trialkit.stats.rows import Rows
from trialkit.stats.showing import Printed
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd

IvErrors = Literal["model", "robust"]
IV_ERRORS: tuple[IvErrors, ...] = get_args(IvErrors)
WEAK = 10.0
"""First-stage F below this: the interval cannot be trusted (Staiger and Stock)."""


@dataclass(frozen=True, repr=False, eq=False)
class ComplierEffect(Printed):
    """A complier-average effect.

    Attributes
    ----------
    effect
        One row: contrast estimate standard_error df statistic p_value ci_lower ci_upper, of a unit of what
        was received.
    coefficients
        The same of every term of the second stage.
    first_stage
        One row: estimate (what allocation changes in what is received, given the covariates) standard_error
        df_num df_den statistic p_value: the F test of the instrument.
    intention_to_treat
        The effect of allocation itself on the same rows, by least squares.
    """

    effect: pd.DataFrame
    coefficients: pd.DataFrame
    first_stage: pd.DataFrame
    intention_to_treat: pd.DataFrame
    errors: IvErrors
    formula: str
    rows: Rows
    design: Design = field(repr=False)
    fitted_values: FloatArray = field(repr=False)

    @property
    def fitted(self) -> pd.Series[float]:
        """The second stage at what was really received, of the rows used, on the index of the data.

        Equivalent in R: ``fitted(AER::ivreg(...))``.
        """
        return self._on_rows(self.fitted_values, "fitted")

    @property
    def residuals(self) -> pd.Series[float]:
        """Observed minus fitted, on the index of the data.

        Equivalent in R: ``residuals(AER::ivreg(...))``.
        """
        assert self.design.y is not None
        return self._on_rows(self.design.y - self.fitted_values, "residual")

    def _on_rows(self, values: FloatArray, name: str) -> pd.Series[float]:
        import pandas as pd

        return pd.Series(values, index=self.design.index, name=name)

    @property
    def weak(self) -> bool:
        """Whether the first-stage F is below 10."""
        return bool(self.first_stage["statistic"].iloc[0] < WEAK)

    def _shown(self) -> display.Shown:
        tables = (
            ("Complier-average effect", self.effect),
            ("First stage", self.first_stage),
            ("Intention to treat, same rows", self.intention_to_treat),
        )
        lines = [self.rows.sentence()]
        if self.weak:
            lines.insert(
                0, "allocation hardly changes what is received (F below 10): the interval cannot be trusted"
            )
        return display.Shown(
            f"Two-stage least squares: {self.formula}, {self.errors} errors", tables, tuple(lines)
        )


def complier_effect(
    formula: str,
    data: pd.DataFrame,
    received: str,
    treatment: str,
    reference: Hashable,
    errors: IvErrors = "model",
    confidence_level: float = 0.95,
) -> ComplierEffect:
    """Effect of the treatment received in those who take it when allocated to it and not otherwise.

    Parameters
    ----------
    formula
        Outcome and baseline covariates, without the treatment: ``"chg ~ base + site"``; ``"chg ~ 1"``
        without any.
    data
        One row a subject; rows with a missing value are left out and counted.
    received
        Column of what was received: 0/1 or true/false, or an amount (sessions, share of the dose).
    treatment, reference
        Column of the allocated arm, of two values, and the one whose subjects are controls.
    errors
        ``"model"``: one residual variance. ``"robust"``: sandwich (HC0).
    confidence_level
        Of every interval; t with n minus the number of coefficients df.

    Returns
    -------
    ComplierEffect
        ``effect``, ``first_stage`` (with its F), ``intention_to_treat``, ``coefficients``, ``weak``.

    Raises
    ------
    DataError
        Not exactly two arms, a received column that is no number, allocation that changes nothing in what is
        received.
    FormulaError, RankDeficiencyError
        As ``build_design``.

    Degenerate cases
    ----------------
    Without covariates it is Wald's ratio: the difference in outcome over the difference in what was
    received. With perfect compliance it is the intention-to-treat difference.

    Assumes that allocation is random and acts on the outcome through what is received only (exclusion), and
    that nobody does the opposite of the allocation (no defiers).

    Equivalent in R: ``AER::ivreg(chg ~ received + base | arm + base)``. In SAS: ``PROC SYSLIN 2SLS``; in
    Stata: ``ivregress 2sls, small``.

    References
    ----------
    Angrist, Imbens & Rubin (1996), Journal of the American Statistical Association 91:444-455. Staiger &
    Stock (1997), Econometrica 65:557-586.
    """
    check_choice("errors", errors, IV_ERRORS)
    check_confidence_level(confidence_level)
    require_columns(data, (received, treatment), "complier_effect")
    design = build_design(formula, data, extra=(received, treatment), count_by=(treatment,))
    if treatment in design.formula.columns or received in design.formula.columns:
        raise DataError(
            expected="a formula of outcome and baseline covariates only",
            found=said("{name!r} in it", name=treatment if treatment in design.formula.columns else received),
            next_step="Leave it out there: it is named by its own argument.",
        )
    if design.intercept != "estimated":
        raise DataError(expected="a formula with an intercept", found=design.formula.text)
    allocated, contrast = _allocated(design, treatment, reference)
    taken = _received(design, received)
    return _estimated(design, allocated, taken, received, contrast, errors, confidence_level)


def _allocated(design: Design, treatment: str, reference: Hashable) -> tuple[FloatArray, str]:
    column = read_column(design.column(treatment), treatment, as_factor=True)
    assert column.codes is not None
    levels = [(column.levels or ())[code] for code in np.unique(column.codes)]
    if len(levels) != 2 or reference not in levels:
        raise DataError(
            expected=said("two arms, one of them the reference {reference!r}", reference=reference),
            found=said("{count} among the rows used", count=len(levels)),
            where=said("column {name!r}", name=treatment),
        )
    test = next(level for level in levels if level != reference)
    position = (column.levels or ()).index(test)
    return (column.codes == position).astype(float), f"{test} - {reference}"


def _received(design: Design, received: str) -> FloatArray:
    column = read_column(design.column(received), received)
    if column.numbers is not None:
        return column.numbers
    if column.levels is not None and set(column.levels) <= {False, True}:
        assert column.codes is not None
        return np.array([float(bool(column.levels[code])) for code in column.codes])
    raise DataError(
        expected="what was received as 0/1, true/false or an amount",
        found="categories",
        where=said("column {name!r}", name=received),
        next_step="Code it as 1 where the treatment was received.",
    )


def _estimated(
    design: Design,
    allocated: FloatArray,
    taken: FloatArray,
    received: str,
    contrast: str,
    errors: IvErrors,
    confidence_level: float,
) -> ComplierEffect:
    assert design.y is not None
    instruments = np.column_stack([allocated, design.X])
    df = float(design.n - instruments.shape[1])
    if df < 1:
        raise DataError(expected="more rows than coefficients", found=said("{n} rows", n=design.n))
    first = _least_squares(taken, instruments)
    error = float(np.sqrt(first[1][0, 0]))
    change = float(first[0][0])
    if abs(change) <= 1e-10 * (np.abs(taken).max() or 1.0):
        raise DataError(
            expected="an allocation that changes what is received",
            found="none, given the covariates",
            where=said("column {name!r}", name=received),
            next_step="Check the coding of what was received.",
        )
    regressors = np.column_stack([taken, design.X])
    projected = instruments @ np.linalg.lstsq(instruments, regressors, rcond=None)[0]
    coefficients = np.asarray(np.linalg.lstsq(projected, design.y, rcond=None)[0], dtype=float)
    bread, left = np.linalg.inv(projected.T @ projected), design.y - regressors @ coefficients
    require_residual_variance(design, float(left @ left))
    usual = covariance = np.asarray(bread * float(left @ left) / df)
    if errors == "robust":
        scores = projected * left[:, None]
        covariance = np.asarray(bread @ (scores.T @ scores) @ bread)
    rule = FixedDegreesOfFreedom(df)
    rows = np.eye(len(coefficients))
    table = Inference(coefficients, covariance, rule, usual).numbers(rows, confidence_level=confidence_level)
    whole = Inference(*_least_squares(design.y, instruments), rule).numbers(
        rows[:1], confidence_level=confidence_level
    )
    f = (change / error) ** 2 if error > 0 else float("inf")
    return ComplierEffect(
        effect=_named({name: values[:1] for name, values in table.items()}, "contrast", [contrast]),
        coefficients=_named(table, "term", [received, *design.column_names]),
        first_stage=_first_stage(change, error, df, f),
        intention_to_treat=_named(whole, "contrast", [contrast]),
        errors=errors,
        formula=f"{design.formula.text} by {received}, instrument allocation",
        rows=design.rows,
        design=design,
        fitted_values=np.asarray(regressors @ coefficients),
    )


def _least_squares(y: FloatArray, X: FloatArray) -> tuple[FloatArray, FloatArray]:
    inverse = np.linalg.inv(X.T @ X)
    coefficients = np.asarray(np.linalg.lstsq(X, y, rcond=None)[0], dtype=float)
    left = y - X @ coefficients
    return coefficients, np.asarray(inverse * float(left @ left) / (len(y) - X.shape[1]))


def _first_stage(change: float, error: float, df: float, f: float) -> pd.DataFrame:
    row = {"estimate": change, "standard_error": error, "df_num": 1.0, "df_den": df, "statistic": f}
    return row_table([{**row, "p_value": f_p_value(f, 1.0, df) if np.isfinite(f) else 0.0}])


def _named(table: Mapping[str, FloatArray], name: str, values: list[str]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame({name: values, **table})
