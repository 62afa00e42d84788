"""Responders by multiple imputation: drawn where nothing was seen, pooled over the exported data sets."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from trialkit import resources
from trialkit.analysis import Results, load_plan_text, plan_problems
from trialkit.analysis.missing_data import MultipleImputation
from trialkit.analysis.run import prepared_run
from trialkit.plan import Plan
from trialkit.snapshot import Snapshot
from trialkit.study.model import Study

M = 8
HOW = MultipleImputation(using=("odi@*", "vas@*"), m=M, pool="barnard-rubin")


@pytest.fixture(scope="module")
def made(plan: Plan, snapshot: Snapshot):
    seen = plan.analysis("S1")
    drawn = plan.analysis("S2").saying(missing=HOW)
    results, prepared = prepared_run(replace(plan, analyses=(seen, drawn)), snapshot)
    assert results["S2"].failure is None
    return results, prepared.datasets


@pytest.mark.independent_reimplementation
def test_the_pooled_numbers_follow_from_the_exported_draws(made):
    """Rubin's rules written out on the imputed values that the run hands over."""
    results, datasets = made
    drawn, long, subjects = datasets.made["imputed"], datasets.assessments, datasets.subjects
    rows = long[(long["parameter"] == "odi") & (long["visit"] == "month_12") & long["analysis_flag"]]
    everybody = subjects[subjects["set_full"]].set_index("subject_id")
    value = rows.set_index("subject_id")["value"].reindex(everybody.index)
    mine = long[(long["parameter"] == "odi") & long["analysis_flag"]].drop_duplicates("subject_id")
    base = mine.set_index("subject_id")["base"].reindex(everybody.index)
    base = base.fillna(base.mean())
    estimates, variances, logs, log_variances = [], [], [], []
    for k in range(1, M + 1):
        here = drawn[drawn["imputation"] == k].set_index("subject_id")["imputed"]
        full = value.fillna(here)
        assert not full.isna().any()
        response = full - base <= -10
        p = response.groupby(everybody["planned_arm"]).agg(["mean", "size"])
        (p1, n1), (p0, n0) = p.loc["exercise"], p.loc["control"]
        estimates.append(p1 - p0)
        variances.append(p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0)
        logs.append(np.log(p1 / p0))
        log_variances.append((1 - p1) / (n1 * p1) + (1 - p0) / (n0 * p0))
    table = results["S2"].tables["contrasts"]
    first = table[table["definition"] == table["definition"].iloc[0]].set_index("measure")

    def total(q: list[float], u: list[float]) -> float:
        return float(np.mean(u) + (1 + 1 / M) * np.var(q, ddof=1))

    assert first.loc["risk difference", "estimate"] == pytest.approx(np.mean(estimates), rel=1e-9)
    error = first.loc["risk difference", "standard_error"]
    assert error == pytest.approx(np.sqrt(total(estimates, variances)), rel=1e-9)
    assert first.loc["risk ratio", "estimate"] == pytest.approx(np.exp(np.mean(logs)), rel=1e-9)
    log_error = first.loc["risk ratio", "log_standard_error"]
    assert log_error == pytest.approx(np.sqrt(total(logs, log_variances)), rel=1e-9)
    assert {"risk difference, stratified", "number needed to treat to benefit"} <= set(first.index)


def test_everybody_is_counted_and_said_to_be_imputed(made):
    results, _ = made
    rows = results["S2"].tables["proportions"]
    counts = results["S2"].counts
    for row in counts[~counts["of"].str.endswith("stratified")].to_dict("records"):
        assert row["n_observed"] + row["n_imputed"] == row["n_set"]
        assert row["n_imputed"] > 0
    assert (rows["n"] == counts["n_set"].iloc[0]).any()
    seen = results["S1"].tables["proportions"]
    between = (rows["ci_upper"] - rows["ci_lower"]) / (seen["ci_upper"] - seen["ci_lower"])
    assert between.between(0.8, 1.2).all()
    method = results["S2"].method
    assert "ratios likewise on the log scale" in method
    assert "Sato" in method
    assert any("not rounded" in note for note in results["S2"].notes)


def test_the_plan_says_it_and_a_wrong_way_is_named(study: Study):
    text = (resources.folder("sap") / "study_a.toml").read_text(encoding="utf-8")
    old = 'missing = "non-response"'
    assert old in text
    new = 'missing = { method = "mi", by = "arm", using = ["odi@*"], m = 20, pool = "barnard-rubin" }'
    assert list(plan_problems(load_plan_text(text.replace(old, new, 1)), study)) == []
    wrong = text.replace(old, new.replace("odi@*", "odl@*"), 1)
    assert any("odl" in str(one) for one in plan_problems(load_plan_text(wrong), study))
    with pytest.raises(Exception, match='"observed cases" or "non-response", or a table'):
        load_plan_text(text.replace(old, 'missing = "none"', 1))


def test_printed_as_a_mean_count(made):
    from trialkit.documents.declared.cells import Of
    from trialkit.documents.declared.rows import frame_rows

    results: Results = made[0]
    rows = frame_rows("S2", "proportions", results["S2"].tables["proportions"])
    texts = [Of("responders", "n").fill(row, rows).text for row in rows]
    fractional = [row for row in rows if not float(row["responders"]).is_integer()]
    assert fractional, "no imputed responder at all"
    assert any("." in text for text in texts)
    assert isinstance(results["S2"].tables["proportions"], pd.DataFrame)
