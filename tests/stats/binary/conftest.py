"""Trials from their counts."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest


@pytest.fixture(scope="session")
def from_counts() -> Callable[..., pd.DataFrame]:
    """One row a subject from events and sizes of the test and the reference arm, by stratum."""

    def make(x1, n1, x0, n0) -> pd.DataFrame:
        rows = [
            (stratum, arm, outcome)
            for stratum, counts in enumerate(zip(x1, n1, x0, n0, strict=True))
            for arm, events, size in (("test", *counts[:2]), ("reference", *counts[2:]))
            for outcome in [1] * events + [0] * (size - events)
        ]
        return pd.DataFrame(rows, columns=["site", "arm", "better"])

    return make
