"""One answer from the fits of many completed data sets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from trialkit.stats import display
from trialkit.stats.distributions import Alternative, FloatArray, t_p_value
from trialkit.stats.errors import DataError
from trialkit.stats.fit import ModelFit
from trialkit.stats.inference import check_choice, check_confidence_level, confidence_limits
from trialkit.stats.missing.joint_tests import pooled_terms
from trialkit.stats.missing.rubin import DF_RULES, Combined, DfRule, combine
from trialkit.stats.ratios import as_ratios
from trialkit.stats.showing import Printed
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd

ESTIMATE_COLUMNS = ("estimate", "standard_error", "df", "statistic", "p_value", "ci_lower", "ci_upper")
POOLED_COLUMNS = ESTIMATE_COLUMNS[:3]
_LOG_ERROR = "log_standard_error"


@dataclass(frozen=True, repr=False, eq=False)
class PooledFits(Printed):
    """Fits of the same model to completed data sets, pooled by Rubin's rules.

    ``coefficients``, ``ls_means()``, ``contrasts()`` and ``terms`` are those of the fits, pooled; to the
    columns of every estimate they add ``within_variance``, ``between_variance``, ``relative_increase``,
    ``fraction_missing_information``. Where a statistic tests a ``null_value``, so does the pooled one.

    Attributes
    ----------
    fits
        The fits, in order of imputation.
    df_rule
        ``"barnard-rubin"`` or ``"rubin"``.
    confidence_level
        Of every interval.
    """

    fits: tuple[ModelFit, ...] = field(repr=False)
    df_rule: DfRule
    confidence_level: float

    @property
    def m(self) -> int:
        """Number of imputations."""
        return len(self.fits)

    @property
    def coefficients(self) -> pd.DataFrame:
        """Pooled coefficients, one row a term."""
        return self._pooled([fit.coefficients for fit in self.fits])

    @property
    def odds_ratios(self) -> pd.DataFrame:
        """Odds ratios of logistic and ordinal fits: pooled on the log scale, then exponentiated."""
        return self._ratios("odds_ratios")

    @property
    def hazard_ratios(self) -> pd.DataFrame:
        """Hazard ratios of Cox fits: pooled on the log scale, then exponentiated."""
        return self._ratios("hazard_ratios")

    @property
    def terms(self) -> pd.DataFrame:
        """Pooled type III tests: term df_num df_den statistic distribution p_value; see ``joint_tests``."""
        return pooled_terms(self.fits, self.df_rule)

    def ls_means(self, *arguments: Any, **options: Any) -> pd.DataFrame:
        """Pooled LS means; the arguments are those of the fits' own ``ls_means``."""
        return self._pooled([fit.ls_means(*arguments, **options) for fit in self.fits])

    def contrasts(self, *arguments: Any, **options: Any) -> pd.DataFrame:
        """Pooled contrasts; the arguments are those of the fits' own ``contrasts``."""
        import pandas as pd

        made = [fit.contrast_columns(*arguments, **options) for fit in self.fits]
        labels = [{k: v for k, v in one.items() if k not in ESTIMATE_COLUMNS} for one in made]
        if any(one != labels[0] for one in labels):
            return self._pooled([pd.DataFrame(one) for one in made])  # which says what differs
        numbers = {name: np.array([one[name] for one in made]) for name in POOLED_COLUMNS}
        return _combined(pd.DataFrame(made[0]), numbers, self.df_rule, self.confidence_level)

    def _ratios(self, name: str) -> pd.DataFrame:
        if not hasattr(self.fits[0], name):
            raise DataError(
                expected=said("fits with {name}", name=name.replace("_", " ")),
                found=type(self.fits[0]).__name__,
            )
        return as_ratios(self.coefficients)

    def _pooled(self, tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
        return pool_tables(tables, df=self.df_rule, confidence_level=self.confidence_level)

    def _shown(self) -> display.Shown:
        parts: list[tuple[str, Callable[[], pd.DataFrame]]] = [("Coefficients", lambda: self.coefficients)]
        if self.fits[0].default_factor is not None and self.fits[0].means_are_estimable:
            parts.append(("Differences of LS means", self.contrasts))
        tables, refused = display.gather(parts)
        rows = self.fits[0].rows.sentence()
        return display.Shown(
            f"{self.fits[0].title}; {self.m} imputations pooled ({self.df_rule} df)",
            tables,
            (*refused, f"of the first imputation: {rows}"),
        )


def pool(
    fits: Iterable[ModelFit], df: DfRule = "barnard-rubin", confidence_level: float | None = None
) -> PooledFits:
    """Pool fits of one model to many completed data sets by Rubin's rules.

    Parameters
    ----------
    fits
        At least two fits of the same model, one a completed data set: ``[ancova(..., frame) for frame in
        imputed]``.
    df
        ``"barnard-rubin"``: small-sample df, never above those of complete data. ``"rubin"``: the
        large-sample df of 1987.
    confidence_level
        Of the intervals; that of the fits where None.

    Returns
    -------
    PooledFits
        ``coefficients``, ``ls_means()``, ``contrasts()``, ``terms``, ``odds_ratios``, ``hazard_ratios``.

    Raises
    ------
    DataError
        Fewer than two fits, fits of different models, something that is not a fit, a standard error that is
        zero.

    Degenerate cases: estimates that do not vary between imputations have no between variance and a fraction
    of missing information of 0. Complete-data df that differ between imputations (Satterthwaite,
    Kenward-Roger) are averaged; infinite ones (a Wald z) give the large-sample df.

    Equivalent in R: ``mice::pool(with(imputed, lm(...)))``. In SAS: PROC MIANALYZE, ``EDF=``.

    References: Rubin (1987), section 3.1; Barnard & Rubin (1999), Biometrika 86:948-955.
    """
    check_choice("df", df, DF_RULES)
    held = tuple(fits) if isinstance(fits, Iterable) else (fits,)
    _require_several(held)
    for fit in held:
        if not isinstance(fit, ModelFit):
            raise DataError(
                expected="fitted models",
                found=type(fit).__name__,
                next_step="Pool tables of estimates with pool_tables.",
            )
        if type(fit) is not type(held[0]) or fit.parameter_names != held[0].parameter_names:
            raise DataError(
                expected="fits of one model: the same method and coefficients",
                found=said("{title} and {other}", title=held[0].title, other=fit.title),
                next_step="Fit the same formula to every completed data set, with levels that are declared.",
            )
    level = held[0].confidence_level if confidence_level is None else confidence_level
    check_confidence_level(level)
    return PooledFits(held, df, level)


def pool_tables(
    tables: Iterable[pd.DataFrame], df: DfRule = "barnard-rubin", confidence_level: float = 0.95
) -> pd.DataFrame:
    """Pool tables of estimates, one a completed data set, row by row, by Rubin's rules.

    Parameters
    ----------
    tables
        At least two with the same rows: ``estimate``, ``standard_error``, ``df`` (inf where there is none)
        and label columns; ``null_value`` and ``alternative`` are honoured.
    df, confidence_level
        As in ``pool``.

    Returns
    -------
    DataFrame
        Labels, estimate standard_error df statistic p_value ci_lower ci_upper, then the variance components.

    Raises
    ------
    DataError
        Fewer than two tables, tables whose rows differ, a missing column, a standard error of zero.

    Degenerate cases: where the intervals of the tables are one-sided, so are the pooled ones.

    Equivalent in R: ``mice::pool.scalar`` on each row. In SAS: PROC MIANALYZE.
    """
    check_choice("df", df, DF_RULES)
    check_confidence_level(confidence_level)
    held = tuple(tables)
    _require_several(held)
    _require_common_rows(held)
    numbers = {
        name: np.array([table[name].to_numpy(dtype=float) for table in held]) for name in POOLED_COLUMNS
    }
    return _combined(held[0], numbers, df, confidence_level)


def _combined(
    first: pd.DataFrame, numbers: dict[str, FloatArray], df: DfRule, confidence_level: float
) -> pd.DataFrame:
    """The rows of ``first`` with ``numbers`` (imputations x rows) pooled."""
    import pandas as pd

    _require_usable(numbers)
    found = combine(numbers["estimate"], numbers["standard_error"] ** 2, numbers["df"].mean(axis=0), df)
    table = inferred_anew(first, found.estimate, np.sqrt(found.variance), found.df, confidence_level)
    return pd.concat([table, _components(found)], axis=1)


def pool_results(
    results: Sequence[ModelFit | pd.DataFrame], df: DfRule, confidence_level: float
) -> PooledFits | pd.DataFrame:
    """What ``pool`` gives for fits, ``pool_tables`` for tables; not for both together."""
    fits = [result for result in results if isinstance(result, ModelFit)]
    tables = [result for result in results if not isinstance(result, ModelFit)]
    if fits and tables:
        raise DataError(expected="an analysis that always returns the same kind", found="fits and tables")
    return pool(fits, df) if fits else pool_tables(tables, df, confidence_level)


def inferred_anew(
    table: pd.DataFrame,
    estimate: FloatArray,
    standard_error: FloatArray,
    df: FloatArray,
    confidence_level: float,
) -> pd.DataFrame:
    """The rows of ``table`` with other estimates: its labels, null values, alternatives, open sides."""
    import pandas as pd

    labels = label_columns(table)
    null = labels["null_value"].to_numpy(dtype=float) if "null_value" in labels else 0.0
    sides: list[Alternative] = ["two-sided"] * len(estimate)
    if "alternative" in labels:
        sides = labels["alternative"].tolist()
    statistic = (estimate - null) / standard_error
    p_values = [
        float(t_p_value(statistic[i : i + 1], df[i : i + 1], side)[0]) for i, side in enumerate(sides)
    ]
    lower, upper = confidence_limits(
        estimate,
        standard_error,
        df,
        confidence_level,
        alternative=sides[0] if sides else "two-sided",
        interval="one-sided" if _is_open(table) else "two-sided",
    )
    columns = (estimate, standard_error, df, statistic, np.array(p_values), lower, upper)
    inferred = pd.DataFrame(dict(zip(ESTIMATE_COLUMNS, columns, strict=True)))
    last = [name for name in ("null_value", "alternative") if name in labels]
    return pd.concat([labels.drop(columns=last), inferred, labels[last]], axis=1)


def _is_open(table: pd.DataFrame) -> bool:
    """Whether the intervals are one-sided; a table need not have any."""
    limits = [table[name].to_numpy(dtype=float) for name in ("ci_lower", "ci_upper") if name in table]
    return any(bool(np.isinf(limit).any()) for limit in limits)


def label_columns(table: pd.DataFrame) -> pd.DataFrame:
    """What names the rows of a table of estimates: every column that is not a number about the estimate.

    Raises
    ------
    DataError
        Not a table of estimates.
    """
    import pandas as pd

    if not isinstance(table, pd.DataFrame) or "estimate" not in table:
        raise DataError(
            expected="a table with columns estimate, standard_error and df",
            found=type(table).__name__ if not isinstance(table, pd.DataFrame) else ", ".join(table.columns),
            next_step="Return coefficients, ls_means() or contrasts() of a fit.",
        )
    if _LOG_ERROR in table:
        raise DataError(
            expected="estimates on the scale on which they are pooled",
            found="ratios",
            next_step="Pool the coefficients (log scale); the pooled fits give the ratios.",
        )
    return table[[name for name in table.columns if name not in ESTIMATE_COLUMNS]].reset_index(drop=True)


def _require_common_rows(tables: Sequence[pd.DataFrame]) -> None:
    labels = label_columns(tables[0])
    for table in tables:
        if table is not tables[0] and not _labelled_alike(table, labels):
            raise DataError(
                expected="tables with the same rows in the same order",
                found="rows that differ between imputations",
                next_step="Declare the levels of every factor, so that each fit gives the same rows.",
            )
        for name in POOLED_COLUMNS:
            if name not in table:
                raise DataError(
                    expected=said("a column {name!r} in every table", name=name),
                    found=", ".join(table.columns),
                )


def _labelled_alike(table: pd.DataFrame, labels: pd.DataFrame) -> bool:
    names = [name for name in getattr(table, "columns", ()) if name not in ESTIMATE_COLUMNS]
    if names != [*labels]:  # no table at all, too: it is told so
        return label_columns(table).equals(labels)
    return all(table[name].array.equals(labels[name].array) for name in labels)


def _require_several(held: Sequence[object]) -> None:
    if len(held) < 2:
        raise DataError(
            expected="at least two imputations, since their spread is part of the error",
            found=str(len(held)),
            next_step="Impute with a larger n.",
        )


def _require_usable(numbers: dict[str, FloatArray]) -> None:
    for name in ("estimate", "standard_error"):
        bad = ~np.isfinite(numbers[name]) if name == "estimate" else ~(numbers[name] > 0)
        if bad.any():
            raise DataError(
                expected="finite estimates and positive standard errors",
                found=said("{bad} that is not", bad=int(bad.sum())),
                next_step="Look at the fits one by one.",
            )


def _components(found: Combined) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(
        {
            "within_variance": found.within,
            "between_variance": found.between,
            "relative_increase": found.relative_increase,
            "fraction_missing_information": found.fraction_missing,
        }
    )


Analysis = Callable[["pd.DataFrame"], "ModelFit | pd.DataFrame"]
"""What is done with one completed data set: a fit, or a table of estimates."""
