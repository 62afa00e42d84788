"""Wrong edits of rules, and of words that say another thing than their rule, each with what is said of it."""

from __future__ import annotations

import pytest

from tests.plan.wrong_edits import require_told
from trialkit.study.model import Study

EDITS = {
    "a factor in a transform": ("P1", "+ site", "+ log(site)", r"stratification factor site as a factor"),
    "alpha in percent": ("P1", "alpha = 0.025", "alpha = 2.5", r"a significance level.*found 2.5"),
    "alpha of nothing": ("P1", "alpha = 0.025", "alpha = 0", r"a significance level.*found 0"),
    "a level that does not go with alpha": (
        "P1",
        "level = 0.95",
        "level = 0.90",
        r"level 0.95 that goes with alpha",
    ),
    "a level in percent": ("P1", "level = 0.95", "level = 95", r"a confidence level such as 0.95"),
    "windows that overlap": (
        "window_days = [28, 57]",
        "window_days = [28, 70]",
        r"windows that do not overlap",
    ),
    "a target outside its window": ("target_days = 42", "target_days = 20", r"a target inside its window"),
    "a window turned round": ("window_days = [305, 425]", "window_days = [425, 305]", r"the first not after"),
    "a response that nobody can have": (
        'rule = "value <= 2"',
        'rule = "value <= 0"',
        r"found value <= 0; value is from 1 to",
    ),
    "a part that everybody meets, by a sign": (
        "rec_lbp_hours >= 24",
        "rec_lbp_hours >= -24",
        r"some values meet and some do not; found rec_lbp_hours >= -24, which every value meets",
    ),
    "a part that everybody meets, turned round": (
        "rec_lbp_hours >= 24",
        "(-24 < rec_lbp_hours or rec_vas_mm > 20)",
        r"found -24 < rec_lbp_hours, which every value meets",
    ),
    "a part that everybody meets, above the range": (
        "rec_vas_mm > 20",
        "rec_vas_mm <= 2000",
        r"found rec_vas_mm <= 2000, which every value meets",
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
    "a date in a model": (
        "P1",
        "+ site",
        "+ consent_date + site",
        r"numbers or categories in a model.*a date",
    ),
    "a measurement followed to a horizon": (
        "R1",
        'endpoint = "recurrence"',
        'endpoint = "odi_change"',
        r"an endpoint that is a time to event; found odi_change, derived as change",
    ),
    "a rule on nothing": (
        'rule = "chg <= -10"',
        'rule = "chng <= -10"',
        r"a name the rule may use; found 'chng'",
    ),
    "negative days": ("R1", "horizon_days = 365", "horizon_days = -365", r"a number of days above 0"),
    "days out of order": ("R1", "[0, 90, 180, 270, 365]", "[0, 180, 90]", r"each later than the one before"),
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
    "a level for each baseline": ("P1", "+ base +", "+ C(base) +", r"base as a number"),
    "a code that no contact has": ("R1", "lbp_in_pain = 0", "lbp_in_pain = 7", r"a level that is there"),
    "a family's alpha in percent": ("M1", "alpha = 0.05", "alpha = 5", r"a significance level.*found 5"),
    "a day no calendar has": ("target_days = 42", "target_days = 420000", r"a number from -36600 to 36600"),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_a_wrong_edit_is_told_where_it_stands(edit: tuple[str, ...], study: Study):
    require_told(edit, study)
