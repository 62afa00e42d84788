"""Invented trials for models of a category."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest


@pytest.fixture(scope="session")
def make_categories() -> Callable[[int], pd.DataFrame]:
    """``make_categories(seed)``: arms, sites, a baseline, an event and an ordered score, in any numbers."""

    def make(seed: int) -> pd.DataFrame:
        random = np.random.default_rng(seed)
        n = int(random.integers(120, 300))
        data = pd.DataFrame(
            {
                "arm": random.choice(["control", "exercise", "usual"], n, p=random.dirichlet([6, 6, 6])),
                "site": random.choice(list("ABCD"), n),
                "sex": random.choice(["female", "male"], n, p=[0.7, 0.3]),
                "base": random.normal(40, 9, n),
            }
        )
        slopes = random.normal(0, 0.5, 2)
        latent = slopes[0] * (data.arm == "exercise") + slopes[1] * (data.base - 40) / 9
        latent += random.logistic(size=n)
        data["event"] = (latent > 0).astype(int)
        data["score"] = np.digitize(latent, [-1.2, 0.3, 1.5])
        return data

    return make
