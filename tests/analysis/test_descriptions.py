"""Methods that describe and check: each number counted a second time, from the snapshot's own tables."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from trialkit.analysis import Results, run_plan
from trialkit.analysis.context import Context
from trialkit.analysis.methods.reference_ranges import holds_for, level_of
from trialkit.analysis.modes import Mode, prepare
from trialkit.plan import Plan
from trialkit.report.page import report_page
from trialkit.snapshot import Snapshot
from trialkit.study.conduct import ReferenceRange
from trialkit.study.model import Study

CHOSEN = (
    "P2", "P13", "P14", "S1", "R1", "R6", "R7", "D10", "G2", "I3", "F1", "F2", "A9",
    *(f"L{n}" for n in range(1, 15)),
)  # fmt: skip
Values = dict[tuple[str, str, str], str]


@pytest.fixture(scope="module")
def context(plan: Plan, study: Study, snapshot: Snapshot) -> Context:
    return Context(plan, study, prepare(Mode.UNBLINDED, plan, study, snapshot).datasets)


@pytest.fixture(scope="module")
def results(plan: Plan, snapshot: Snapshot) -> Results:
    return run_plan(replace(plan, analyses=tuple(e for e in plan.analyses if e.id in CHOSEN)), snapshot)


@pytest.fixture(scope="module")
def values(snapshot: Snapshot) -> Values:
    """Subject, visit, item to stored text."""
    table = snapshot.tables["values"]
    table = table[table["state"] == "value"]
    return {(r.subject_id, r.visit, r.item): r.value for r in table.itertuples() if r.row == ""}


@pytest.fixture(scope="module")
def arms(snapshot: Snapshot) -> dict[str, str]:
    table = snapshot.tables["allocations"]
    return dict(zip(table["subject_id"], table["planned_arm"], strict=True))


@pytest.mark.independent_reimplementation
def test_residuals_are_those_of_statsmodels(results: Results, context: Context, plan: Plan):
    import statsmodels.formula.api as smf

    data = context.assessments(plan.analysis("P13"))
    data = data[data["chg"].notna()]
    fit = smf.ols("chg ~ C(arm) + base + C(sex) + C(site)", data.astype({"arm": str})).fit()
    table = results["P13"].tables["residuals"]
    internal = fit.get_influence().resid_studentized_internal
    assert table["standardized"].to_numpy() == pytest.approx(np.asarray(internal), abs=1e-9)
    assert table["fitted"].to_numpy() == pytest.approx(fit.fittedvalues.to_numpy(), abs=1e-9)
    checks = results["P13"].tables["checks"].set_index("check")
    by_arm = [table.loc[table["arm"] == arm, "residual"] for arm in ("exercise", "control")]
    # Brown and Forsythe written out: an analysis of variance of distances from the medians.
    distances = [abs(one - one.median()) for one in by_arm]
    assert checks["statistic"].iloc[1] == pytest.approx(stats.f_oneway(*distances).statistic)


@pytest.mark.analytic
def test_the_sample_size_is_held_against_arithmetic_and_observation(
    results: Results, context: Context, plan: Plan
):
    table = results["P14"].tables["assumptions"].set_index("measure")
    # A difference of one standard deviation at 80 %, one-sided 2.5 %: 17 an arm (Julious 2004, table 1).
    needed = table[table.index.str.startswith("Subjects with outcome an arm needed")]
    assert needed["planned"].iloc[0] == 17
    # 141 an arm show 5.02 points: delta of the noncentral t.
    shown = table[table.index.str.startswith("Difference shown")]["planned"].iloc[0]
    nct = stats.nct.sf(stats.t.ppf(0.975, 280), 280, shown / 15 * np.sqrt(141 / 2))
    assert nct == pytest.approx(0.8, abs=1e-6)
    data = context.assessments(plan.analysis("P14")).dropna(subset=["chg"])
    groups = [one["chg"] for _, one in data.groupby("arm", observed=True)]
    pooled = np.sqrt(sum((len(g) - 1) * g.var() for g in groups) / (len(data) - 2))
    assert table.loc["Standard deviation of the outcome within arms", "observed"] == pytest.approx(pooled)


@pytest.mark.independent_reimplementation
def test_the_stratified_difference_has_mantel_haenszel_weights(
    results: Results, context: Context, plan: Plan
):
    entry = plan.analysis("S1")
    data = context.at_visit(entry, plan.endpoints["odi_response_10"], "month_12").dropna(subset=["chg"])
    data = data.assign(hit=(data["chg"] <= -10).astype(float), test=data["arm"] == "exercise")
    up = down = 0.0
    for _, stratum in data.groupby(["sex", "site"], observed=True):
        test, reference = stratum[stratum["test"]]["hit"], stratum[~stratum["test"]]["hit"]
        if len(test) and len(reference):
            weight = len(test) * len(reference) / len(stratum)
            up, down = up + weight * (test.mean() - reference.mean()), down + weight
    table = results["S1"].tables["contrasts"]
    row = table[table["measure"] == "risk difference, stratified"].iloc[0]
    assert row["estimate"] == pytest.approx(up / down, rel=1e-9)
    assert row["ci_lower"] < row["estimate"] < row["ci_upper"]


@pytest.mark.independent_reimplementation
def test_who_was_never_free_of_pain_is_counted(results: Results, values: Values, arms: dict[str, str]):
    asked = {s for (s, _, item) in values if item == "lbp_assessed"}
    free = {s for (s, _, item), text in values.items() if item == "lbp_in_pain" and text == "0"}
    for row in results["R1"].tables["never_free"].itertuples():
        mine = {s for s in asked if arms[s] == row.arm}
        assert (row.n, row.count) == (len(mine), len(mine - free))
        assert row.count > 0


def test_all_visits_of_both_arms_leave_the_curves_as_they_are(results: Results):
    pd.testing.assert_frame_equal(results["R6"].tables["curves"], results["R1"].tables["curves"])


def test_reports_of_one_visit_alone_are_fewer_events(plan: Plan, snapshot: Snapshot):
    entry = plan.analysis("R6").saying(reported_at=("month_12",))
    found = run_plan(replace(plan, analyses=(entry,)), snapshot)["R6"].tables["medians"]
    table = snapshot.tables["values"]
    at_12 = table[(table["form"] == "recurrence") & (table["visit"] == "month_12")]
    assert 0 < found["events"].sum() <= at_12["subject_id"].nunique()


@pytest.mark.external_reference
def test_the_models_of_recurrence_predict_as_well_as_lifelines_counts(
    results: Results, context: Context, plan: Plan
):
    lifelines = pytest.importorskip("lifelines.utils")
    from trialkit.analysis.methods.time_to_event import times_of
    from trialkit.stats import parametric_survival

    data = times_of(context, plan.analysis("R7"))
    data = data[data["time_days"] > 0]
    fit = parametric_survival(
        "arm + sex + site", data, "time_days", "event", "weibull", treatment="arm", reference="control"
    )
    predicted = fit.design.X @ fit.inference.coefficients
    theirs = lifelines.concordance_index(data["time_days"], predicted, data["event"])
    mine = results["R7"].tables["fit"].set_index("model").loc["Weibull", "concordance"]
    assert mine == pytest.approx(theirs, abs=1e-12)


@pytest.mark.analytic
def test_predicted_risks_start_at_zero_grow_and_favour_the_arm_the_ratio_favours(results: Results):
    table = results["R7"].tables["predicted_curve"]
    for _, line in table.groupby(["model", "arm"]):
        assert (np.diff(line["risk"]) > 0).all()
        assert line["risk"].iloc[0] < 0.01
    ratios = results["R7"].tables["time_ratios"]
    assert (ratios[ratios["term"].str.startswith("arm")]["estimate"] > 1).all()
    at_end = results["R7"].tables["predicted"].groupby(["model", "arm"])["risk"].max().unstack()
    assert (at_end["exercise"] < at_end["control"]).all()


@pytest.mark.independent_reimplementation
def test_exposure_is_what_the_forms_say(results: Results, values: Values, arms: dict[str, str]):
    days, used = defaultdict(list), defaultdict(list)
    for (subject, visit, item), text in values.items():
        if item == "nsaid_start_date":
            stop = values.get((subject, visit, "nsaid_stop_date"))
            if stop:
                days[arms[subject]].append((pd.Timestamp(stop) - pd.Timestamp(text)).days + 1)
            back = values.get((subject, visit, "nsaid_returned"))
            out = values.get((subject, visit, "nsaid_dispensed"))
            if back and out:
                used[arms[subject]].append(float(out) - float(back))
    table = results["D10"].tables["exposure"].set_index(["measure", "arm"])
    for arm in ("exercise", "control"):
        row = table.loc["Days on the NSAID", arm]
        assert (row["n"], row["mean"]) == (len(days[arm]), pytest.approx(np.mean(days[arm])))
        row = table.loc["Units of NSAID not returned", arm]
        assert (row["n"], row["sd"]) == (len(used[arm]), pytest.approx(np.std(used[arm], ddof=1)))
    assert table.loc["Exercise sessions done (of 30)", "control"]["n"] == 0


@pytest.mark.independent_reimplementation
def test_measurements_and_their_change_are_those_of_the_forms(
    results: Results, values: Values, arms: dict[str, str]
):
    base = {s: float(t) for (s, v, i), t in values.items() if (v, i) == ("baseline", "sorensen_s")}
    late = {s: float(t) for (s, v, i), t in values.items() if (v, i) == ("month_12", "sorensen_s")}
    table = results["F1"].tables["measures"]
    for arm in ("exercise", "control"):
        row = table[(table["arm"] == arm) & table["visit"].str.startswith("12 months")].iloc[0]
        mine = [late[s] - base[s] for s in late if s in base and arms[s] == arm]
        assert (row["change_n"], row["change_mean"]) == (len(mine), pytest.approx(np.mean(mine)))
    both = sorted(s for s in late if s in base)
    x = np.array([[1, arms[s] == "exercise", base[s]] for s in both], dtype=float)
    beta, *_ = np.linalg.lstsq(x, np.array([late[s] - base[s] for s in both]), rcond=None)
    effect = results["F1"].tables["effects"]
    assert effect["estimate"].iloc[-1] == pytest.approx(beta[1], rel=1e-9)


@pytest.mark.independent_reimplementation
def test_bloods_are_low_or_high_by_the_range_of_the_subject_s_sex(
    results: Results, values: Values, arms: dict[str, str]
):
    ranges = {"male": (130, 175), "female": (115, 150)}
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for (subject, _, item), text in values.items():
        if item == "hb_g_l" and subject in arms:
            low, high = ranges[values[subject, "baseline", "sex"]]
            level = "low" if float(text) < low else "high" if float(text) > high else "normal"
            counts[arms[subject], level] += 1
    table = results["A9"].tables["levels"]
    for row in table[table["measure"].str.startswith("Haemoglobin")].itertuples():
        assert row.count == counts[row.arm, row.level]


@pytest.mark.analytic
def test_a_range_of_an_age_or_site_holds_for_nobody_else():
    known = ReferenceRange("x", "u", 1, 2, site="A", sex="male", sex_item="sex", age_item="age", age_from=60)
    about = {"sex": "male", "age": 60.0}
    assert holds_for(known, "A", about)
    assert not holds_for(known, "B", about)
    assert not holds_for(known, "A", {**about, "sex": "female"})
    assert not holds_for(known, "A", {**about, "age": 59.9})
    assert not holds_for(known, "A", {"sex": "male"})
    assert [level_of(known, x) for x in (0.9, 1, 2, 2.1)] == ["low", "normal", "normal", "high"]


@pytest.mark.independent_reimplementation
def test_each_place_of_the_map_is_its_own_regression(results: Results, context: Context, plan: Plan):
    import statsmodels.formula.api as smf

    data = context.assessments(plan.analysis("I3")).astype({"arm": str})
    data["fat"] = data["mri_l4_multifidus_fat_percent"] / 10
    level = 'C(arm, Treatment("control"))'
    fit = smf.ols(f"chg ~ {level} + base + C(sex) + C(site) + fat", data).fit()
    product = smf.ols(f"chg ~ {level} * fat + base + C(sex) + C(site)", data).fit()
    place = "Multifidus, L4"
    for table, theirs in (
        ("outcome", fit.params["fat"]),
        ("effect", next(v for k, v in product.params.items() if ":fat" in k)),
    ):
        mine = results["I3"].tables[table].set_index("place")
        assert mine.loc[place, "estimate"] == pytest.approx(theirs, rel=1e-8)
        assert len(mine) == 15
        # Benjamini and Hochberg written out.
        p = mine["p_value"].sort_values()
        adjusted = np.minimum.accumulate((p * 15 / np.arange(1, 16))[::-1])[::-1].clip(upper=1)
        assert mine["adjusted_p_value"][p.index].to_numpy() == pytest.approx(adjusted.to_numpy())


@pytest.mark.independent_reimplementation
def test_the_random_site_s_share_is_that_of_statsmodels(results: Results, context: Context, plan: Plan):
    import statsmodels.formula.api as smf

    data = context.assessments(plan.analysis("G2")).dropna(subset=["chg"]).astype({"arm": str, "site": str})
    fit = smf.mixedlm("chg ~ C(arm) + base + C(sex)", data, groups=data["site"]).fit()
    table = results["G2"].tables["between"].set_index("measure")["value"]
    assert table["Variance between sites"] == pytest.approx(float(fit.cov_re.iloc[0, 0]), rel=2e-3)
    assert table["Variance within sites"] == pytest.approx(fit.scale, rel=1e-4)


def test_the_listings_are_numbered_as_ich_e3_orders_them_and_lose_no_row(
    results: Results, snapshot: Snapshot
):
    page = report_page(results)
    numbers = [
        block.number
        for section in page.sections
        for entry in section.entries
        for block in entry.blocks
        if getattr(block, "number", "").startswith("16.2")
    ]
    assert {number.rpartition(".")[0] for number in numbers} == {f"16.2.{n}" for n in range(1, 10)}
    table = snapshot.tables["values"]
    for name, form in (
        ("L1", "withdrawal"),
        ("L10", "recurrence"),
        ("L11", "adverse_events"),
        ("L14", "conmed"),
    ):
        records = table[(table["form"] == form) & (table["state"] == "value")]
        n = len(records[["subject_id", "visit", "row"]].drop_duplicates())
        assert len(results[name].tables["listing"]) == n > 0
    marked = results["L13"].tables["listing"]["hb_g_l"]
    assert marked.str.contains("(low)", regex=False).any()
