"""Residuals of repeated measures, scaled by each visit's deviation or by each subject's whole covariance."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np

from trialkit.stats.distributions import FloatArray
from trialkit.stats.mixed.visits import Visits

ResidualKind = Literal["response", "pearson", "normalized"]
RESIDUALS: tuple[ResidualKind, ...] = get_args(ResidualKind)


def standardized_residuals(
    raw: FloatArray, visits: Visits, matrices: tuple[FloatArray, ...], kind: ResidualKind
) -> FloatArray:
    """Raw residuals made comparable; one matrix over visits for each group."""
    stacked = np.stack(matrices)
    if kind == "pearson":
        return raw / np.sqrt(stacked[visits.group, visits.visit, visits.visit])
    n, m = visits.n_subjects, len(visits.levels)
    values, seen = np.zeros((n, m)), np.zeros((n, m), dtype=bool)
    values[visits.subject, visits.visit] = raw
    seen[visits.subject, visits.visit] = True
    group = np.zeros(n, dtype=np.intp)
    group[visits.subject] = visits.group
    both = seen[:, :, None] & seen[:, None, :]
    lower = np.linalg.cholesky(np.where(both, stacked[group], np.eye(m)))
    whitened = np.linalg.solve(lower, values[:, :, None])[:, :, 0]
    return np.asarray(whitened[visits.subject, visits.visit])
