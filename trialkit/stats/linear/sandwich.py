"""Covariances of least-squares coefficients that do not trust one residual variance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from trialkit.stats.distributions import FloatArray
from trialkit.stats.errors import DataError
from trialkit.wording import said, written

if TYPE_CHECKING:
    import pandas as pd

_LEVERAGE_OF_ONE = 1.0 - 1e-9


def hc3(X: FloatArray, bread: FloatArray, residuals: FloatArray, leverage: FloatArray) -> FloatArray:
    """HC3: each squared residual over (1 - leverage) squared.

    Raises DataError where a row has leverage one: its residual is zero whatever its outcome.
    Equivalent in R: ``sandwich::vcovHC(fit, type = "HC3")``.
    """
    alone = int(np.sum(leverage > _LEVERAGE_OF_ONE))
    if alone:
        raise DataError(
            expected="every coefficient to rest on more than one row, for HC3 errors",
            found=said("{alone} row(s) that determine a coefficient alone", alone=alone),
            next_step="Merge the factor levels that have a single row, or use errors='ols'.",
        )
    scores = X * (residuals / (1.0 - leverage))[:, None]
    return np.asarray(bread @ (scores.T @ scores) @ bread)


def cluster_robust(
    X: FloatArray, bread: FloatArray, residuals: FloatArray, clusters: pd.Series[Any]
) -> tuple[FloatArray, float]:
    """CR1 covariance and its degrees of freedom, the number of clusters minus one.

    Raises DataError for a single cluster.
    Equivalent in R: ``sandwich::vcovCL(fit, cluster, type = "HC1")``; in Stata: ``vce(cluster)``.
    """
    import pandas as pd

    codes, levels = pd.factorize(clusters)
    number = len(levels)
    if number < 2:
        raise DataError(
            expected="at least two clusters among the rows used",
            found=written(number),
            where=said("column {name!r}", name=clusters.name),
            next_step="Name the column of the clusters.",
        )
    n, p = X.shape
    scores = np.zeros((number, p))
    np.add.at(scores, codes, X * residuals[:, None])
    correction = number / (number - 1.0) * (n - 1.0) / (n - p)
    return np.asarray(correction * bread @ (scores.T @ scores) @ bread), number - 1.0
