"""LASSO selection: L1-penalized logistic regression, the penalty by folds that keep a subject whole.

A bootstrap sample holds some subjects two or three times. Were they on both sides of a fold, the penalty
would come out too small and five times too many features would be selected: folds go by original subject.
R: ``glmnet(x, y, family = "binomial", standardize = FALSE, weights = w)``, with lambda = 1 / (C sum(w)).
"""

from __future__ import annotations

import numpy as np

from trialkit.prediction.arrays import Booleans, Floats, Ints, Matrix
from trialkit.prediction.plan import Selection


def select(
    matrix: Matrix,
    outcome: Floats,
    weights: Floats,
    groups: Ints,
    plan: Selection,
    random: np.random.Generator,
) -> Ints:
    """Indices of the columns with a coefficient at the chosen penalty, strongest first kept when limited.

    With no coefficient at the chosen penalty, the first column to enter is taken: a model needs one.
    """
    penalties = penalty_path(matrix, outcome, weights, plan)
    loss = np.full((plan.folds, len(penalties)), np.nan)
    for k, held_out in enumerate(grouped_folds(groups, outcome, weights, plan.folds, random)):
        path = lasso_path(matrix[~held_out], outcome[~held_out], weights[~held_out], penalties)
        loss[k] = _deviance(path, matrix[held_out], outcome[held_out], weights[held_out])
    best = _chosen(loss, plan)
    coefficients = lasso_path(matrix, outcome, weights, penalties[: best + 1])[-1, 1:]
    chosen = np.flatnonzero(np.abs(coefficients) > 1e-8)
    if not len(chosen):
        gradient = np.abs(matrix.T @ (weights * (outcome - np.average(outcome, weights=weights))))
        chosen = np.array([int(np.argmax(gradient))])
    if plan.most and len(chosen) > plan.most:
        strongest = np.argsort(-np.abs(coefficients[chosen]), kind="stable")[: plan.most]
        chosen = np.sort(chosen[strongest])
    return np.asarray(chosen, dtype=np.int64)


def penalty_path(matrix: Matrix, outcome: Floats, weights: Floats, plan: Selection) -> Floats:
    """Penalties lambda from the smallest that lets nothing through downwards, on a log scale."""
    centred = weights * (outcome - np.average(outcome, weights=weights))
    largest = float(np.abs(matrix.T @ centred).max()) / weights.sum()
    return np.asarray(largest * np.geomspace(1.0, plan.smallest_ratio, plan.penalties), dtype=float)


def lasso_path(matrix: Matrix, outcome: Floats, weights: Floats, penalties: Floats) -> Matrix:
    """Intercept and coefficients, one row a penalty, minimizing mean deviance / 2 + lambda |beta|_1."""
    from sklearn import config_context

    seen = weights > 0
    x, y, w = np.ascontiguousarray(matrix[seen]), outcome[seen], weights[seen]
    # hundreds of small fits on numbers that were checked once: sklearn's checks would take half of the time
    with config_context(assume_finite=True, skip_parameter_validation=True):
        return np.array([_at_penalty(x, y, w, float(penalty)) for penalty in penalties])


def _at_penalty(x: Matrix, y: Floats, w: Floats, penalty: float) -> Floats:
    from sklearn.linear_model import LogisticRegression

    # liblinear penalizes the intercept too; scaled by 1000 that is nearly nothing
    model = LogisticRegression(
        l1_ratio=1,
        solver="liblinear",
        C=1.0 / (penalty * w.sum()),
        tol=1e-5,
        intercept_scaling=1000.0,
        max_iter=500,
    ).fit(x, y, sample_weight=w)
    return np.asarray(np.r_[model.intercept_, model.coef_[0]], dtype=float)


def grouped_folds(
    groups: Ints, outcome: Floats, weights: Floats, folds: int, random: np.random.Generator
) -> list[Booleans]:
    """Masks of held-out rows, balanced by outcome; copies of a subject stay together."""
    originals, first = np.unique(groups, return_index=True)
    fold_of = np.zeros(len(originals), dtype=int)
    start = 0
    for value in (0.0, 1.0):
        for known in (True, False):
            members = np.flatnonzero((outcome[first] == value) & ((weights[first] > 0) == known))
            random.shuffle(members)
            fold_of[members] = (np.arange(len(members)) + start) % folds
            start += len(members)
    of_row = fold_of[np.searchsorted(originals, groups)]
    return [of_row == k for k in range(folds)]


def _deviance(path: Matrix, matrix: Matrix, outcome: Floats, weights: Floats) -> Floats:
    linear = path[:, :1] + path[:, 1:] @ matrix.T
    terms = np.logaddexp(0.0, linear) - outcome * linear
    return np.asarray((terms * weights).sum(axis=1) / weights.sum(), dtype=float)


def _chosen(loss: Matrix, plan: Selection) -> int:
    mean = loss.mean(axis=0)
    best = int(np.argmin(mean))
    if plan.penalty == "minimum":
        return best
    error = float(loss[:, best].std(ddof=1)) / np.sqrt(plan.folds)
    return int(np.flatnonzero(mean <= mean[best] + error)[0])
