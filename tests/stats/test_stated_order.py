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


def van_elteren(values: Any) -> Any:
    data = pd.DataFrame({"grade": values, "arm": ARMS, "site": np.arange(N) % 4 // 2})
    return stats.van_elteren(data, "grade", "arm", reference="a", strata="site")


@pytest.mark.parametrize("method", [ordinal, cloglog, kappa, van_elteren])
def test_the_alphabets_order_is_refused(method: Callable[[Any], Any]) -> None:
    with pytest.raises(TrialkitError, match="the alphabet's order: mild, moderate, none, severe"):
        method(pd.Series(WORDS).astype("category"))


@pytest.mark.parametrize("method", [ordinal, cloglog, kappa, van_elteren])
def test_a_stated_order_is_taken(method: Callable[[Any], Any]) -> None:
    stated = ["none", "mild", "moderate", "severe"]
    for values in (
        pd.Categorical(WORDS, categories=stated),
        pd.Categorical(WORDS, categories=sorted(stated), ordered=True),
        pd.Series([f"grade {stated.index(word)}" for word in WORDS]).astype("category"),
    ):
        method(values)


@pytest.mark.parametrize("role", ["outcome", "by"])
def test_the_tests_of_a_table_that_need_an_order_are_withheld_from_the_alphabets(role: str) -> None:
    other = "by" if role == "outcome" else "outcome"

    def p_values(values: Any) -> list[float]:
        data = pd.DataFrame({role: values, other: np.arange(N) % 3})
        return list(stats.cochran_mantel_haenszel(data, "outcome", "by").tests["p_value"])

    text, alphabet = p_values(pd.Series(WORDS)), p_values(pd.Series(WORDS).astype("category"))
    stated = p_values(pd.Categorical(WORDS, categories=["none", "mild", "moderate", "severe"]))
    np.testing.assert_array_equal(alphabet, text)
    assert np.isnan(alphabet[0]) and not np.isnan(stated).any()
    np.testing.assert_allclose(alphabet[2], stated[2])
