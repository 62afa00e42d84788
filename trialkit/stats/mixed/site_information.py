"""The observed information of the site integral: from the moments at its nodes, or by differences.

Louis' identity gives minus the second derivatives of the integral as moments over each site's deviation: the
mean information of its rows less the variance of their score. Taken at the nodes they are those of the
quadrature only where it is accurate. The same moments give a score (Fisher's identity); where it equals the
gradient of the quadrature, the nodes are fine enough. Elsewhere, and with few nodes, that gradient is
differenced.

References: Louis (1982), Journal of the Royal Statistical Society B 44:226-233, equation 3.1.
"""

from __future__ import annotations

import numpy as np

from trialkit.stats.distributions import FloatArray
from trialkit.stats.mixed.site_integral import SiteIntegral
from trialkit.stats.mixed.state import is_positive_definite

_STEP = 1e-3
"""Step of central differences, in standard errors: its square is the relative error of the information."""
_FEWEST_NODES = 5
_LARGEST_GAP = 1e-7
"""Between the two scores, in standard errors; the errors found either way then differ by a like share."""


def observed_information(model: SiteIntegral, parameters: FloatArray, about: FloatArray) -> FloatArray:
    """Minus the second derivatives at these parameters; ``about`` sets the steps of differences."""
    if model.points >= _FEWEST_NODES:
        information, score = moments(model, parameters)
        gap = score - model.gradient(parameters)
        if is_positive_definite(information) and gap @ np.linalg.solve(information, gap) < _LARGEST_GAP**2:
            return information
    return by_differences(model, parameters, about)


def moments(model: SiteIntegral, parameters: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Information and score by the identities of Louis and Fisher, over the nodes of every site."""
    here, X = model.evaluate(parameters), model.X
    residuals, size = here.residuals, np.abs(here.residuals)
    weights = size * (1.0 - size) * np.repeat(here.shares, model.sizes, axis=0).T
    deviations = np.repeat(here.deviations, model.sizes, axis=0).T
    p = X.shape[1]
    information, score = np.zeros((p + 1, p + 1)), np.zeros(p + 1)
    information[:p, :p] = (X * weights.sum(axis=0)[:, None]).T @ X
    weights *= deviations
    information[:p, p] = information[p, :p] = X.T @ weights.sum(axis=0)
    information[p, p] = float(np.vdot(weights, deviations))
    ends = np.append(model.starts[1:], len(model.y))
    for site, (start, end) in enumerate(zip(model.starts, ends, strict=True)):
        at_nodes = np.empty((model.points, p + 1))
        at_nodes[:, :p] = residuals[:, start:end] @ X[start:end]
        at_nodes[:, p] = here.deviations[site] * residuals[:, start:end].sum(axis=1)
        mean = here.shares[site] @ at_nodes
        apart = at_nodes - mean
        information -= (apart * here.shares[site][:, None]).T @ apart
        score += mean
    return information, score


def by_differences(model: SiteIntegral, parameters: FloatArray, about: FloatArray) -> FloatArray:
    """Central differences of the gradient, a step for each parameter."""
    size = len(parameters)
    steps = _STEP / np.sqrt(np.maximum(np.diag(about), np.finfo(float).tiny))
    rows = []
    for k in range(size):
        move = np.zeros(size)
        move[k] = steps[k]
        ahead, behind = model.gradient(parameters + move), model.gradient(parameters - move)
        rows.append((behind - ahead) / (2.0 * steps[k]))
    information = np.array(rows)
    return np.asarray((information + information.T) / 2.0)
