"""Categories that only the alphabet has put in order are refused wherever the order matters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from trialkit import stats
from trialkit.errors import TrialkitError

rng = np.random.default_rng(5)
N = 120
ARMS = np.where(np.arange(N) % 2, "b", "a")
WORDS = np.array(["mild", "moderate", "none", "severe"])[rng.integers(0, 4, N)]


def ordinal(values: Any) -> Any:
    return stats.ordinal("grade ~ arm", pd.DataFrame({"grade": values, "arm": ARMS}))


def cloglog(values: Any) -> Any:
    periods = pd.DataFrame(
        {"id": np.arange(N), "interval": values, "event": np.arange(N) % 3 == 0, "arm": ARMS}
    )
    return stats.interval_cloglog("arm", periods, interval="interval", event="event")


def kappa(values: Any) -> Any:
    data = pd.DataFrame(
        {"id": np.repeat(np.arange(N // 2), 2), "rater": np.tile(["x", "y"], N // 2), "g": values}
    )
    return stats.weighted_kappa(data, target="id", reader="rater", value="g", weights="linear")


@pytest.mark.parametrize("method", [ordinal, cloglog, kappa])
def test_the_alphabets_order_is_refused(method: Callable[[Any], Any]) -> None:
    with pytest.raises(TrialkitError, match="the alphabet's order: mild, moderate, none, severe"):
        method(pd.Series(WORDS).astype("category"))


@pytest.mark.parametrize("method", [ordinal, cloglog, kappa])
def test_a_stated_order_is_taken(method: Callable[[Any], Any]) -> None:
    stated = ["none", "mild", "moderate", "severe"]
    for values in (
        pd.Categorical(WORDS, categories=stated),
        pd.Categorical(WORDS, categories=sorted(stated), ordered=True),
        pd.Series([f"grade {stated.index(word)}" for word in WORDS]).astype("category"),
    ):
        method(values)
