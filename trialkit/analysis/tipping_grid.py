"""The difference for every pair of deltas, one an arm: what unobserved values of either would have to be.

A delta is added to outcomes, so a least-squares estimate is linear in the two deltas and its variance
quadratic: six analyses of each completed data set tell every cell. A seventh is held against them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from typing import TYPE_CHECKING, Any, Literal

from trialkit.analysis.errors import AnalysisError

if TYPE_CHECKING:
    import pandas as pd

NEAR = 1e-8  # relative, between the seventh analysis and what the six say of it


def tipping_grid(
    imputed: Any,
    analysis: Callable[[pd.DataFrame], pd.DataFrame],
    arms: tuple[str, str],
    deltas: tuple[Sequence[float], Sequence[float]],
    *,
    worse: Literal["higher", "lower"],
    alpha: float,
) -> pd.DataFrame:
    """One row a pair of deltas: ``delta reference_delta``, the pooled estimate's columns, ``concluded``.

    Parameters
    ----------
    imputed
        Draws from ``impute_reference_based``.
    analysis
        Of a completed data set, by least squares with an unchanged design: one row, ``estimate``,
        ``standard_error``, ``df``, ``p_value``.
    arms
        The test arm and the reference.
    deltas
        What is added in the first and in the second, in units of the outcome; positive is worse.
    alpha
        The conclusion holds while the p value is below it and the estimate on the side it has without deltas.
    """
    import numpy as np
    import pandas as pd

    from trialkit.stats import pool_tables

    step = max(abs(value) for one in deltas for value in one) or 1.0
    corners = [(0.0, 0.0), (step, 0.0), (0.0, step), (step, step), (2 * step, 0.0), (0.0, 2 * step)]
    check = (-step, 2 * step)
    found = {at: _analysed(imputed, analysis, arms, at, worse) for at in (*corners, check)}
    design = np.array([_quadratic(a / step, b / step) for a, b in corners])
    cells = list(product(*deltas))
    tables = []
    for i, first in enumerate(found[0.0, 0.0]):
        means = np.linalg.solve(design, [found[at][i]["estimate"] for at in corners])
        spread = np.linalg.solve(design, [found[at][i]["standard_error"] ** 2 for at in corners])
        _require_exact(found[check][i], np.array(_quadratic(-1.0, 2.0)), means, spread)
        places = np.array([_quadratic(a / step, b / step) for a, b in cells])
        tables.append(
            pd.DataFrame(cells, columns=["delta", "reference_delta"]).astype(str).assign(
                estimate=places @ means,
                standard_error=(places @ spread) ** 0.5,
                df=first["df"],
                null_value=first["null_value"],
                alternative=first["alternative"],
            )
        )  # fmt: skip
    pooled = pool_tables(tables, df="barnard-rubin")
    pooled[["delta", "reference_delta"]] = pooled[["delta", "reference_delta"]].astype(float)
    side = np.sign(pooled["statistic"]) == np.sign(found[0.0, 0.0][0]["statistic"])
    return pooled.assign(concluded=np.where((pooled["p_value"] < alpha) & side, "yes", "no"))


def _analysed(
    imputed: Any, analysis: Callable[[pd.DataFrame], pd.DataFrame], arms: tuple[str, str], at: Any, worse: str
) -> list[dict[str, Any]]:
    shifted = imputed.with_delta(dict(zip(arms, at, strict=True)), worse)
    return [
        dict(zip(map(str, row.index), row, strict=True)) for row in map(_only_row, map(analysis, shifted))
    ]


def _only_row(table: pd.DataFrame) -> pd.Series:
    return table.iloc[0]


def _quadratic(a: float, b: float) -> tuple[float, ...]:
    return (1.0, a, b, a * b, a * a, b * b)


def _require_exact(row: dict[str, Any], place: Any, means: Any, spread: Any) -> None:
    said = (place @ means, place @ spread)
    direct = (row["estimate"], row["standard_error"] ** 2)
    size = max(1.0, *(abs(value) for value in direct))
    if any(abs(a - b) > NEAR * size for a, b in zip(said, direct, strict=True)):
        raise AnalysisError(
            expected="an analysis whose estimate is linear in the deltas and whose variance is quadratic",
            found="one that is not",
            next_step="Leave out `reference_deltas`: the deltas of the test arm alone are analysed directly.",
        )
