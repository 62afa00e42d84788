"""What the counts line says of an entry is what its models used, for every entry of the reference plan."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from trialkit import stats
from trialkit.analysis import Results, run_plan
from trialkit.analysis.context import Context
from trialkit.analysis.methods import all_methods
from trialkit.plan import Analysis, Plan
from trialkit.plan.keys import STRATA_AS, STRATA_SOURCE
from trialkit.snapshot import Snapshot

FITTING = ("ancova", "cox", "interval_cloglog", "lmm", "logistic", "mmrm", "ordinal")
DRAWS = 3  # of an entry that imputes: how many say nothing on who is in it


def _few_draws(plan: Plan) -> Plan:
    entries = []
    for entry in plan.analyses:
        missing = entry.keys.get("missing")
        few = {"missing": replace(missing, m=DRAWS)} if hasattr(missing, "m") else {}
        entries.append(entry.saying(**few))
    return replace(plan, analyses=tuple(entries))


def _lacking(snapshot: Snapshot) -> Snapshot:
    """The snapshot without some images and grades of some people each, so that few models use the same."""
    values = snapshot.tables["values"]
    people = sorted(set(snapshot.tables["allocations"]["subject_id"]))
    gone = (values["item"] == "goutallier") & values["subject_id"].isin(people[:9])
    gone |= values["item"].str.startswith("mri_l") & values["subject_id"].isin(people[5:20])
    gone |= _baseline_pain(values, people[20])
    return replace(snapshot, tables={**snapshot.tables, "values": values[~gone]})


def _baseline_pain(values: pd.DataFrame, subject: str) -> pd.Series:
    mine = values["subject_id"] == subject
    first = values.loc[mine & (values["item"] == "vas_mm"), "visit"].iloc[0]
    return mine & (values["item"] == "vas_mm") & (values["visit"] == first)


def _sizes(fit: Any) -> frozenset[int]:
    """Rows, and where they stand together what they are of: one of the two is the subjects."""
    found = (getattr(fit, name, None) for name in ("n", "n_subjects", "n_clusters"))
    return frozenset(int(n) for n in found if n)


@pytest.fixture(scope="module")
def run(plan: Plan, snapshot: Snapshot) -> Iterator[tuple[Results, dict[str, set[frozenset[int]]]]]:
    """The results, and of every entry how many subjects each model fitted for it used."""
    fitted: dict[str, set[frozenset[int]]] = {}
    at_work: list[str] = []

    def heard(fit: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(fit)
        def fitting(*given: Any, **named: Any) -> Any:
            made = fit(*given, **named)
            fitted.setdefault(at_work[-1], set()).add(_sizes(made))
            return made

        return fitting

    with pytest.MonkeyPatch.context() as patched:
        for name in FITTING:
            patched.setattr(stats, name, heard(getattr(stats, name)))
        asked = Context.of_pair

        def now_at(context: Context, entry: Analysis) -> Context:
            at_work[:] = [entry.id]
            return asked(context, entry)

        patched.setattr(Context, "of_pair", now_at)
        yield run_plan(_few_draws(plan), _lacking(snapshot)), fitted


def test_every_model_used_whom_the_counts_say(run: tuple[Results, dict[str, set[frozenset[int]]]]):
    results, fitted = run
    assert len(fitted) > 20  # entries
    wrong = {}
    for name, sizes in fitted.items():
        counts = results[name].counts
        told = counts.assign(n=counts["n_observed"] + counts["n_imputed"]).groupby("of")["n"].sum()
        if not all(one & set(told) for one in sizes):
            wrong[name] = (results[name].kind, sizes, told.to_dict())
    assert not wrong, wrong


def test_models_over_visits_give_the_same_reasons(run: tuple[Results, dict[str, set[frozenset[int]]]]):
    """A baseline value alone that is missing leaves nobody out: the mean of all stands in its place."""
    results, _ = run
    repeated, slopes = results["V1"].counts, results["V2"].counts
    assert set(repeated["reason"]) == {"no visit after baseline"}
    assert repeated.equals(slopes)


def test_a_rate_says_which_of_its_three_reasons_left_somebody_out(
    run: tuple[Results, dict[str, set[frozenset[int]]]],
):
    (reasons,) = {" or ".join(run[0]["J2"].counts["reason"])}
    assert "outcome missing" in reasons and "baseline at the ceiling" not in reasons


def test_the_model_of_all_episodes_says_what_it_is_stratified_by(
    run: tuple[Results, dict[str, set[frozenset[int]]]],
):
    assert "Andersen-Gill model (arm) stratified by sex and site as randomized" in run[0]["R5"].method


ASKED_IN_WORDS = {
    "N1": "strata as randomized; missing data: complete cases",
    "G1": "strata as randomized; missing data: complete cases",
    "I3": "strata as randomized; missing data: complete cases",
    "V1": "missing at random given the visits observed (likelihood)",
    "V2": "strata as randomized; missing data: missing at random given the visits observed (likelihood)",
    "R4": "strata as randomized; censored at the last assessment",
    "R5": "stratified by sex and site as randomized",
    "R1": "stratified by sex and site as randomized",
    "R7": "censored at the last assessment",
    "S1": "Mantel-Haenszel weights over sex and site as randomized",
    "S3": "Mantel-Haenszel weights over sex and site as randomized",
}


@pytest.mark.parametrize("name", ASKED_IN_WORDS)
def test_missing_data_and_wrong_strata_are_told(
    run: tuple[Results, dict[str, set[frozenset[int]]]], name: str
):
    assert ASKED_IN_WORDS[name] in run[0][name].method


def test_every_comparing_method_asks_how_missing_data_enter_and_which_stratum_counts():
    """No silent default: what a method fits from data with gaps, within strata or not."""
    for method in all_methods().values():
        asked = {key.name for key in (*method.keys, *method.confirmatory)}
        if method.confirmatory and asked & {"formula", "strata"}:
            assert "missing" in asked or method.name == "tipping_point", method.name
        within = [key for key in method.every_key if key.name == "strata" and key is not STRATA_SOURCE]
        if within and method.confirmatory:
            assert STRATA_AS in method.confirmatory, method.name
