"""What every fitted model offers: coefficients, LS means, contrasts, type III tests, the account of rows."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from trialkit.stats import display
from trialkit.stats.columns import require_free_names
from trialkit.stats.combinations import Combinations, weight_matrix
from trialkit.stats.design import Design
from trialkit.stats.distributions import Alternative, FloatArray
from trialkit.stats.errors import DataError, NonEstimableError
from trialkit.stats.inference import NOT_TESTABLE, Inference, Interval, JointTest, check_confidence_level
from trialkit.stats.ls_means import Weights, contrast_rows, mean_rows, names_of
from trialkit.stats.pairwise import pairwise_table
from trialkit.stats.rows import Rows
from trialkit.stats.showing import Printed
from trialkit.stats.simultaneous import Adjustment
from trialkit.stats.type_iii import type_iii_rows
from trialkit.stats.width import why_no_interval
from trialkit.wording import said, written

if TYPE_CHECKING:
    import pandas as pd

TEST_COLUMNS = ("df_num", "df_den", "statistic", "distribution", "p_value")
_ESTIMATES = ("estimate", "standard_error", "df", "statistic", "p_value", "ci_lower", "ci_upper")


@dataclass(frozen=True, repr=False, eq=False)
class ModelFit(Printed):
    """A fitted model; the base of every model's result.

    Attributes
    ----------
    design
        Rows used, columns, factors.
    inference
        Coefficients, their covariance, their degrees of freedom.
    confidence_level
        Of every interval in the tables.
    log_likelihood
        At the estimate: the restricted one after REML, the partial one of a Cox model.
    default_factor
        The factor that ``ls_means`` and ``contrasts`` mean when none is named.

    A model whose parameters are more than the columns of ``design.X`` (thresholds), or whose LS means are not
    estimable (Cox), overrides ``parameter_names``, ``_in_parameters`` or ``means_are_estimable``.
    """

    design: Design
    inference: Inference
    confidence_level: float
    log_likelihood: float
    default_factor: str | None

    means_are_estimable = True
    instead_of_means = ""

    def __post_init__(self) -> None:
        check_confidence_level(self.confidence_level)
        if self.default_factor is not None and self.default_factor not in self.design.factors:
            raise DataError(
                expected=said(
                    "the treatment among the factors of the formula ({factors})",
                    factors=", ".join(self.design.factors),
                ),
                found=written(self.default_factor),
                next_step="Add it to the formula.",
            )

    @property
    def title(self) -> str:
        """One line: the method and how it was fitted."""
        return type(self).__name__

    @property
    def rows(self) -> Rows:
        """Rows and subjects read, used and excluded; by arm and visit where there are any."""
        return self.design.rows

    @property
    def counted_unit(self) -> str:
        """What the account of rows counts besides rows."""
        return "subjects"

    @property
    def n(self) -> int:
        """Number of rows used."""
        return self.design.n

    @property
    def parameter_names(self) -> tuple[str, ...]:
        return self.design.column_names

    @property
    def coefficients(self) -> pd.DataFrame:
        """One row a coefficient: term estimate standard_error df statistic p_value ci_lower ci_upper."""
        import pandas as pd

        names = list(self.design.column_names)
        rows = self._in_parameters(np.eye(len(names)), means=False)
        numbers = self.inference.numbers(rows, confidence_level=self.confidence_level)
        return pd.DataFrame({"term": names, **numbers}, copy=False)

    @property
    def coefficient_covariance(self) -> pd.DataFrame:
        """Covariance of the parameters, named on both sides."""
        import pandas as pd

        names = list(self.parameter_names)
        return pd.DataFrame(self.inference.covariance.copy(), index=names, columns=names)

    @property
    def terms(self) -> pd.DataFrame:
        """SAS type III tests: term df_num df_den statistic distribution p_value; the intercept left out.

        A term that cannot be tested (more contrasts than clusters, a variance that an adjustment makes
        negative) has NaN and the distribution ``"not testable"``; ``joint_test`` of its rows says why.
        """
        import pandas as pd

        tests = {
            term: self._test_or_not(self._in_parameters(rows, means=False))
            for term, rows in type_iii_rows(self.design).items()
        }
        table = {name: [getattr(test, name) for test in tests.values()] for name in TEST_COLUMNS}
        return pd.DataFrame({"term": list(tests), **table})

    def ls_means(
        self,
        factor: str | Sequence[str] | None = None,
        by: str | Sequence[str] | None = None,
        weights: Weights = "equal",
    ) -> pd.DataFrame:
        """LS means: one column a factor asked for, then estimate to ci_upper; the statistic tests zero.

        Parameters
        ----------
        factor
            One factor of the model or several; None means the treatment, or the only factor there is.
        by
            Further factors; the table is ordered by them first.
        weights
            Of the other factors' levels: ``"equal"`` (SAS LSMEANS), ``"observed"`` (their joint frequencies:
            emmeans' proportional) or ``"cells"`` (their frequencies within each cell: SAS OM).

        Raises
        ------
        NonEstimableError
            The model or the data do not determine the mean.
        DataError
            A name that is not a factor of the model.

        Equivalent in R: ``emmeans(fit, ~ factor | by)``.
        """
        import pandas as pd

        if not self.means_are_estimable:
            raise NonEstimableError(
                expected="a model with an intercept",
                found=said("{title}, which determines differences only", title=self.title),
                next_step=self.instead_of_means,
            )
        means = mean_rows(self.design, self._factor(factor), names_of(by), weights)
        require_free_names(means.names, _ESTIMATES)
        table = self.inference.estimates(
            self._in_parameters(means.rows, means=True), confidence_level=self.confidence_level
        )
        labels = pd.DataFrame(list(means.labels), columns=list(means.names))
        return pd.concat([labels, table], axis=1)

    def contrasts(
        self,
        factor: str | None = None,
        by: str | Sequence[str] | None = None,
        reference: Hashable | None = None,
        null_value: float = 0,
        alternative: Alternative = "two-sided",
        interval: Interval = "two-sided",
        weights: Weights = "equal",
    ) -> pd.DataFrame:
        """Differences of LS means, each level minus the reference: contrast, the ``by`` factors, estimate ...

        Parameters
        ----------
        factor, by, weights
            As in ``ls_means``.
        reference
            The level subtracted; the factor's reference where None.
        null_value
            The difference tested against: 0, or a margin. Changes the statistic and the p value only.
        alternative
            ``"greater"``: the difference is larger than ``null_value``. Changes the p value only.
        interval
            ``"two-sided"`` at ``confidence_level``, or ``"one-sided"``: open on the alternative's side.

        Raises
        ------
        DataError
            An unknown factor, level or choice.

        Equivalent in R: ``contrast(emmeans(fit, ~ factor | by), "trt.vs.ctrl", adjust = "none")``.
        """
        import pandas as pd

        columns = self.contrast_columns(factor, by, reference, null_value, alternative, interval, weights)
        return pd.DataFrame(columns)

    def contrast_columns(
        self,
        factor: str | None = None,
        by: str | Sequence[str] | None = None,
        reference: Hashable | None = None,
        null_value: float = 0,
        alternative: Alternative = "two-sided",
        interval: Interval = "two-sided",
        weights: Weights = "equal",
    ) -> dict[str, object]:
        """The columns of ``contrasts``, for whoever makes many tables of one shape."""
        names = self._factor(factor)
        if len(names) != 1:
            raise DataError(expected="one factor to contrast", found=", ".join(names), next_step="Use by.")
        found = contrast_rows(self.design, names[0], names_of(by), reference, weights)
        require_free_names(found.by, ("contrast", *_ESTIMATES, "null_value", "alternative"))
        numbers = self.inference.numbers(
            self._in_parameters(found.rows, means=False),
            confidence_level=self.confidence_level,
            null_value=null_value,
            alternative=alternative,
            interval=interval,
        )
        count = len(found.rows)
        by_levels = {name: [labels[i] for labels in found.by_labels] for i, name in enumerate(found.by)}
        tested = {"null_value": [float(null_value)] * count, "alternative": [alternative] * count}
        return {"contrast": list(found.texts), **by_levels, **numbers, **tested}

    def pairwise(
        self,
        factor: str | None = None,
        by: str | Sequence[str] | None = None,
        adjust: Adjustment = "tukey",
        reference: Hashable | None = None,
        weights: Weights = "equal",
    ) -> pd.DataFrame:
        """Differences of LS means judged together: all pairs, or each level against one.

        Parameters
        ----------
        factor, by, weights
            As in ``ls_means``; the level is kept within each combination of ``by``.
        adjust
            ``"tukey"``: all pairs, later level minus earlier, by the studentized range. ``"dunnett"``: each
            level minus ``reference``, by the largest of several correlated t. ``"none"``: all pairs,
            unadjusted.
        reference
            With ``"dunnett"`` the level compared with; the factor's reference where None.

        Returns
        -------
        DataFrame
            As ``contrasts``, with p value and limits adjusted, and the column ``adjustment``.

        Raises
        ------
        DataError
            An unknown factor, level or choice; more than five levels beside the reference of ``"dunnett"``.

        Equivalent in R: ``pairs(emmeans(fit, ~ factor), adjust = "tukey")``; ``contrast(emmeans(...),
        "trt.vs.ctrl", adjust = "mvt")``, ``multcomp::glht(fit, mcp(factor = "Dunnett"))``. In SAS: LSMEANS /
        ADJUST=.
        """
        return pairwise_table(self, self._factor(factor), names_of(by), adjust, reference, weights)

    def joint_tests(
        self,
        factor: str | None = None,
        by: str | Sequence[str] | None = None,
        weights: Weights = "equal",
    ) -> pd.DataFrame:
        """The test that no level of a factor differs from another, one row a level of ``by``.

        Parameters
        ----------
        factor, by, weights
            As in ``ls_means``.

        Returns
        -------
        DataFrame
            The ``by`` factors, then df_num df_den statistic distribution p_value.

        Equivalent in R: ``emmeans::joint_tests(fit, by = "visit")`` (equal weights). In SAS: ``LSMEANS
        arm*visit / SLICE=visit``.
        """
        import pandas as pd

        names = self._factor(factor)
        if len(names) != 1:
            raise DataError(expected="one factor to test", found=", ".join(names), next_step="Use by.")
        found = contrast_rows(self.design, names[0], names_of(by), None, weights)
        require_free_names(found.by, TEST_COLUMNS)
        in_parameters = self._in_parameters(found.rows, means=False)
        tested = []
        for labels in dict.fromkeys(found.by_labels):
            here = [i for i, one in enumerate(found.by_labels) if one == labels]
            test = self._test_or_not(in_parameters[here])
            values = {name: getattr(test, name) for name in TEST_COLUMNS}
            tested.append(dict(zip(found.by, labels, strict=True)) | values)
        return pd.DataFrame(tested)

    def in_parameters(self, rows: FloatArray) -> FloatArray:
        """Differences over the columns of the design as rows over all parameters."""
        return self._in_parameters(rows, means=False)

    def on_rows(self, values: FloatArray, name: str) -> pd.Series[float]:
        """One number a row used, on the index of the data."""
        import pandas as pd

        return pd.Series(np.asarray(values, dtype=float), index=self.design.index, name=name)

    def linear_combinations(self, rows: Combinations) -> pd.DataFrame:
        """Any combinations of the coefficients, one line each: estimate to ci_upper.

        Parameters
        ----------
        rows
            Mappings of coefficient names to weights (one alone needs no list), or a matrix with one column a
            coefficient.

        Equivalent in R: ``multcomp::glht(fit, linfct)`` without adjustment. In SAS: ESTIMATE.
        """
        return self.inference.estimates(self._combined(rows), confidence_level=self.confidence_level)

    def joint_test(self, rows: Combinations) -> pd.DataFrame:
        """One test that all combinations are zero: df_num df_den statistic distribution p_value.

        Raises
        ------
        NonEstimableError
            The combinations depend on each other.

        Equivalent in R: ``car::linearHypothesis``, ``mmrm::df_md``, ``lmerTest::contestMD``. In SAS: one
        CONTRAST statement.
        """
        import pandas as pd

        test = self.inference.joint_test(self._combined(rows))
        return pd.DataFrame({name: [getattr(test, name)] for name in TEST_COLUMNS})

    def _test_or_not(self, rows: FloatArray) -> JointTest:
        try:
            return self.inference.joint_test(rows)
        except NonEstimableError:
            nothing = float("nan")
            return JointTest(float(len(rows)), nothing, nothing, NOT_TESTABLE, nothing)

    def _combined(self, rows: Combinations) -> FloatArray:
        return self._in_parameters(weight_matrix(rows, self.design.column_names), means=False)

    def _in_parameters(self, rows: FloatArray, *, means: bool) -> FloatArray:
        """Rows over the columns of the design as rows over all parameters of the model.

        ``means`` tells an absolute level (an LS mean) from a difference or a coefficient.
        """
        return rows

    def _factor(self, factor: str | Sequence[str] | None) -> tuple[str, ...]:
        if factor is not None:
            return names_of(factor)
        if self.default_factor is not None:
            return (self.default_factor,)
        if len(self.design.factors) == 1:
            return tuple(self.design.factors)
        raise DataError(
            expected="the factor to be named, since the model does not have exactly one",
            found=said("factors {factors}", factors=", ".join(self.design.factors) or "none"),
            next_step="Say factor='...'.",
        )

    def _shown(self) -> display.Shown:
        """What ``repr`` and the notebook print; models add tables and lines."""
        tables, refused = display.gather([("Coefficients", lambda: self.coefficients)])
        return display.Shown(
            title=self.title,
            tables=tables,
            lines=(
                *refused,
                *why_no_interval(*(table for _, table in tables)),
                f"log-likelihood {display.number(self.log_likelihood)}",
                self.rows.sentence(self.counted_unit),
            ),
        )
