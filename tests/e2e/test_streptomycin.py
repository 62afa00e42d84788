"""The streptomycin trial of 1948, a second published trial entered as a study of its own."""

from __future__ import annotations

import io
import json
from math import exp
from pathlib import Path
from typing import Any

import pytest

from trialkit.demo.example import example_folder, run_example
from trialkit.demo.telling import Teller

# Table II of BMJ 1948;2:769, at six months: streptomycin (55), control (52); 1 is death.
PUBLISHED = {1: (4, 14), 2: (6, 6), 3: (5, 12), 4: (2, 3), 5: (10, 13), 6: (28, 4)}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    data = example_folder("streptomycin") / "streptomycin.csv"
    outcome = run_example(
        "streptomycin", data, tmp_path_factory.mktemp("streptomycin"), teller=Teller(io.StringIO())
    )
    document = json.loads(outcome.results.read_text(encoding="utf-8"))
    assert all(analysis["failure"] is None for analysis in document["analyses"])
    return {analysis["id"]: analysis["tables"] for analysis in document["analyses"]}


@pytest.mark.external_reference
def test_every_grade_is_counted_as_the_paper_prints_it(found: dict[str, dict[str, Any]]):
    counted = {(int(row["level"][0]), row["arm"]): row["count"] for row in found["P1"]["levels"]}
    for grade, (streptomycin, control) in PUBLISHED.items():
        assert (counted[grade, "streptomycin"], counted[grade, "control"]) == (streptomycin, control)


@pytest.mark.analytic
def test_the_differences_are_those_of_the_printed_counts(found: dict[str, dict[str, Any]]):
    rows = {row["definition"]: row for row in found["S1"]["contrasts"] if row["measure"] == "risk difference"}
    assert rows["Considerable improvement"]["estimate"] == pytest.approx(28 / 55 - 4 / 52, rel=1e-12)
    assert rows["Any improvement"]["estimate"] == pytest.approx(38 / 55 - 17 / 52, rel=1e-12)
    assert rows["Death"]["estimate"] == pytest.approx(4 / 55 - 14 / 52, rel=1e-12)


@pytest.mark.external_reference
def test_tests_and_odds_ratio_are_those_of_r(found: dict[str, dict[str, Any]], shared: Path):
    path = shared / "reference" / "strep_tb.json"
    theirs = json.loads(path.read_text(encoding="utf-8"))["entries"]
    rows = {row["definition"]: row for row in found["S1"]["contrasts"] if row["measure"] == "risk difference"}
    for name, entry in (("Any improvement", "improved_2x2"), ("Death", "death_2x2")):
        p = theirs[entry]["result"]["chisq_nocorrect"]["p"]
        assert rows[name]["p_value"] == pytest.approx(p, rel=1e-9)
    (arm,) = [row for row in found["P1"]["odds_ratios"] if row["term"].startswith("arm")]
    clm = {row["term"]: row for row in theirs["ordinal_clm_logit"]["result"]["coefficients"]}
    assert arm["estimate"] == pytest.approx(exp(clm["armStreptomycin"]["estimate"]), rel=1e-6)
    assert arm["log_standard_error"] == pytest.approx(clm["armStreptomycin"]["se"], rel=1e-6)
