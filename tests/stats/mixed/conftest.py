"""An invented trial with repeated measures, and a slow, obvious likelihood to hold the fast one to."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest


@pytest.fixture
def make_trial() -> Callable[..., pd.DataFrame]:
    """``make_trial(seed, n)``: n subjects at visits 1, 2, 4 and 8, with dropout and gaps."""

    def make(seed: int = 1, n: int = 60, effect: float = -2.0) -> pd.DataFrame:
        random = np.random.default_rng(seed)
        visits = np.array([1, 2, 4, 8])
        arm = np.where(np.arange(n) % 2 == 0, "control", "exercise")
        base = random.normal(40.0, 9.0, n)
        level = random.normal(0.0, 5.0, n)
        noise = random.normal(0.0, 1.0, (n, 4)) * np.array([3.0, 4.0, 5.0, 6.0])
        y = 0.4 * base[:, None] + level[:, None] + noise - np.arange(4)
        y = y + effect * np.arange(4) / 3.0 * (arm == "exercise")[:, None]
        gone = np.maximum.accumulate(random.random((n, 4)) < 0.06, axis=1) | (random.random((n, 4)) < 0.05)
        y[gone] = np.nan
        return pd.DataFrame(
            {
                "subject": np.repeat(np.arange(n), 4),
                "visit": np.tile(visits, n),
                "arm": np.repeat(arm, 4),
                "base": np.repeat(base, 4),
                "y": y.ravel(),
            }
        )

    return make


@pytest.fixture(scope="session")
def dense_log_likelihood() -> Callable[..., float]:
    """The Gaussian (restricted) log-likelihood written out with the n x n covariance of all rows."""

    def log_likelihood(
        X: np.ndarray, y: np.ndarray, covariance: np.ndarray, restricted: bool = True
    ) -> float:
        n, p = X.shape
        inverse = np.linalg.inv(covariance)
        information = X.T @ inverse @ X
        residual = y - X @ np.linalg.solve(information, X.T @ inverse @ y)
        value = np.linalg.slogdet(covariance)[1] + residual @ inverse @ residual
        if restricted:
            value += np.linalg.slogdet(information)[1]
        return float(-0.5 * (value + (n - p * restricted) * np.log(2.0 * np.pi)))

    return log_likelihood
