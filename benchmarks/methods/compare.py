"""Double-entry comparison beside what a pandas user would write by hand.

The plain way joins the two frames on the key and marks unequal texts. It knows no numbers, dates, blanks,
duplicates or rates, so it is the floor of what a comparison must cost; the ratio says what the rest costs.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from benchmarks.measure import Measure, PythonPeer
from trialkit.entry import compare

ITEMS = 20
Pair = tuple[pd.DataFrame, pd.DataFrame]


def entries(share_wrong: float) -> Callable[[int], Pair]:
    """Two entries of the same forms, the second in another order, with a share of its fields mistyped."""

    def make(records: int) -> Pair:
        rng = np.random.default_rng(314)
        first = {"subject_id": np.arange(records).astype(str).astype(object)}
        for item in range(ITEMS):
            numbers = rng.integers(0, 1000, records) if item % 2 else rng.normal(50, 10, records).round(2)
            first[f"item_{item}"] = numbers.astype(str).astype(object)
        second = {name: values.copy() for name, values in first.items()}
        for item in range(ITEMS):
            wrong = rng.random(records) < share_wrong
            typed = second[f"item_{item}"][wrong].astype(str)
            second[f"item_{item}"][wrong] = np.char.add(typed, "1").astype(object)
        order = rng.permutation(records)
        return pd.DataFrame(first), pd.DataFrame(second).iloc[order].reset_index(drop=True)

    return make


def ours(pair: Pair) -> list[int]:
    return [int(compare(*pair, keys=["subject_id"]).summary["fields_discordant"])]


def plain_pandas(pair: Pair) -> list[int]:
    """Join on the key, compare texts, list what differs; the number of differences."""
    first, second = pair
    one, two = first.set_index("subject_id"), second.set_index("subject_id").loc[first["subject_id"]]
    places = one.ne(two).to_numpy().nonzero()
    listed = pd.DataFrame(
        {
            "subject_id": one.index[places[0]],
            "item": one.columns[places[1]],
            "first_value": one.to_numpy()[places],
            "second_value": two.to_numpy()[places],
        }
    )
    return [len(listed)]


MEASURES = tuple(
    Measure(
        what=f"{ITEMS} items, fields mistyped: {words}",
        data=entries(share),
        ours=ours,
        sizes=(25_000, 50_000) if share == 0.001 else (50_000,),
        quick=200,
        unit="records",
        peers=(PythonPeer(name="join and compare texts, plain pandas", work=plain_pandas, within=0),),
    )
    for words, share in (("1 in 1000", 0.001), ("none", 0.0), ("all", 1.0))
)
