"""Wrong edits of the models of study A's plan, and of what goes into them, each with what is said of it."""

from __future__ import annotations

import pytest

from tests.plan.wrong_edits import require_told
from trialkit.study.model import Study

EDITS = {
    "the arm twice": (
        "P1",
        "~ arm + base",
        "~ arm + arm + base",
        r"each term once; found arm more than once",
    ),
    "a covariate twice, once in C()": (
        "P1",
        "+ sex",
        "+ sex + C(sex)",
        r"each term once; found sex more than",
    ),
    "a product twice, turned round": (
        "V1",
        "arm * visit",
        "visit * arm + arm * visit",
        r"each term once; found arm\*visit more than once",
    ),
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
    "no intercept, as 0": ("P1", "chg ~ arm", "chg ~ 0 + arm", r"expected a model with its intercept"),
    "no intercept, as - 1": ("P1", "+ site", "+ site - 1", r"expected a model with its intercept"),
    "no intercept, first": ("P1", "chg ~ arm", "chg ~ -1 + arm", r"expected a model with its intercept"),
    "no intercept in a model of a time": (
        "R1",
        'formula = "arm"',
        'formula = "0 + arm"',
        r"expected a model with its intercept",
    ),
    "the arm twice in a model of a time": (
        "R1",
        'formula = "arm"',
        'formula = "arm + arm"',
        r"each term once; found arm more than once",
    ),
    "a term taken out again": (
        "P1",
        "+ site",
        "+ site - site",
        r"a model of the terms it has; found site taken out again",
    ),
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
    "a modifier that came later": (
        'modifier = "multifidus_fat"',
        'modifier = "compliance"',
        r"known at baseline; found compliance, measured at week_6",
    ),
    "a formula without the arm": ("P1", "chg ~ arm + base", "chg ~ base", r"the arm in the formula"),
    "a primary without baseline": ("P1", "chg ~ arm + base +", "chg ~ arm +", r"the baseline value"),
    "a value for a change": ("P1", "chg ~ arm", "value ~ arm", r"expected 'chg' before the ~"),
    "code in a formula": ("P1", "+ site", "+ exec(site)", r"exec"),
    "unknown weights": ("P1", '"observed"', '"obsrved"', r"equal, observed or cells"),
    "an imputation from nothing": (
        "P1",
        '"vas@*"',
        '"vaz@*"',
        r"a score of the study, or an endpoint's parameter; found 'vaz'",
    ),
    "an imputation at no visit": ("P1", '"vas@*"', '"vas@month_13"', r"found 'month_13'"),
    "one imputation": ("P1", "m = 50", "m = 1", r"a number from 2 to 1000; found 1"),
    "a model without an outcome": ("P1", "chg ~ arm", "arm", r"the outcome left of a ~, such as chg ~ arm"),
    "an outcome of a time": ("R1", 'formula = "', 'formula = "chg ~ ', r"a formula without an outcome"),
    "a time to event at a visit": (
        "J2",
        'endpoint = "joa_change"',
        'endpoint = "recurrence"',
        r"an endpoint that is measured at visits; found recurrence",
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
    "a form that is none": ('form = "recurrence"', 'form = "recurence"', r"Did you mean 'recurrence'"),
    "a modifier not in the formula": (
        "I1",
        'modifier = "multifidus_fat"',
        'modifier = "odi"',
        r"the term odi",
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
    "a slope without time": (
        "V2",
        "arm * months",
        "arm",
        r"the time in the formula of a random slope: arm \* months; found chg ~ base \+ arm \+",
    ),
    "visits in place of time under a random slope": (
        "V2",
        "arm * months",
        "arm * visit",
        r"the time in the formula of a random slope",
    ),
    "compliance that was known beforehand": (
        'complied = "compliance >= 75"',
        'complied = "age_years >= 60"',
        r"after randomization; found age_years >= 60, known before it",
    ),
    "an event found at baseline": ("R4", '["week_6"', '["baseline", "week_6"', r"visits after the baseline"),
    "an event reported at baseline": ("R6", '["week_6"', '["baseline", "week_6"', r"visits after the base"),
    "an improvement at baseline": ("J2", '"month_12"', '"baseline"', r"visits after the baseline"),
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
    "an event that competes with itself": (
        'form = "death"\ndate = "death_date"',
        'form = "recurrence"\ndate = "rec_onset_date"',
        r"an event other than recurrence itself",
    ),
    "the outcome on the right": ("P1", "+ base +", "+ base + value +", r"the outcome left of the ~ alone"),
    "the arm as a number": ("P1", "~ arm +", "~ log(arm) +", r"the factor arm as a factor"),
    "strata without a factor": ("S1", '["sex", "site"]', '["sex"]', r"factors among the strata: site too"),
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
    "a covariance that is none": ("V1", '"adh"', '"adh2"', r"structures among"),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_a_wrong_edit_is_told_where_it_stands(edit: tuple[str, ...], study: Study):
    require_told(edit, study)
