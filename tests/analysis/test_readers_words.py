"""What a report says of an error: made from its message ids and parameters, in the words of the study."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import trialkit
from trialkit import stats
from trialkit.analysis import readers_words as module
from trialkit.analysis.parts import Parts
from trialkit.analysis.readers_words import INSTEAD, readers_words
from trialkit.errors import TrialkitError
from trialkit.stats.errors import DataError
from trialkit.wording import said

LABELS = {
    "odi": ("Oswestry Disability Index", "percent"),
    "site": ("Site", ""),
    "age_years": ("Age", "years"),
    "event": ("Recurrence", ""),
}
CONTEXT: Any = SimpleNamespace(
    datasets=SimpleNamespace(labels=LABELS),
    plan=SimpleNamespace(visits={"month_6": None}),
    visit_label=lambda name: "6 months after randomization",
)
ENTRY: Any = SimpleNamespace(id="P2", where="/somewhere/else/plan.toml:458:analysis[13]")


def rows(**changed: Any) -> pd.DataFrame:
    made = np.random.default_rng(4)
    data = pd.DataFrame(
        {
            "subject_id": np.repeat(range(20), 2),
            "chg": made.normal(size=40),
            "odi": made.normal(size=40),
            "age_years": made.normal(60, 5, 40),
            "site": np.tile(["A", "B", "C", "D"], 10),
            "time": made.integers(1, 40, 40).astype(float),
            "event": made.integers(0, 2, 40),
        }
    )
    return data.assign(**changed)


def raised(call: Any) -> TrialkitError:
    with pytest.raises(TrialkitError) as caught:
        call()
    return caught.value


CASES = {
    "a column that is wholly missing": (
        lambda: stats.ancova("chg ~ odi + site", rows(odi=np.nan)),
        "the model of change from baseline on Oswestry Disability Index and site: "
        "expected subjects with everything it uses; found none (missing: Oswestry Disability Index 40).",
    ),
    "terms that say the same": (
        lambda: stats.ancova("chg ~ odi + twice", rows(twice=lambda d: 2 * d.odi)),
        "expected terms that no others determine; found redundant: twice.",
    ),
    "a level without events": (
        lambda: stats.cox("site", rows(event=lambda d: (d.site != "A") * 1), "time", "event"),
        "expected an event in every level of a factor; found 1 of 4 levels of site without one. "
        "Its hazard ratio has no finite estimate.",
    ),
    "nobody had the event": (
        lambda: stats.cox("site", rows(event=0), "time", "event"),
        "recurrence: expected at least one event; found none among the rows used.",
    ),
    "a constant column": (
        lambda: stats.ancova("chg ~ age_years", rows(age_years=60.0)),
        "age",
    ),
    "random coefficients of subjects seen twice": (
        lambda: stats.lmm("chg ~ time", rows(time=np.tile([0.0, 1.0], 20)), random="1 + time | subject_id"),
        "the model's random effects: expected some subject with more than 2 rows, to tell its "
        "coefficients from the residual; found at most 2.",
    ),
    "one group in every stratum": (
        lambda: stats.risk_difference(
            rows(arm="control"), outcome="event", by="arm", reference="control", strata=["site"]
        ),
        "arm: expected two groups, one of them the reference; found 1 with an outcome.",
    ),
    "no groups to compare": (
        lambda: stats.log_rank(rows(arm="control"), "time", "event", by="arm"),
        "arm: expected two or more groups; found one.",
    ),
    "a horizon that numpy made": (
        lambda: stats.restricted_mean(rows(), "time", "event", by="site", tau=np.float64(0.0), reference="A"),
        "found 0.0.",
    ),
    "a probability that numpy made": (
        lambda: stats.ancova("chg ~ odi", rows(), confidence_level=np.float64(95.0)),
        "found 95.0.",
    ),
    "a rho that numpy made, in words that are said": (
        lambda: (_ for _ in ()).throw(DataError(expected="rho", found=said("{rho!r}", rho=np.float64(-1.0)))),
        "found -1.0.",
    ),
    "a wrong type": (
        lambda: stats.ancova("chg ~ odi", rows(odi=pd.Timestamp("2024-01-01"))),
        "expected numbers, text, categories or true/false",
    ),
    "a level that separates": (
        lambda: stats.logistic("event ~ site", rows(event=lambda d: d.event.where(d.site != "B", 0))),
        "quasi-complete separation along site: B. Merge sparse levels",
    ),
    "a reference level that separates": (
        lambda: stats.logistic("event ~ site", rows(event=lambda d: d.event.where(d.site != "A", 0))),
        "quasi-complete separation along level A of site. Merge sparse levels",
    ),
    "an outcome of two numbers": (
        lambda: stats.logistic("event ~ odi", rows(event=lambda d: d.event + 1)),
        "recurrence: expected 1 where the event happened and 0 where it did not; found the values 1, 2.",
    ),
}


@pytest.mark.parametrize(("call", "words"), CASES.values(), ids=CASES)
def test_a_reader_is_told_in_the_words_of_the_study(call: Any, words: str) -> None:
    told = readers_words(CONTEXT, ENTRY, raised(call))
    assert words in told
    assert not re.search(
        r"column '|formula '|levels? of '|outcome '|row\(s\)|np\.|\bcolumn\b|'control'|_years|kaplan_meier\b",
        told,
    )


def test_a_part_that_fails_is_quoted_in_the_same_words() -> None:
    parts = Parts()
    parts.add("The Cox model", lambda: stats.cox("site", rows(event=0), "time", "event"))  # type: ignore[arg-type,return-value]
    assert readers_words(CONTEXT, ENTRY, parts.warnings[0]) == (
        "The Cox model could not be estimated: recurrence: expected at least one event; "
        "found none among the rows used."
    )


def test_a_column_by_visit_is_its_label_and_the_visit() -> None:
    error = DataError(expected="values", found="none", where=said("column {name!r}", name="odi@month_6"))
    told = readers_words(CONTEXT, ENTRY, error)
    assert told == "Oswestry Disability Index at 6 months after randomization: expected values; found none."


def test_the_folder_and_the_number_of_an_entry_are_left_out() -> None:
    where = "/somewhere/else/plan.toml:458:analysis[13] (P2)"
    error = DataError(expected="a visit", found="'month_13'", where=where, next_step="Name one.")
    assert readers_words(CONTEXT, ENTRY, error) == (
        "plan.toml:458: expected a visit; found 'month_13'. Name one."
    )


def test_every_message_that_is_said_otherwise_is_one_that_the_package_can_say() -> None:
    here = Path(trialkit.__file__).parent
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in (here / "stats").rglob("*.py")]
    texts = {node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    assert set(INSTEAD) - texts == set()


def test_no_text_of_an_error_is_searched_for_patterns() -> None:
    assert not hasattr(module, "re")
