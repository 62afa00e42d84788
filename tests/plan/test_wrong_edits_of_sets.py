"""Wrong edits of the analysis sets and estimands of study A's plan, each with what is said of it."""

from __future__ import annotations

import pytest

from tests.plan.wrong_edits import require_told
from trialkit.study.model import Study

EDITS = {
    "a note of the list over the arm received": (
        "in the arm received.",
        "in the arm the list gave them.",
        r"sets/safety/note: expected arm = \"planned_arm\", as its note says: in the arm the list.*actual",
    ),
    "a note of the arm received over the list": (
        "in the arm the list gave them (intention to treat).",
        "in the arm received.",
        r"sets/full/note: expected arm = \"actual_arm\", as its note says: in the arm received; found",
    ),
    "an intention to treat by the arm received": (
        "Everyone randomized who received any study treatment, in the arm received.",
        "Intention to treat.",
        r"sets/safety/note: expected arm = \"planned_arm\"",
    ),
    "a note of everybody over a rule of some": (
        'rule = "randomized"',
        'rule = "randomized and age_years >= 65"',
        r"everybody randomized in the set, as its note says; found randomized and age_years >= 65",
    ),
    "a note of the treated over everybody": (
        'rule = "randomized and treated"\narm = "actual_arm"\nnote',
        'rule = "randomized and age_years >= 61"\narm = "actual_arm"\nnote',
        r"whoever received treatment in the set, as its note says; found randomized and age_years >= 61",
    ),
    "a note of no deviation over all deviations": (
        'without = [{ records = "deviations", flag = "Important" }]\n',
        "",
        r"who is without deviations in the set, as its note says",
    ),
    "a note of another percentage": (
        "complied (75 % in",
        "complied (80 % in",
        r"the percentages of the note in the rule: 80 %; found .*compliance >= 75",
    ),
    "a percentage that was raised in the rule alone": (
        "compliance >= 75",
        "compliance >= 90",
        r"the percentages of the note in the rule: 75 %; found .*compliance >= 90",
    ),
    "no randomized comparison by the note alone": (
        'comparison = "not randomized"\n',
        "",
        r"comparison = \"not randomized\", as its note says; found a randomized comparison",
    ),
    "a primary set that is not randomized": (
        "P1",
        'set = "full"',
        'set = "per_protocol"',
        r"intention to treat.*found per_protocol",
    ),
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
    "an unknown set": ("P1", 'set = "full"', 'set = "ful"', r"Did you mean 'full'"),
    "an unknown estimand": ("P1", '"primary"\nset', '"primry"\nset', r"Did you mean 'primary'"),
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
    "a stratum nobody can point at, by a method of everybody": (
        "P8",
        'estimand = "primary"',
        'estimand = "compliers"',
        r"effect in a principal stratum, as its estimand asks; found estimand compliers, by van_elteren",
    ),
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
    "treatment policy for death": (
        '"death", source = "death", strategy = "hypothetical"',
        '"death", source = "death", strategy = "treatment-policy"',
        r"no outcome after death",
    ),
    "a date that is none": ('date = "rec_onset_date"', 'date = "rec_lbp_hours"', r"an item that is a date"),
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
    "a visit and its other reading": (
        "V1",
        '"month_12"]',
        '"month_12", "year_after_treatment"]',
        r"month_12 or its other reading, year_after_treatment",
    ),
    "a rule of another share than the label": (
        "chg <= -0.3 * base",
        "chg <= -0.2 * base",
        r"the number of the label in the rule: ODI lower by 30 %",
    ),
    "a share of doses beyond the range": (
        "D10",
        "compliance >= 75",
        "compliance >= 750",
        r"compliance >= 750",
    ),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_a_wrong_edit_is_told_where_it_stands(edit: tuple[str, ...], study: Study):
    require_told(edit, study)
