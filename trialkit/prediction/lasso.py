"""LASSO selection: L1-penalized logistic regression, the penalty by folds that keep a subject whole.

A bootstrap sample holds some subjects two or three times. Were they on both sides of a fold, the penalty
would come out too small and five times too many features would be selected: folds go by original subject.
R: ``glmnet(x, y, family = "binomial", standardize = FALSE, weights = w)``, with lambda = 1 / (C sum(w)).
"""

from __future__ import annotations

import numpy as np

from trialkit.prediction.arrays import Booleans, Floats, Ints, Matrix
from trialkit.prediction.errors import PredictionError
from trialkit.prediction.plan import Selection
from trialkit.wording import said


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
    """Intercept and coefficients, one row a penalty, minimizing mean deviance / 2 + lambda |beta|_1.

    Newton steps, each a weighted least-squares LASSO by coordinate descent, begun where the penalty before
    ended; on cross-products where the rows are so many that these are the smaller work.
    Source: Friedman, Hastie & Tibshirani, J Stat Softw 2010;33(1), section 3.

    Raises
    ------
    PredictionError
        The steps do not settle.
    """
    from sklearn import config_context

    seen = weights > 0
    x, y, w = np.asfortranarray(matrix[seen]), outcome[seen], weights[seen]
    mean = float(np.average(y, weights=w))
    at, path = np.r_[np.log(mean / (1.0 - mean)), np.zeros(x.shape[1])], []
    # thousands of small fits on numbers that were checked once: sklearn's checks would take most of the time
    with config_context(assume_finite=True, skip_parameter_validation=True):
        for penalty in penalties:
            at = _at_penalty(x, y, w, float(penalty), at)
            path.append(at)
    return np.array(path)


_SETTLED = 1e-4  # steps shrink quadratically: what is left after one so small is near 1e-8
_STEPS = 100
_ROWS_A_COLUMN = 20  # cross-products cost a step more than they save it where rows are fewer than so many


def _at_penalty(x: Matrix, y: Floats, w: Floats, penalty: float, start: Floats) -> Floats:
    now = start
    for _ in range(_STEPS):
        new = _newton_step(x, y, w, penalty, now)
        if np.abs(new - now).max() < _SETTLED:
            return new
        now = new
    raise PredictionError(
        expected=said("a LASSO path that settles"),
        found=said("none after {steps} steps at penalty {penalty:g}", steps=_STEPS, penalty=penalty),
        where="selection",
        next_step="Look for candidates that separate the outcomes, or raise smallest_ratio in the plan.",
    )


def _newton_step(x: Matrix, y: Floats, w: Floats, penalty: float, now: Floats) -> Floats:
    from sklearn.linear_model import enet_path

    linear = now[0] + x @ now[1:]
    risk = 1.0 / (1.0 + np.exp(-linear))
    curvature = w * np.maximum(risk * (1.0 - risk), 1e-5)
    working = linear + w * (y - risk) / curvature
    total = curvature.sum()
    middle, level = curvature @ x / total, curvature @ working / total  # the intercept is not penalized
    root = np.sqrt(curvature)
    columns, target = np.asfortranarray((x - middle) * root[:, None]), (working - level) * root
    many = len(y) > _ROWS_A_COLUMN * x.shape[1]
    coefficients = enet_path(
        columns,
        target,
        l1_ratio=1.0,
        alphas=np.array([penalty * w.sum() / len(y)]),
        precompute=np.ascontiguousarray(columns.T @ columns) if many else False,
        Xy=columns.T @ target if many else None,
        coef_init=now[1:].copy(),  # it is written over
        check_input=False,
        tol=1e-9,
        max_iter=10_000,
    )[1][:, 0]
    return np.concatenate(([level - middle @ coefficients], coefficients))


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
