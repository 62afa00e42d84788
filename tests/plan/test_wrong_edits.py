"""A hundred and more wrong edits of the plan of study A, each with what is said of it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from trialkit import resources
from trialkit.analysis import load_plan_text, plan_problems
from trialkit.analysis.methods.baseline import described
from trialkit.errors import TrialkitError
from trialkit.plan.models import modifiers
from trialkit.plan.references import subject_columns
from trialkit.study import load_study
from trialkit.study.model import Study

PLAN = (resources.folder("sap") / "study_a.toml").read_text(encoding="utf-8")
# An edit inside an entry begins with its id; then old text, new text, and what must be said.

EDITS = {
    "an entry's id twice": ('id = "P2"', 'id = "P1"', r"an id of its own.*'P1' 2 times"),
    "an id that no file can bear": ('id = "P2"', 'id = "P 2/../x"', r"an id of letters.*'P 2/../x'"),
    "two ids that differ in capitals": ('id = "P2"', 'id = "p1"', r"an id of its own.*'P1' 2 times"),
    "a seed below zero": ("seed = 20260101", "seed = -1", r"0 or more; found -1"),
    "subjects' numbers as a predictor": ("P1", "+ site", "+ subject_id", r"more than one subject"),
    "a covariate after randomization": (
        "P1",
        "+ site",
        "+ compliance",
        r"known at baseline; found compliance, measured at week_6",
    ),
    "a measure of month 12 as a covariate": (
        "P1",
        "+ site",
        "+ satisfaction + site",
        r"known at baseline; found satisfaction, measured at month_12",
    ),
    "an item of week 6 as a covariate": (
        "P1",
        "+ site",
        "+ compl_sessions_done + site",
        r"known at baseline; found compl_sessions_done, measured at week_6 alone",
    ),
    "a subgroup by what came later": (
        "goutallier = [3]",
        "satisfaction = [2]",
        r"known at baseline; found satisfaction, measured at month_12",
    ),
    "a modifier that came later": (
        'modifier = "multifidus_fat"',
        'modifier = "compliance"',
        r"known at baseline; found compliance, measured at week_6",
    ),
    "a baseline table of what came later": (
        '"sorensen_s"]',
        '"sorensen_s", "satisfaction"]',
        r"known at baseline; found satisfaction, measured at month_12",
    ),
    "a primary set that is not randomized": (
        "P1",
        'set = "full"',
        'set = "per_protocol"',
        r"intention to treat.*found per_protocol",
    ),
    "two primaries": (
        "P2",
        'role = "sensitivity"',
        'role = "primary"',
        r"one primary analysis; found P1 and P2",
    ),
    "a formula without the arm": ("P1", "chg ~ arm + base", "chg ~ base", r"the arm in the formula"),
    "a primary without baseline": ("P1", "chg ~ arm + base +", "chg ~ arm +", r"the baseline value"),
    "an unknown column": ("P1", "+ sex + site", "+ sexx + site", r"found 'sexx'. Did you mean 'sex'"),
    "a value for a change": ("P1", "chg ~ arm", "value ~ arm", r"expected 'chg' before the ~"),
    "a factor in a transform": ("P1", "+ site", "+ log(site)", r"stratification factor site as a factor"),
    "code in a formula": ("P1", "+ site", "+ exec(site)", r"exec"),
    "another endpoint than the estimand's": (
        "P1",
        '"odi_change"',
        '"vas_change"',
        r"endpoint of its estimand, odi",
    ),
    "another visit than the estimand's": (
        "P1",
        '"month_12"',
        '"month_6"',
        r"visit of its estimand, month_12",
    ),
    "an unknown visit": (
        "P1",
        '"month_12"',
        '"month_13"',
        r"a visit of the plan; found 'month_13'. Did you mean",
    ),
    "an unknown endpoint": ("P1", '"odi_change"', '"odi_chnge"', r"Did you mean 'odi_change'"),
    "an unknown set": ("P1", 'set = "full"', 'set = "ful"', r"Did you mean 'full'"),
    "an unknown estimand": ("P1", '"primary"\nset', '"primry"\nset', r"Did you mean 'primary'"),
    "an unknown method": ("P1", 'method = "ancova"', 'method = "ancva"', r"'ancva'. Did you mean 'ancova'"),
    "an unknown role": ("P1", 'role = "primary"', 'role = "primry"', r"'primry'"),
    "an unknown key": ("P1", "ls_means", "lsmeans", r"ls_means"),
    "the test on the wrong side": ("P1", '"less"', '"greater"', r"the alternative 'less': lower is better"),
    "alpha in percent": ("P1", "alpha = 0.025", "alpha = 2.5", r"a significance level.*found 2.5"),
    "alpha of nothing": ("P1", "alpha = 0.025", "alpha = 0", r"a significance level.*found 0"),
    "a level that does not go with alpha": (
        "P1",
        "level = 0.95",
        "level = 0.90",
        r"level 0.95 that goes with alpha",
    ),
    "a level in percent": ("P1", "level = 0.95", "level = 95", r"a confidence level such as 0.95"),
    "unknown weights": ("P1", '"observed"', '"obsrved"', r"equal, observed or cells"),
    "an imputation from nothing": (
        "P1",
        '"vas@*"',
        '"vaz@*"',
        r"a score of the study, or an endpoint's parameter; found 'vaz'",
    ),
    "an imputation at no visit": ("P1", '"vas@*"', '"vas@month_13"', r"found 'month_13'"),
    "one imputation": ("P1", "m = 50", "m = 1", r"a number from 2 to 1000; found 1"),
    "missing data unsaid": ("P1", "missing = {", "missin = {", r"to say missing"),
    "windows that overlap": (
        "window_days = [28, 57]",
        "window_days = [28, 70]",
        r"windows that do not overlap",
    ),
    "a target outside its window": ("target_days = 42", "target_days = 20", r"a target inside its window"),
    "a window turned round": ("window_days = [305, 425]", "window_days = [425, 305]", r"the first not after"),
    "a negative MCID": ("mcid = 10", "mcid = -10", r"an MCID above 0"),
    "another MCID than the study's": ("mcid = 10", "mcid = 12", r"the study's MCID of 10"),
    "another direction than the study's": (
        'better = "lower"\nmcid = 10',
        'better = "higher"\nmcid = 10',
        r"lower is",
    ),
    "a unit that is not the score's": ('unit = "percent"\nbetter', 'unit = "mm"\nbetter', r"the unit of odi"),
    "another protocol": ('protocol = "2.1"', 'protocol = "2.0"', r"the study's protocol version, 2.1"),
    "another study": ('study = "A"', 'study = "B"', r"the study's id; found 'B'"),
    "an arm in both roles": ('reference = "control"', 'reference = "exercise"', r"different arms to compare"),
    "roles turned": (
        'test = "exercise", reference = "control"',
        'test = "control", reference = "exercise"',
        r"reference arm, as",
    ),
    "a set that is empty": (
        'rule = "randomized"',
        'rule = "not randomized"',
        r"a set of randomized subjects",
    ),
    "a set of nobody, by levels": (
        'rule = "randomized"',
        "rule = \"randomized and sex = 'male' and sex = 'female'\"",
        r"a rule that can be met; found randomized and sex = 'male' and sex = 'female', which contradicts",
    ),
    "a set of nobody, by numbers": (
        'rule = "randomized"',
        'rule = "age_years > 50 and age_years < 40"',
        r"a rule that can be met; found age_years > 50 and age_years < 40",
    ),
    "a set of nobody, by the range of an item": (
        'rule = "randomized"',
        'rule = "randomized and age_years < 5"',
        r"permitted ranges can meet; found randomized and age_years < 5; age_years is from 60 to 110",
    ),
    "a set of nobody, by the range of a score": (
        'rule = "randomized"',
        'rule = "randomized and odi > 100"',
        r"found randomized and odi > 100; odi is from 0 to 100",
    ),
    "a half of a set that nobody is in": (
        'rule = "randomized"',
        'rule = "(randomized and age_years >= 70) or age_years < 18"',
        r"permitted ranges can meet; found age_years < 18",
    ),
    "a requirement that nobody meets": (
        "compliance >= 75",
        "compliance >= 75 and compliance < 70",
        r"found compliance >= 75 and compliance < 70|compliance",
    ),
    "a response that nobody can have": (
        'rule = "value <= 2"',
        'rule = "value <= 0"',
        r"found value <= 0; value is from 1 to",
    ),
    "a response that everybody has": (
        'rule = "value <= 2"',
        'rule = "value <= 20"',
        r"some have and some do not; found value <= 20",
    ),
    "a response at a level that is none": (
        'rule = "value <= 2"',
        'rule = "value = 2.5"',
        r"found value = 2.5",
    ),
    "a response turned past the score's range": (
        'rule = "chg <= -10"',
        'rule = "chg <= -101"',
        r"found chg <= -101; chg is from -100 to 100",
    ),
    "an event that no row can be": (
        "rec_vas_mm > 20",
        "rec_vas_mm > 120",
        r"permitted ranges can meet; found .*rec_vas_mm > 120",
    ),
    "a flag that no row can have": (
        "ae_severity = 3",
        "ae_severity = 3 and ae_severity = 2",
        r"contradicts itself",
    ),
    "a population of completers in everybody": (
        'population = "all randomized"',
        'population = "completers"',
        r"a set of the population of its estimand, completers; found the set full",
    ),
    "a per-protocol population in everybody": (
        'population = "all randomized"',
        'population = "Per protocol"',
        r"population of its estimand, Per protocol; found the set full",
    ),
    "the population of another set": (
        'population = "all randomized"',
        'population = "the safety set"',
        r"population of its estimand, the safety set; found the set full",
    ),
    "a population of who took treatment": (
        'population = "all randomized"',
        'population = "everyone who received treatment"',
        r"population of its estimand, everyone who received treatment",
    ),
    "treatments turned": (
        'treatment = ["test", "reference"]',
        'treatment = ["reference", "test"]',
        r"roles; found \['reference', 'test'\]",
    ),
    "one treatment": ('treatment = ["test", "reference"]', 'treatment = ["test"]', r"found \['test'\]"),
    "an arm against itself": (
        'treatment = ["test", "reference"]',
        'treatment = ["exercise", "exercise"]',
        r"found \['exercise', 'exercise'\]",
    ),
    "a summary turned": (
        "difference in means, test - reference",
        "difference in means, reference - test",
        r"a summary of test against reference; found reference - test",
    ),
    "a ratio turned": (
        "hazard ratio, test / reference",
        "hazard ratio, reference / test",
        r"a summary of test against reference; found reference / test",
    ),
    "a summary that the method does not make": (
        "difference in means, test - reference",
        "odds ratio, test / reference",
        r"summary of its estimand, odds ratio; found ancova: difference in means",
    ),
    "a summary of no known kind": (
        "difference in means, test - reference",
        "win ratio",
        r"a summary that ancova gives: difference in means; found win ratio",
    ),
    "a date in a model": (
        "P1",
        "+ site",
        "+ consent_date + site",
        r"numbers or categories in a model.*a date",
    ),
    "a model without an outcome": ("P1", "chg ~ arm", "arm", r"the outcome left of a ~, such as chg ~ arm"),
    "an outcome of a time": ("R1", 'formula = "', 'formula = "chg ~ ', r"a formula without an outcome"),
    "a measurement followed to a horizon": (
        "R1",
        'endpoint = "recurrence"',
        'endpoint = "odi_change"',
        r"an endpoint that is a time to event; found odi_change, derived as change",
    ),
    "a time to event at a visit": (
        "J2",
        'endpoint = "joa_change"',
        'endpoint = "recurrence"',
        r"an endpoint that is measured at visits; found recurrence",
    ),
    "a stratum nobody can point at, by a method of everybody": (
        "P8",
        'estimand = "primary"',
        'estimand = "compliers"',
        r"effect in a principal stratum, as its estimand asks; found estimand compliers, by van_elteren",
    ),
    "an odds ratio for everybody beside a product": (
        "N1",
        "value ~ arm + sex",
        "value ~ arm * sex",
        r"line of the arm is the effect for everybody; found the arm multiplied with sex",
    ),
    "a hazard ratio for everybody beside a product": (
        "R1",
        'formula = "arm"',
        'formula = "arm * sex"',
        r"found the arm multiplied with sex",
    ),
    "a baseline value of an event": (
        "R1",
        'formula = "arm"',
        'formula = "arm + log(base)"',
        r"columns of the subjects in a model of a time to an event; found base",
    ),
    "a structure twice": ("V1", '["us", "adh"', '["us", "us"', r"each structure once; found us, us"),
    "a model of visits without them": (
        "V1",
        "chg ~ base * visit + arm * visit + sex + site",
        "chg ~ base + arm + sex + site",
        r"the visit in the model of all visits",
    ),
    "a model of one visit with visits": ("P1", "+ site", "* visit + site", r"a model of one visit without"),
    "a baseline after randomization": ("[-28, 0]", "[-28, 14]", r"on or before the day of randomization"),
    "a response as the variable of a mean": (
        '"odi_change at month_12"',
        '"odi_response_10 at month_12"',
        r"endpoint of its estimand, odi_response_10; found odi_change",
    ),
    "a rule of a response that is not the estimand's": (
        '"odi_response_10 at month_12"',
        '"satisfied at month_12"',
        r"endpoint of its estimand, satisfied; found odi_response_10",
    ),
    "a variable that is none": (
        '"odi_change at month_12"',
        '"odi_chnge at month_12"',
        r"an endpoint of the plan; found 'odi_chnge'. Did you mean 'odi_change'",
    ),
    "a visit of a variable that is none": (
        '"odi_change at month_12"',
        '"odi_change at month_13"',
        r"every visit\"; found 'month_13'. Did you mean",
    ),
    "one visit of several": (
        "V1",
        'visits = ["week_6", "month_1", "month_3", "month_6", "month_12"]',
        'visits = ["month_12"]',
        r"at least two visits",
    ),
    "a visit twice": ("V1", '"month_1", ', '"week_6", ', r"visits each once, from the earliest"),
    "visits out of order": (
        "V1",
        '"week_6", "month_1"',
        '"month_1", "week_6"',
        r"visits each once, from the earliest",
    ),
    "a rule on nothing": (
        'rule = "chg <= -10"',
        'rule = "chng <= -10"',
        r"a name the rule may use; found 'chng'",
    ),
    "treatment policy for death": (
        '"death", source = "death", strategy = "hypothetical"',
        '"death", source = "death", strategy = "treatment-policy"',
        r"no outcome after death",
    ),
    "negative days": ("R1", "horizon_days = 365", "horizon_days = -365", r"a number of days above 0"),
    "days out of order": ("R1", "[0, 90, 180, 270, 365]", "[0, 180, 90]", r"each later than the one before"),
    "a date that is none": ('date = "rec_onset_date"', 'date = "rec_lbp_hours"', r"an item that is a date"),
    "a form that is none": ('form = "recurrence"', 'form = "recurence"', r"Did you mean 'recurrence'"),
    "a modifier not in the formula": (
        "I1",
        'modifier = "multifidus_fat"',
        'modifier = "odi"',
        r"the term odi",
    ),
    "a population of all treated": (
        'population = "all randomized"',
        'population = "all treated"',
        r"population of its estimand, all treated; found the set full",
    ),
    "a population with at least one dose": (
        'population = "all randomized"',
        'population = "subjects with at least one dose"',
        r"population of its estimand, subjects with at least one dose",
    ),
    "a modified intention to treat": (
        'population = "all randomized"',
        'population = "modified intention to treat"',
        r"population of its estimand, modified intention to treat",
    ),
    "a population of who was observed": (
        'population = "all randomized"',
        'population = "randomized with an observed outcome"',
        r"population of its estimand, randomized with an observed outcome",
    ),
    "a population of no set": (
        'population = "all randomized"',
        'population = "women over 70"',
        r"words that say it is everybody, such as .*found women over 70",
    ),
    "everybody in the set of the treated": (
        "P3",
        'set = "full"',
        'set = "safety"',
        r"population of its estimand, all randomized; found the set safety",
    ),
    "intention to treat in the arm received": (
        'arm = "planned_arm"',
        'arm = "actual_arm"',
        r'intention to treat: arm = "planned_arm"; found actual_arm',
    ),
    "two sets of the same people": (
        'rule = "randomized and treated"\narm = "actual_arm"',
        'rule = "randomized"\narm = "planned_arm"',
        r"sets that differ; found full and safety",
    ),
    "a change at baseline among visits": (
        "V1",
        'visits = ["week_6"',
        'visits = ["baseline", "week_6"',
        r"visits after the baseline; found baseline",
    ),
    "a slope from a baseline of 0": (
        "V2",
        '["week_6"',
        '["baseline", "week_6"',
        r"visits after the baseline",
    ),
    "a change at baseline": ("P2", '"month_12"', '"baseline"', r"visits after the baseline"),
    "an event found at baseline": ("R4", '["week_6"', '["baseline", "week_6"', r"visits after the baseline"),
    "an event reported at baseline": ("R6", '["week_6"', '["baseline", "week_6"', r"visits after the base"),
    "an improvement at baseline": ("J2", '"month_12"', '"baseline"', r"visits after the baseline"),
    "a visit and its other reading": (
        "V1",
        '"month_12"]',
        '"month_12", "year_after_treatment"]',
        r"month_12 or its other reading, year_after_treatment",
    ),
    "visits in a model of a time": (
        "R1",
        'formula = "arm"',
        'formula = "arm + visit"',
        r"columns of the subjects in a model of a time to an event; found visit",
    ),
    "months in a model of a time": (
        "R1",
        'formula = "arm"',
        'formula = "arm * months"',
        r"columns of the subjects in a model of a time to an event; found months",
    ),
    "a label that falls and a rule that rises": (
        'rule = "chg <= -10"',
        'rule = "chg >= 10"',
        r"a rule of ODI lower by 10 points or more: chg <= -",
    ),
    "a rule without its sign": ('rule = "chg <= -10"', 'rule = "chg <= 10"', r"lower by 10.*found chg <= 10"),
    "a rule of another number than the label": (
        'rule = "chg <= -10"',
        'rule = "chg <= -15"',
        r"the number of the label in the rule",
    ),
    "a rule of another share than the label": (
        "chg <= -0.3 * base",
        "chg <= -0.2 * base",
        r"the number of the label in the rule: ODI lower by 30 %",
    ),
    "a bound left out that the label counts": (
        'rule = "chg <= -10"',
        'rule = "chg < -10"',
        r"the bound itself counted too",
    ),
    "levels turned": ('rule = "value <= 2"', 'rule = "value >= 2"', r"takes the levels of the label"),
    "a definition of another number than the rule": (
        "rec_lbp_hours >= 24",
        "rec_lbp_hours >= 48",
        r"the numbers of the rule in the definition: .*found 48 in the rule alone",
    ),
    "a title of another month": ("P1", "baseline to 12 months", "baseline to 6 months", r"time of the title"),
    "a label of another month": ("ODI at 12 months, what", "ODI at 6 months, what", r"the time of the label"),
    "a title of another score": (
        "V1",
        "Pain at all visits",
        "ODI at all visits",
        r"what the title names, odi",
    ),
    "an event that competes with itself": (
        'form = "death"\ndate = "death_date"',
        'form = "recurrence"\ndate = "rec_onset_date"',
        r"an event other than recurrence itself",
    ),
    "no censoring": (
        '"last contact with recurrence status assessed"',
        '"never"',
        r"the last contact at which",
    ),
    "a horizon after everybody has left": (
        "R1",
        "days = 365",
        "days = 3650",
        r"up to the end of the last window",
    ),
    "the outcome on the right": ("P1", "+ base +", "+ base + value +", r"the outcome left of the ~ alone"),
    "the baseline twice": ("P1", "+ base +", "+ base + odi +", r"the baseline once; found base and odi"),
    "levels of a number": (
        "G1",
        "age_years = [70]",
        'age_years = "levels"',
        r"numbers to cut at.*age_years, a num",
    ),
    "levels cut at numbers": ("G1", 'sex = "levels"', "sex = [1]", r'"levels"; found sex, which has levels'),
    "thirds of levels": (
        "G1",
        'site = "levels"',
        'site = "tertiles"',
        r'"levels"; found site, which has lev',
    ),
    "a cut above everybody": (
        "G1",
        "age_years = [70]",
        "age_years = [200]",
        r"inside the range of age_years",
    ),
    "a cut below everybody": (
        "G1",
        "goutallier = [3]",
        "goutallier = [0]",
        r"inside the range of goutallier",
    ),
    "a level for each baseline": ("P1", "+ base +", "+ C(base) +", r"base as a number"),
    "the arm as a number": ("P1", "~ arm +", "~ log(arm) +", r"the factor arm as a factor"),
    "strata without a factor": ("S1", '["sex", "site"]', '["sex"]', r"factors among the strata: site too"),
    "a sensitivity analysis of one": ("P3", 'of = "P1"', 'of = "P2"', r"found of P2, which is sensitivity"),
    "a sensitivity analysis of nothing": ("P3", 'of = "P1"\n', "", r"the entry whose assumption it changes"),
    "a secondary entry of another": (
        "S1",
        'role = "secondary"',
        'role = "secondary"\nof = "P1"',
        r'role = "sensitivity" for an entry',
    ),
    "a family of one": ("M1", '["V1", "J1", "R1", "N1"]', '["V1"]', r"two entries or more"),
    "a family with a table": ("M1", '["V1"', '["D1", "V1"', r"found D1, which is descriptive"),
    "a family with a sensitivity analysis": ("M1", '["V1"', '["P2", "V1"', r"found P2, which is sensitivity"),
    "a share of doses beyond the range": (
        "D10",
        "compliance >= 75",
        "compliance >= 750",
        r"compliance >= 750",
    ),
    "a code that no contact has": ("R1", "lbp_in_pain = 0", "lbp_in_pain = 7", r"a level that is there"),
    "a ceiling below 0": ("J2", "ceiling = 29", "ceiling = -29", r"the highest value of joa, 29; found -29"),
    "a ceiling of another score": (
        "J2",
        "ceiling = 29",
        "ceiling = 100",
        r"the highest value of joa, 29; found 100",
    ),
    "an improvement of what should fall": (
        "J2",
        '"joa_change"',
        '"odi_change"',
        r"an endpoint of which more is better; found odi_change",
    ),
    "two grades at one rate": ("J2", "Good = 50", "Good = 75", r"the best first"),
    "a step of nothing": ("I3", "step = 10", "step = 0", r"a number above 0; found 0"),
    "a step down": ("I3", "step = 10", "step = -10", r"a number above 0; found -10"),
    "too many imputations": ("P1", "m = 50", "m = 500000", r"a number from 2 to 1000; found 500000"),
    "a family's alpha in percent": ("M1", "alpha = 0.05", "alpha = 5", r"a significance level.*found 5"),
    "a day no calendar has": ("target_days = 42", "target_days = 420000", r"a number from -36600 to 36600"),
    "three sides": ("P1", "sides = 2", "sides = 3", r"sides: expected 1 or 2; found 3"),
    "a covariance that is none": ("V1", '"adh"', '"adh2"', r"structures among"),
    "a family of nobody": ("M1", '"N1"', '"N9"', r"an entry of the plan; found 'N9'"),
}


@pytest.fixture(scope="module")
def study() -> Study:
    return load_study(resources.folder("sample_data"))


def edited(*edit: str) -> str:
    *entry, old, new = edit
    start = PLAN.index(f'id = "{entry[0]}"') if entry else 0
    assert old in PLAN[start:]
    return PLAN[:start] + PLAN[start:].replace(old, new, 1)


def told(text: str, study: Study) -> list[str]:
    try:
        return [str(problem) for problem in plan_problems(load_plan_text(text), study)]
    except TrialkitError as error:
        return [str(error)]


def test_the_plan_as_it_is_has_nothing_told_of_it(study: Study):
    assert told(PLAN, study) == []


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_a_wrong_edit_is_told_where_it_stands(edit: tuple[str, ...], study: Study):
    *change, message = edit
    problems = told(edited(*change), study)
    assert any(re.search(message, problem, re.DOTALL) for problem in problems), problems


def test_an_endpoint_of_the_study_that_nobody_analyses_is_named(study: Study):
    start = PLAN.index('[[analysis]]\nid = "L2"')
    without = "".join(
        block
        for block in re.split(r"(?=\[\[analysis\]\])", PLAN[:start])
        if not re.search(r'id = "A\d"', block)
    )
    assert any("the study's endpoint" in problem for problem in told(without, study))


def test_a_visit_at_which_an_endpoint_is_measured_and_that_has_no_rule_is_named(study: Study):
    start = PLAN.index("[visits.month_3]")
    without = PLAN[:start] + PLAN[PLAN.index("[visits.month_6]") :]
    problems = told(without, study)
    assert any("a rule for the visit month_3" in problem for problem in problems), problems
    assert not any("a rule for the visit month_6" in problem for problem in problems)


def test_the_site_of_a_study_of_several_is_a_column_of_its_subjects(study: Study):
    unstratified = replace(study, factors=())
    assert "site" in subject_columns(unstratified)
    assert "site" not in subject_columns(replace(unstratified, sites=study.sites[:1]))
    assert described(unstratified, "site") == ("Site", "", tuple(site.name for site in study.sites))


@pytest.mark.parametrize(
    ("entry", "old", "new", "found"),
    [
        ("N1", "value ~ arm + sex", "value ~ arm * sex", ("sex",)),
        ("N1", "value ~ arm + sex", "value ~ arm:sex + sex + arm", ("sex",)),
        ("R1", 'formula = "arm"', 'formula = "arm * age_years * sex"', ("age_years", "sex")),
        ("V1", "arm * visit + sex", "arm * visit * sex", ()),  # LS means are over the sexes
        ("V2", "arm * months", "arm * months", ()),  # the slope is the question
        ("V2", "arm * months + sex", "arm * months * sex", ("sex",)),
        ("I1", "arm * multifidus_fat", "arm * multifidus_fat", ()),  # the modifier is the question
    ],
)
def test_what_the_line_of_the_arm_depends_on_is_known(
    entry: str, old: str, new: str, found: tuple[str, ...]
) -> None:
    assert modifiers(load_plan_text(edited(entry, old, new)).analysis(entry)) == found
