"""Multiple imputation of values missing at random, by arm, from a multivariate normal model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from trialkit.stats.distributions import FloatArray
from trialkit.stats.errors import DataError
from trialkit.stats.inference import check_choice
from trialkit.stats.missing.draws import PORTION, check_draws, portions
from trialkit.stats.missing.imputations import Cells, Imputations
from trialkit.stats.missing.normal_model import Maximum, NormalModel, SharedDesign
from trialkit.stats.missing.wide_columns import WideColumns, read_wide, require_list
from trialkit.wording import said, written

if TYPE_CHECKING:
    import pandas as pd

METHODS = ("mar",)


@dataclass(frozen=True)
class _Group:
    """One level of ``by``: its rows, what is missing in them, and the model for it."""

    label: dict[str, Any]
    rows: np.ndarray[Any, np.dtype[np.intp]]
    incomplete: tuple[str, ...]
    model: NormalModel
    maximum: Maximum


def impute(
    data: pd.DataFrame,
    variables: Sequence[str],
    *,
    method: Literal["mar"] = "mar",
    by: str | None = "arm",
    n: int = 200,
    seed: int | None = None,
    mean_imputed: Sequence[str] = (),
) -> Imputations:
    """Draw the missing values of numeric variables from their posterior predictive distribution.

    Parameters
    ----------
    data
        One row a subject, one column a measurement (wide).
    variables
        Every column of the imputation model: those with missing values (numeric), and complete ones that
        help to predict them (numeric, or factors). Name all that the analysis uses.
    method
        ``"mar"``: missing at random given the variables (within each level of ``by``).
    by
        Column within whose levels imputation is done apart, usually the arm; None for all together.
    n
        Number of imputations, at least 2.
    seed
        A whole number; the same seed gives the same values, and the first of them whatever ``n``.
    mean_imputed
        Baseline covariates whose missing values are first replaced by the mean of all subjects observed,
        the same in every imputation and regardless of arm (White & Thompson 2005). Only for values measured
        before randomization.

    Returns
    -------
    Imputations
        Iterate over it for completed data sets; ``diagnostics``; ``analyse(...)``.

    Raises
    ------
    FormulaError
        An unknown column.
    DataError
        No seed, no variable, a factor with missing values, an infinite value, a missing value in ``by``, a
        variable (or two together) observed too rarely within a level of ``by``.
    RankDeficiencyError
        Variables that do not vary within a level of ``by``, or that the others determine (a total beside its
        parts).
    ConvergenceError
        The observed values say too little about the missing ones.

    Degenerate cases: with nothing missing all data sets are the data. Imputed values are not held to the
    range of the instrument, and are not rounded: both would bias the means.

    Equivalent in R: ``mice(method = "norm")`` within arms, ``norm2``. In SAS: PROC MI with MCMC and BY.

    References: Schafer (1997), Analysis of Incomplete Multivariate Data, chapter 5; White & Thompson (2005),
    Statistics in Medicine 24:993-1007.
    """
    import pandas as pd

    check_choice("method", method, METHODS)
    check_draws(n, seed)
    assert seed is not None
    require_list(mean_imputed)
    columns = read_wide(data, variables, by, tuple(mean_imputed))
    groups = [_group(columns, label, rows) for label, rows in columns.groups]
    cells = {
        name: Cells(np.flatnonzero(flags), np.empty((n, int(flags.sum()))))
        for name, flags in columns.missing.items()
        if flags.any()
    }
    for part, group in enumerate(groups):
        _draw(group, cells, n, seed, part)
    lines = [line for group in groups for line in _diagnostics(group, columns, cells)]
    held = {
        name: Cells(np.flatnonzero(flags), np.full((n, int(flags.sum())), columns.means[name]))
        for name, flags in columns.replaced.items()
    }
    return Imputations(
        data=data,
        cells={**cells, **held},
        n=n,
        method=_described(columns, by),
        seed=seed,
        diagnostics=pd.DataFrame(lines),
    )


def _group(columns: WideColumns, label: dict[str, Any], rows: Any) -> _Group:
    incomplete = tuple(name for name, flags in columns.missing.items() if flags[rows].any())
    y = np.column_stack([columns.numbers[name][rows] for name in incomplete] or [np.empty((len(rows), 0))])
    design = columns.predictors(rows, incomplete)
    _require_enough(y, incomplete, design.shape[1])
    model = SharedDesign(y, design)
    maximum = (
        model.maximum(said("imputation of {incomplete}", incomplete=", ".join(incomplete)))
        if incomplete
        else _NOTHING
    )
    return _Group(label, rows, incomplete, model, maximum)


_NOTHING = Maximum(np.empty(0), np.empty((0, 0)), 0.0)


def _require_enough(y: FloatArray, names: tuple[str, ...], predictors: int) -> None:
    """Each pair of variables is observed together in more rows than one of them has parameters."""
    if not names:
        return
    seen = (~np.isnan(y)).astype(float)
    together = seen.T @ seen
    needed = predictors + len(names) + 1
    if together.min() < needed:
        s, t = np.unravel_index(int(together.argmin()), together.shape)
        what = (
            repr(names[s])
            if s == t
            else said("{first!r} and {second!r} together", first=names[s], second=names[t])
        )
        raise DataError(
            expected=said(
                "at least {needed} rows with {what} observed, within each level of by",
                needed=needed,
                what=what,
            ),
            found=written(int(together[s, t])),
            next_step="Impute with fewer variables, or with by=None.",
        )


def _draw(group: _Group, cells: dict[str, Cells], n: int, seed: int, part: int) -> None:
    """Fill the group's cells; a portion's random numbers are drawn whole: n does not change its members."""
    if not group.incomplete:
        return
    for first, last, generator in portions(n, seed, part):
        _, _, values = group.model.draw(group.maximum, PORTION, generator, last - first)
        for position, name in enumerate(group.incomplete):
            own = group.rows[group.model.missing[:, position]]
            at = np.searchsorted(cells[name].rows, own)
            drawn = values[:, group.model.missing[:, position], position]
            cells[name].values[first:last, at] = drawn


def _diagnostics(group: _Group, columns: WideColumns, cells: dict[str, Cells]) -> list[dict[str, object]]:
    lines: list[dict[str, object]] = []
    for position, name in enumerate(group.incomplete):
        flags = group.model.missing[:, position]
        observed = columns.numbers[name][group.rows[~flags]]
        imputed = cells[name].values[:, np.searchsorted(cells[name].rows, group.rows[flags])]
        lines.append(
            {
                **group.label,
                "variable": name,
                "observed": len(observed),
                "imputed": int(flags.sum()),
                "observed_mean": float(observed.mean()),
                "imputed_mean": float(imputed.mean()),
                "observed_sd": float(observed.std(ddof=1)),
                "imputed_sd": float(imputed.std()),
                "missing_information": group.maximum.rate,
                "iterations": group.maximum.iterations,
            }
        )
    return lines


def _described(columns: WideColumns, by: str | None) -> str:
    text = "Multiple imputation, missing at random, multivariate normal"
    text += f", within levels of {by}" if by is not None else ""
    for name, flags in columns.replaced.items():
        text += f"; {int(flags.sum())} missing {name} replaced by the mean"
    return text
