"""What this many subjects can support: Riley's minimum sample size for a binary prediction model.

Source: Riley et al., Stat Med 2019;38:1276-1296 (part II) and BMJ 2020;368:m441. R: ``pmsampsize(type = "b",
cstatistic =, parameters =, prevalence =)``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

_SHRINKAGE = 0.9
_OPTIMISM = 0.05
_MARGIN = 0.05


@dataclass(frozen=True)
class SampleSize:
    """Subjects needed for ``parameters`` candidates by each of three criteria, and what ``n`` supports."""

    parameters: int
    prevalence: float
    auc: float
    r2_cox_snell: float
    shrinkage_n: int
    optimism_n: int
    risk_n: int
    n: int
    supported: int

    @property
    def needed(self) -> int:
        return max(self.shrinkage_n, self.optimism_n, self.risk_n)


def riley_sample_size(parameters: int, prevalence: float, auc: float, n: int) -> SampleSize:
    """Three criteria: shrinkage at most 10 %, optimism in R-squared at most 0.05, overall risk
    within 0.05. ``auc`` is anticipated; its R-squared comes from normally distributed log-odds."""
    r2 = cox_snell_from_auc(round(auc, 4), round(prevalence, 6))
    largest = largest_r2(prevalence)
    supported = 0
    while _shrinkage_n(supported + 1, r2) <= n and _optimism_n(supported + 1, r2, largest) <= n:
        supported += 1
    return SampleSize(
        parameters=parameters,
        prevalence=prevalence,
        auc=auc,
        r2_cox_snell=r2,
        shrinkage_n=_shrinkage_n(parameters, r2),
        optimism_n=_optimism_n(parameters, r2, largest),
        risk_n=math.ceil((1.96 / _MARGIN) ** 2 * prevalence * (1 - prevalence)),
        n=n,
        supported=supported,
    )


def largest_r2(prevalence: float) -> float:
    """The largest Cox-Snell R-squared an outcome of this prevalence permits."""
    null = prevalence * math.log(prevalence) + (1 - prevalence) * math.log(1 - prevalence)
    return 1.0 - math.exp(2.0 * null)


def _shrinkage_n(parameters: int, r2: float, shrinkage: float = _SHRINKAGE) -> int:
    return math.ceil(parameters / ((shrinkage - 1.0) * math.log(1.0 - r2 / shrinkage)))


def _optimism_n(parameters: int, r2: float, largest: float) -> int:
    return _shrinkage_n(parameters, r2, r2 / (r2 + _OPTIMISM * largest))


@lru_cache(maxsize=64)
def cox_snell_from_auc(auc: float, prevalence: float) -> float:
    """R-squared of a model whose log-odds are normal in cases and in controls with one variance.

    Cases' mean lies ``d = sqrt(2) z(auc)`` above controls'; R-squared is 1 - exp(-2 (l - l0)) with the
    log-likelihood's expectation taken by quadrature, where the published method simulates.
    """
    from scipy.special import ndtri

    distance = math.sqrt(2.0) * float(ndtri(auc))
    nodes, w = np.polynomial.hermite_e.hermegauss(80)
    w = w / w.sum()
    odds = math.log(prevalence / (1 - prevalence))
    total = 0.0
    for mean, share, sign in ((distance, prevalence, 1.0), (0.0, 1 - prevalence, -1.0)):
        score = mean + nodes
        linear = odds + distance * score - distance**2 / 2  # Bayes: log-odds given the score
        total += share * float((w * -np.logaddexp(0.0, -sign * linear)).sum())
    null = prevalence * math.log(prevalence) + (1 - prevalence) * math.log(1 - prevalence)
    return 1.0 - math.exp(-2.0 * (total - null))
