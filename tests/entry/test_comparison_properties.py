"""Planted errors are found as sets; an obvious second implementation agrees; swapping mirrors."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

from trialkit.entry import compare, compare_texts

CELLS = st.one_of(
    st.none(),
    st.sampled_from(
        ["", " ", "1", "1.0", "01", "x", "X", " x", "2024-05-01", "2024-05-02", "1e0", "\x00", "nan"]
    ),
    st.text(max_size=3),
)
ENTRIES = st.lists(st.tuples(st.sampled_from("12345"), st.sampled_from("ab"), CELLS, CELLS), max_size=9)


def frame(rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["id", "visit", "p", "q"], dtype=object)


def obvious(first: list[tuple[Any, ...]], second: list[tuple[Any, ...]]) -> dict[str, Any]:
    """The contract written as loops over dictionaries."""
    times_first = Counter(row[:2] for row in first)
    times_second = Counter(row[:2] for row in second)
    others = {row[:2]: row for row in second}
    found, compared, nonblank = set(), 0, 0
    for row in first:
        key = row[:2]
        if times_first[key] == times_second[key] == 1:
            compared += 1
            for name, one, two in zip("pq", row[2:], others[key][2:], strict=True):
                nonblank += bool((one or "").strip() or (two or "").strip())
                kind = compare_texts(one, two)
                if kind:
                    found.add((*key, name, kind.value))
    return {
        "found": found,
        "records_compared": compared,
        "fields_compared": compared * 2,
        "fields_compared_nonblank": nonblank,
        "only_in_first": len(set(times_first) - set(times_second)),
        "only_in_second": len(set(times_second) - set(times_first)),
        "duplicate_keys_first": sum(n > 1 for n in times_first.values()),
        "duplicate_keys_second": sum(n > 1 for n in times_second.values()),
        "fields_discordant": len(found),
        "records_discordant": len({hit[:2] for hit in found}),
    }


@pytest.mark.independent_reimplementation
@settings(derandomize=True, deadline=None)
@given(ENTRIES, ENTRIES)
def test_the_comparison_equals_loops_over_dictionaries(
    first: list[tuple[Any, ...]], second: list[tuple[Any, ...]]
) -> None:
    report, expected = compare(frame(first), frame(second), keys=["id", "visit"]), obvious(first, second)
    hits = set(report.discrepancies[["id", "visit", "item", "kind"]].itertuples(index=False, name=None))
    assert hits == expected.pop("found")
    assert {name: report.summary[name] for name in expected} == expected


MIRRORED = {"missing_in_first": "missing_in_second", "missing_in_second": "missing_in_first"}


@settings(derandomize=True, deadline=None)
@given(ENTRIES, ENTRIES, st.sampled_from(["exact", "casefold"]))
def test_swapping_the_entries_mirrors_the_report(
    first: list[tuple[Any, ...]], second: list[tuple[Any, ...]], text: Any
) -> None:
    forth = compare(frame(first), frame(second), keys=["id", "visit"], text=text)
    back = compare(frame(second), frame(first), keys=["id", "visit"], text=text)
    names = ["id", "visit", "item", "first_value", "second_value", "kind"]
    swapped = {
        (i, v, item, two, one, MIRRORED.get(kind, kind))
        for i, v, item, one, two, kind in back.discrepancies[names].itertuples(index=False, name=None)
    }
    assert set(forth.discrepancies[names].itertuples(index=False, name=None)) == swapped
    for name, count in forth.summary.items():
        other = name.replace("first", "SECOND").replace("second", "first").replace("SECOND", "second")
        assert back.summary[other] == count or count != count


PLANT = {
    "value": ("41.5", lambda typed: "51.4"),
    "transposed digits": ("41.5", lambda typed: "14.5"),
    "letter for digit": ("41.5", lambda typed: "4l.5"),
    "left out by the first": ("41.5", None),
    "left out by the second": ("41.5", lambda typed: None),
    "case": ("stiff", lambda typed: typed.upper()),
    "another date": ("2024-05-01", lambda typed: "2024-01-05"),
}
KIND = ["value", "value", "type", "missing_in_first", "missing_in_second", "text_only", "value"]


@settings(derandomize=True, deadline=None, max_examples=25)
@given(st.integers(0, 10_000))
def test_planted_typing_errors_are_found_exactly_as_sets(seed: int) -> None:
    draw = random.Random(seed)
    subjects = [f"S{number:03d}" for number in range(draw.randint(1, 60))]
    clean = {item: [typed] * len(subjects) for item, (typed, _) in PLANT.items()}
    first, second = (pd.DataFrame({"id": subjects, **clean}, dtype=object) for _ in range(2))
    planted = set()
    for (item, (_, change)), kind in zip(PLANT.items(), KIND, strict=True):
        for row in draw.sample(range(len(subjects)), draw.randint(0, len(subjects))):
            side, column = (second if change else first), first.columns.get_loc(item)
            side.iloc[row, column] = change(side.iloc[row, column]) if change else ""
            planted.add((subjects[row], item, kind))
    shuffled = second.sample(frac=1, random_state=seed)
    report = compare(first, shuffled, keys=["id"])
    assert set(report.discrepancies[["id", "item", "kind"]].itertuples(index=False, name=None)) == planted
    assert report.summary["fields_discordant"] == len(planted)


def test_an_error_made_by_both_typists_is_invisible() -> None:
    truth = pd.DataFrame({"id": ["1"], "odi": ["40"]})
    typed = truth.assign(odi="44")
    assert compare(typed, typed, keys=["id"]).identical
