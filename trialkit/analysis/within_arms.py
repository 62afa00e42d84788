"""Multiple imputation within each arm, by random numbers that go with an arm's subjects."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from trialkit.stats.distributions import FloatArray
    from trialkit.stats.missing.imputations import Imputations


def within_arms(data: pd.DataFrame, model: list[str], m: int, seed: int) -> list[pd.DataFrame]:
    """``m`` completed data sets, each arm imputed by itself.

    The random numbers of an arm go with its subjects, not with its name or place: what a masked run shows
    must not depend on which group is called A.
    """
    import pandas as pd

    parts = [list(imputed) for imputed in _imputed_within_arms(data, model, m, seed)]
    return [pd.concat(frames).loc[data.index] for frames in zip(*parts, strict=True)]


def values_within_arms(data: pd.DataFrame, model: list[str], column: str, m: int, seed: int) -> FloatArray:
    """The same of one column: a row of completed values for each data set."""
    values = np.tile(data[column].to_numpy(dtype=float), (m, 1))
    places = data.index
    for imputed in _imputed_within_arms(data, model, m, seed):
        if column in imputed.cells:
            drawn = imputed.cells[column]
            values[:, places.get_indexer(imputed.data.index[drawn.rows])] = drawn.values
    return values


def _imputed_within_arms(data: pd.DataFrame, model: list[str], m: int, seed: int) -> Iterator[Imputations]:
    from trialkit.stats import impute

    for _, here in data.groupby("arm", observed=True):
        own = int.from_bytes(
            hashlib.sha256(f"{seed} {here['subject_id'].min()}".encode()).digest()[:4], "big"
        )
        yield impute(here, model, by=None, n=m, seed=own)
