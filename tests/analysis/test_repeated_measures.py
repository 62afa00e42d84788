"""Repeated measurements as base R analyses them, in a table of subjects and at the visits of a trial."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from scipy import stats

from tests.analysis.conftest import ARMS
from tests.reference.agreement import agree, own_reference
from trialkit.analysis import Mode, Results, load_plan, run_plan
from trialkit.analysis.context import Context
from trialkit.analysis.modes import prepare
from trialkit.analysis.observational import run_observational
from trialkit.analysis.plans import plan_problems
from trialkit.plan import Plan
from trialkit.snapshot import Snapshot
from trialkit.study.model import Study
from trialkit.study.observational import load_observational

HERE = Path("tests/reference/repeated_measures")
ENTRIES = {
    "grouped": (("m1", "m2", "m3", "m4", "m5"), "group"),
    "alone": (("m1", "m2", "m3", "m4", "m5"), ""),
    "two": (("m1", "m5"), "group"),
    "three": (("m1", "m3", "m5"), ""),
}
with Path("examples/fat-maps/dictionary.csv").open(encoding="utf-8", newline="") as dictionary:
    HEAD = next(csv.reader(dictionary))
STUDY = (
    '[study]\nid = "people"\ntitle = "People measured again"\nversion = "1.0"\ndesign = "a group of people"\n'
)
PLAN = """
[plan]
id = "R"
study = "people"
version = "1.0"
protocol = "none"
title = "People measured again"
seed = 1

[sets.all]
label = "Everybody"
rule = "m1 > -1000"
note = "Everybody."
"""


def entry(name: str, columns: tuple[str, ...], by: str, **more: str) -> str:
    said = "".join(f"{key} = {json.dumps(value)}\n" for key, value in more.items())
    between = f'between = "{by}"\n' if by else ""
    return (
        f'\n[[analysis]]\nid = "{name}"\nmethod = "repeated_measures"\nrole = "descriptive"\n'
        f'title = "{name}"\nset = "all"\ncolumns = {json.dumps(list(columns))}\n{between}{said}'
    )


def cells(name: str, kind: str, label: str, **more: str) -> list[str]:
    """A line of a dictionary; ``more`` by how the head of its column begins."""
    said = {"Variable": name, "Form": "subjects", "Field Type": kind, "Field Label": label, **more}
    return [next((text for start, text in said.items() if head.startswith(start)), "") for head in HEAD]


def answered(folder: Path, entries: str, people: str) -> Results:
    """A study of people written, read and analysed."""
    folder.mkdir(exist_ok=True)
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")
    rows = [
        cells("subject_id", "text", "Subject number", Required="y"),
        cells("group", "radio", "Group", Choices="a, Patient | b, Volunteer | c, Relative"),
    ]
    number = {"Text Validation Type": "number", "Field Annotation": "@UNIT='mm'"}
    rows += [cells(f"m{k}", "text", f"Measure {k}", **number) for k in range(1, 6)]
    with (folder / "dictionary.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEAD, *rows])
    (folder / "plan.toml").write_text(PLAN + entries, encoding="utf-8")
    (folder / "people.csv").write_text(people, encoding="utf-8")
    observational = load_observational(folder)
    return run_observational(load_plan(folder / "plan.toml"), observational.study, folder / "people.csv")


def r_people() -> str:
    text = (HERE / "people.csv").read_text(encoding="utf-8").replace("subject", "subject_id", 1)
    for code, name in (("a", "patient"), ("b", "volunteer"), ("c", "relative")):
        text = text.replace(f'"{name}"', code)
    return text.replace('"', "")


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Results:
    entries = "".join(entry(name, *of) for name, of in ENTRIES.items())
    return answered(tmp_path_factory.mktemp("people") / "study", entries, r_people())


@pytest.mark.external_reference
@pytest.mark.parametrize("name", ENTRIES)
def test_every_number_is_that_of_base_r(ours: Results, name: str):
    theirs = own_reference("repeated_measures", "output")[name]
    assert ours[name].failure is None
    tables = ours[name].tables
    effects = tables["effects"]
    for column, key in (
        ("sum_of_squares", "ss"), ("df_num", "df"), ("df_den", "error_df"), ("statistic", "f"),
        ("partial_eta_squared", "eta"),
    ):  # fmt: skip
        agree(
            "repeated_measures", "aov", "statistic", effects[column], [one[key] for one in theirs["effects"]]
        )
    agree("repeated_measures", "aov", "p_value", effects["p_value"], [one["p"] for one in theirs["effects"]])
    test = tables["sphericity"].iloc[0]
    if theirs["w"] is None:
        assert pd.isna(test["w"])
        assert effects["p_value_gg"].isna().all()
    else:
        agree("repeated_measures", "mauchly.test", "statistic", test["w"], theirs["w"])
        agree("repeated_measures", "mauchly.test", "p_value", test["p_value"], theirs["w_p"])
        for column, key in (("p_value_gg", "gg"), ("p_value_hf", "hf")):
            agree("repeated_measures", "anova.mlm", "p_value", effects[column].dropna(), theirs[key])
        for column, key in (("epsilon_gg", "epsilon_gg"), ("epsilon_hf", "epsilon_hf")):
            printed = float(re.search(r"[\d.]+$", theirs[key])[0])  # type: ignore[index]
            assert test[column] == pytest.approx(min(printed, 1), abs=6e-5)
    groups = [theirs["cells"][i] for i in (0, 2, 1)] if name in ("grouped", "two") else theirs["cells"]
    cells = [
        cell for group in groups for cell in group
    ]  # R's groups are alphabetical, ours as the dictionary
    for column, key in (("n", "n"), ("mean", "mean"), ("sd", "sd"), ("shapiro_w", "w")):
        agree(
            "repeated_measures", "shapiro.test", "statistic", tables["cells"][column], [c[key] for c in cells]
        )
    agree(
        "repeated_measures", "shapiro.test", "p_value", tables["cells"]["shapiro_p"], [c["p"] for c in cells]
    )
    if theirs["spreads"]:
        for column, key in (("statistic", "f"), ("df_num", "df"), ("df_den", "error_df"), ("p_value", "p")):
            agree(
                "repeated_measures",
                "lm",
                "statistic",
                tables["spreads"][column],
                [c[key] for c in theirs["spreads"]],
            )


def test_who_lacks_a_measurement_is_left_out_and_counted(ours: Results):
    counts = ours["grouped"].counts.iloc[0]
    assert (counts["n_set"], counts["n_observed"], counts["n_excluded"]) == (34, 32, 2)
    assert counts["reason"] == "a measurement missing"
    assert ours["two"].counts.iloc[0]["n_excluded"] == 1


PEOPLE = "subject_id,group,m1,m2,m3,m4,m5\n"
FEW = {
    "one of a group": "1,a,1,2,3,4,5\n2,a,2,3,5,4,6\n3,b,1,4,3,4,5\n",
    "nobody complete": "1,a,1,,3,4,5\n2,b,2,,5,4,6\n",
    "nothing varies": "".join(f"{i},{'ab'[i % 2]},7,7,7,7,7\n" for i in range(8)),
    "one group": "".join(f"{i},a,{i},{i * i},3,4,5\n" for i in range(8)),
}


@pytest.mark.parametrize("case", FEW)
def test_what_cannot_be_analysed_says_so_in_a_reader_s_words(tmp_path: Path, case: str):
    results = answered(tmp_path / "s", entry("V", ("m1", "m2", "m3"), "group"), PEOPLE + FEW[case])
    failure = results["V"].failure
    assert failure is not None
    assert "Error" not in str(failure)
    assert ("vary" if case == "nothing varies" else "in each group") in str(failure)


def test_fewer_people_than_measurements_have_an_analysis_but_no_test_of_sphericity(tmp_path: Path):
    people = PEOPLE + "1,a,1,2,3,9,5\n2,a,2,3,5,4,6\n3,a,1,4,3,4,5\n4,a,5,4,3,4,8\n"
    results = answered(tmp_path / "s", entry("V", ENTRIES["alone"][0], ""), people)
    test = results["V"].tables["sphericity"].iloc[0]
    assert pd.isna(test["w"]) and pd.isna(test["p_value"])
    assert results["V"].tables["effects"]["p_value_gg"].notna().all()


TRIAL = {"endpoint": "odi_change", "visits": ("week_6", "month_12"), "between": "arm", "columns": ()}


def of_trial(plan: Plan, **keys: Any) -> Plan:
    made = replace(
        plan.analysis("D2"), id="V", method="repeated_measures", title="ODI again", keys={**TRIAL, **keys}
    )
    return replace(plan, analyses=(made,))


@pytest.mark.analytic
def test_two_visits_and_two_arms_are_the_t_test_of_what_changed_between(
    plan: Plan, snapshot: Snapshot, study: Study
):
    """The interaction of a 2 x 2 design: F is the square of t on the differences within subjects."""
    results = run_plan(of_trial(plan), snapshot)
    data = prepare(Mode.UNBLINDED, plan, study, snapshot).datasets
    context = Context(plan, study, data)
    wide = [
        context.at_visit(plan.analysis("D2"), plan.endpoints["odi_change"], visit).set_index("subject_id")
        for visit in TRIAL["visits"]
    ]
    change = (wide[1]["chg"] - wide[0]["chg"]).dropna()
    arm = wide[0]["arm"].loc[change.index]
    t = stats.ttest_ind(change[arm == "exercise"], change[arm == "control"])
    row = results["V"].tables["effects"].set_index("term").loc["Arm × visit"]
    assert row["statistic"] == pytest.approx(t.statistic**2, rel=1e-9)
    assert row["p_value"] == pytest.approx(t.pvalue, rel=1e-9)


def test_masked_groups_show_the_tests_and_no_group_s_numbers(plan: Plan, snapshot: Snapshot):
    drawn = [{"A": first, "B": second} for first, second in (ARMS, ARMS[::-1])]
    shown = [run_plan(of_trial(plan), snapshot, mode=Mode.MASKED, masking=one)["V"] for one in drawn]
    for one in shown:
        assert set(one.tables) - {"scales"} == {"effects", "sphericity"}
    for table in ("effects", "sphericity"):
        pd.testing.assert_frame_equal(shown[0].tables[table], shown[1].tables[table], rtol=1e-9)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"columns": ("odi_pain",)}, "columns, or an endpoint with visits"),
        ({"endpoint": "", "visits": ()}, "columns, or an endpoint with visits"),
        ({"visits": ()}, "columns, or an endpoint with visits"),
        ({"visits": ("week_6",)}, "two or more measurements"),
        ({"visits": ("week_6", "week_6")}, "two or more measurements"),
        ({"visits": ("week_6", "month_13")}, "a visit of the plan"),
        ({"endpoint": "odi_chang"}, "an endpoint of the plan"),
        ({"endpoint": "recurrence"}, "a number at each visit"),
        ({"between": "amr"}, "arm, or a column"),
        ({"endpoint": "", "visits": (), "columns": ("height_cm", "weight_kg")}, "columns of one unit"),
        ({"endpoint": "", "visits": (), "columns": ("sex", "weight_kg")}, "a number that is measured"),
    ],
)
def test_an_entry_that_does_not_say_what_is_repeated_is_refused(
    plan: Plan, study: Study, keys: Any, said: str
):
    problems = list(plan_problems(of_trial(plan, **keys), study))
    assert any(said in str(one) for one in problems), [str(one) for one in problems]
    assert not any(
        "repeated" in str(one) or "(V)" in str(one) for one in plan_problems(of_trial(plan), study)
    )
