"""What linear mixed models offer beyond every model: criteria and comparison."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from trialkit.numbers import plain
from trialkit.stats import display
from trialkit.stats.distributions import FloatArray, chi_square_p_value
from trialkit.stats.errors import DataError
from trialkit.stats.fit import TEST_COLUMNS, ModelFit
from trialkit.stats.mixed.optimum import Convergence
from trialkit.stats.type_iii import type_iii_rows
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd

Method = Literal["reml", "ml"]
METHODS: tuple[Method, ...] = get_args(Method)
_SAME_SPACE = 1e-8
_ILL_CONDITIONED = 1e8


@dataclass(frozen=True, repr=False, eq=False)
class MixedFit(ModelFit):
    """A fitted linear mixed model.

    Attributes
    ----------
    method
        ``"reml"`` or ``"ml"``.
    n_covariance_parameters
        Number of covariance parameters.
    n_subjects
        Number of subjects with a row used.
    convergence
        The proof of the maximum: iterations, gradient norm, Newton decrement.
    """

    method: Method
    n_covariance_parameters: int
    n_subjects: int
    convergence: Convergence

    @property
    def n_counted_parameters(self) -> int:
        """Parameters the information criteria count: by REML those of the covariance, by ML all."""
        coefficients = 0 if self.method == "reml" else len(self.design.column_names)
        return self.n_covariance_parameters + coefficients

    @property
    def aic(self) -> float:
        return 2.0 * (self.n_counted_parameters - self.log_likelihood)

    @property
    def bic(self) -> float:
        """Schwarz's criterion with the number of subjects, as SAS MIXED and R's mmrm."""
        return math.log(self.n_subjects) * self.n_counted_parameters - 2.0 * self.log_likelihood

    @property
    def terms(self) -> pd.DataFrame:
        """SAS type III tests: term df_num df_den statistic distribution p_value; the intercept left out.

        Satterthwaite's df of several contrasts depends on how their space is written; here, as in SAS, each
        row is the difference of one level from the reference, averaged over the factors it interacts with.
        """
        import pandas as pd

        tests = {
            term: self.inference.joint_test(_by_level(rows, self.design.term_columns[term]))
            for term, rows in type_iii_rows(self.design).items()
        }
        table = {name: [getattr(test, name) for test in tests.values()] for name in TEST_COLUMNS}
        return pd.DataFrame({"term": list(tests), **table})

    @property
    def fitted(self) -> pd.Series[float]:
        """Fixed part of the model for the rows used."""
        import pandas as pd

        values = self.design.X @ self.inference.coefficients
        return pd.Series(values, index=self.design.index, name="fitted")

    def predict(self, data: pd.DataFrame) -> pd.DataFrame:
        """Predicted means of new rows: estimate to ci_upper, the statistic testing zero.

        Raises
        ------
        DataError
            A level the fit has not seen, a missing or an infinite value.
        """
        table = self.inference.estimates(self.design.matrix_for(data), confidence_level=self.confidence_level)
        return table.set_index(data.index)

    def likelihood_ratio(self, smaller: MixedFit) -> pd.DataFrame:
        """Chi-square test of this model against one it contains: statistic df p_value.

        Raises
        ------
        DataError
            Other data, another method, not fewer parameters; by REML, other fixed effects, whose restricted
            likelihoods do not compare.

        Degenerate cases: a variance at zero is on the edge of its space, and the p value is then too large.
        """
        import pandas as pd

        self._require_comparable(smaller)
        statistic = 2.0 * (self.log_likelihood - smaller.log_likelihood)
        df = float(
            self.n_covariance_parameters
            + len(self.design.column_names)
            - smaller.n_covariance_parameters
            - len(smaller.design.column_names)
        )
        if df <= 0:
            raise DataError(
                expected="a model with fewer parameters to compare with",
                found=said("a difference of {df} parameters", df=plain(df, 0)),
                next_step="Call it on the larger model.",
            )
        p_value = chi_square_p_value(max(statistic, 0.0), df)
        return pd.DataFrame({"statistic": [statistic], "df": [df], "p_value": [p_value]})

    def _fit_line(self) -> str:
        """How well it fits, and the proof that it is the maximum."""
        proof = self.convergence
        text = (
            f"AIC {display.number(self.aic)}, BIC {display.number(self.bic)}; converged in {proof.iterations}"
        )
        return f"{text} iterations, gradient {proof.gradient_norm:.1g}"

    def _require_comparable(self, other: MixedFit) -> None:
        if not isinstance(other, MixedFit):
            raise DataError(expected="a fit by mmrm or lmm", found=type(other).__name__)
        assert self.design.y is not None
        assert other.design.y is not None
        same_rows = np.array_equal(self.design.y, other.design.y)
        if not same_rows or self.method != other.method:
            raise DataError(
                expected="two fits of the same outcome to the same rows by the same method",
                found=said(
                    "{n} rows by {method} against {other_n} by {other_method}",
                    n=self.n,
                    method=self.method,
                    other_n=other.n,
                    other_method=other.method,
                ),
                next_step="Fit both to the same complete rows.",
            )
        if self.method == "reml" and not _same_columns(self.design.X, other.design.X):
            raise DataError(
                expected="the same fixed effects, or method='ml'",
                found="restricted likelihoods of different fixed effects",
                next_step="Fit both with method='ml'.",
            )


def require_restricted(method: Method, df_method: str) -> None:
    """Refuse Kenward-Roger without REML."""
    if method == "ml" and df_method.startswith("kenward-roger"):
        raise DataError(
            expected="method='reml' with Kenward-Roger, whose adjustment is derived for it",
            found="method='ml'",
            next_step="Say df_method='satterthwaite' with method='ml'.",
        )


def _by_level(rows: FloatArray, own: tuple[int, ...]) -> FloatArray:
    """The same hypothesis with one row for each of the term's own columns, where they determine it."""
    block = rows[:, list(own)]
    if block.shape[0] != block.shape[1] or np.linalg.cond(block) > _ILL_CONDITIONED:
        return rows
    return np.asarray(np.linalg.solve(block, rows))


def _same_columns(X: FloatArray, other: FloatArray) -> bool:
    """Whether two designs span the same space."""
    if X.shape != other.shape:
        return False
    explained = X @ np.linalg.lstsq(X, other, rcond=None)[0]
    return bool(np.abs(explained - other).max() <= _SAME_SPACE * max(1.0, np.abs(other).max()))
