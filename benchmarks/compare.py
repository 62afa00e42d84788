"""Double-entry comparison of 1,000,000 cells, side by side with what a pandas user would write by hand.

    python benchmarks/compare.py [--records 50000] [--items 20]

The plain way joins the two frames on the key and marks unequal texts. It knows no numbers, dates, blanks,
duplicates or rates, so it is the floor of what a comparison must cost; the ratio says what the rest costs.
Three pairs of entries: one typing error in a thousand fields, none, and every field different.
"""

from __future__ import annotations

import argparse
import time
import tracemalloc
from collections.abc import Callable

import numpy as np
import pandas as pd

from trialkit.entry import compare


def entries(records: int, items: int, share_wrong: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Two entries of the same forms, the second in another order, with a share of its fields mistyped."""
    rng = np.random.default_rng(314)
    first = {"subject_id": np.arange(records).astype(str).astype(object)}
    for item in range(items):
        numbers = rng.integers(0, 1000, records) if item % 2 else rng.normal(50, 10, records).round(2)
        first[f"item_{item}"] = numbers.astype(str).astype(object)
    second = {name: values.copy() for name, values in first.items()}
    for item in range(items):
        wrong = rng.random(records) < share_wrong
        second[f"item_{item}"][wrong] = np.char.add(second[f"item_{item}"][wrong].astype(str), "1").astype(
            object
        )
    order = rng.permutation(records)
    return pd.DataFrame(first), pd.DataFrame(second).iloc[order].reset_index(drop=True)


def plain_pandas(first: pd.DataFrame, second: pd.DataFrame) -> int:
    """Join on the key, compare texts, stack what differs; the number of differences."""
    one, two = first.set_index("subject_id"), second.set_index("subject_id").loc[first["subject_id"]]
    differs = one.ne(two)
    places = differs.to_numpy().nonzero()
    listed = pd.DataFrame(
        {
            "subject_id": one.index[places[0]],
            "item": one.columns[places[1]],
            "first_value": one.to_numpy()[places],
            "second_value": two.to_numpy()[places],
        }
    )
    return len(listed)


def ours(first: pd.DataFrame, second: pd.DataFrame) -> int:
    return int(compare(first, second, keys=["subject_id"]).summary["fields_discordant"])


Work = Callable[[pd.DataFrame, pd.DataFrame], int]


def seconds(work: Work, first: pd.DataFrame, second: pd.DataFrame, repeats: int = 3) -> float:
    best = float("inf")
    for _ in range(repeats):
        begun = time.perf_counter()
        work(first, second)
        best = min(best, time.perf_counter() - begun)
    return best


def megabytes(work: Work, first: pd.DataFrame, second: pd.DataFrame) -> float:
    tracemalloc.start()
    work(first, second)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--records", type=int, default=50_000)
    options.add_argument("--items", type=int, default=20)
    asked = options.parse_args()
    print(f"{asked.records * asked.items:,} cells: {asked.records:,} records x {asked.items} items")
    print(f"{'fields mistyped':<18}{'plain pandas':>14}{'trialkit':>12}{'ratio':>8}{'memory ratio':>14}")
    for label, share in (("1 in 1000", 0.001), ("none", 0.0), ("all", 1.0)):
        pair = entries(asked.records, asked.items, share)
        assert ours(*pair) == plain_pandas(*pair)
        plain, mine = seconds(plain_pandas, *pair), seconds(ours, *pair)
        memory = megabytes(ours, *pair) / megabytes(plain_pandas, *pair)
        print(f"{label:<18}{plain:>12.2f} s{mine:>10.2f} s{mine / plain:>8.1f}{memory:>14.1f}")
    half, whole = (entries(records, asked.items, 0.001) for records in (asked.records // 2, asked.records))
    print(f"twice the records take {seconds(ours, *whole) / seconds(ours, *half):.1f} times as long")


if __name__ == "__main__":
    main()
