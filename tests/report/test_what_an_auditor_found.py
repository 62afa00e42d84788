"""Sentences of a report that were not true, each told once and for good."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from trialkit import resources
from trialkit.analysis import Mode, load_plan
from trialkit.analysis.incidence import without_width
from trialkit.analysis.results import Results
from trialkit.report.context import Context
from trialkit.report.page import report_page
from trialkit.report.shells import plan_page
from trialkit.report.showing import ShownResult
from trialkit.study import load_study


def masked(trial: Results) -> Results:
    """The same results with groups for arms, as far as the words beside them go."""
    return replace(trial, mode=Mode.MASKED, arm_labels={"A": "Group A", "B": "Group B"})


def test_a_table_is_that_of_an_earlier_entry_only_where_every_line_is(trial: Results):
    first = next(one for one in trial.analyses if "log_rank" in one.tables)
    other = first.tables["log_rank"].assign(statistic=first.tables["log_rank"]["statistic"] + 0.1)
    again = replace(first, id="again", tables={**first.tables, "log_rank": other})
    context = Context(replace(trial, analyses=(*trial.analyses, again)))
    assert context.earlier(again, ("curves",)) is first
    assert context.earlier(again, ("curves", "log_rank")) is None


def test_a_site_called_as_a_masked_group_keeps_its_name(trial: Results):
    sites = {"site": {"B": "Tertiary hospital 2"}}
    context = Context(replace(masked(trial), level_labels=sites))
    assert context.term_words("site[T.B]") == "Site: Tertiary hospital 2"
    assert context.term_words("arm[T.A]") == "Group A"


def test_of_masked_groups_none_is_called_the_test(trial: Results):
    one = trial.analyses[0]
    assert ShownResult(one, Context(trial)).direction == "test minus reference"
    assert ShownResult(one, Context(masked(trial))).direction == "A minus B"


def test_what_is_withheld_is_not_said_to_be_carried_out(by_hand: SimpleNamespace, trial: Results):
    hidden = replace(trial.analyses[0], withheld=True, tables={})
    page = str(report_page(replace(trial, analyses=(hidden, *trial.analyses[1:]))))
    assert "withheld: available after unblinding" in page


def test_no_event_yet_has_no_interval_of_no_width():
    import pandas as pd

    at = pd.DataFrame({"estimate": [0.0, 0.2], "ci_lower": [0.0, 0.1], "ci_upper": [0.0, 0.3]})
    assert without_width(at, "estimate")["ci_upper"].isna().tolist() == [True, False]


def test_one_wrong_word_of_one_entry_leaves_the_other_shells():
    plan = load_plan(resources.folder("sap") / "study_a.toml")
    entries = tuple(e.saying(variables=("age_yrs",)) if e.id == "D2" else e for e in plan.analyses)
    page = str(plan_page(replace(plan, analyses=entries), load_study(resources.folder("sample_data"))))
    assert "Does not fit the study." in page
    assert "age_yrs" in page
    assert "Change in ODI from baseline to 12 months, points" in page


def test_how_limits_are_made_is_told_only_below_limits(trial: Results):
    """Of masked groups the table holds the log-rank test alone."""
    first = next(one for one in trial.analyses if "log_rank" in one.tables)
    alone = replace(first, tables={"log_rank": first.tables["log_rank"]})
    words = "Limits of a cumulative risk are one minus"
    assert words in str(report_page(replace(trial, analyses=(first,))))
    masked_page = str(report_page(replace(trial, analyses=(alone,), mode=Mode.MASKED)))
    assert "Log-rank test" in masked_page
    assert words not in masked_page


@pytest.mark.parametrize(
    ("categories", "told"), [(1, "the one there is"), (2, "the 2 there are"), (3, "the 3 there are"), (4, "")]
)
def test_what_is_too_little_for_a_picture_is_counted_in_lines_and_not_by_arm(
    trial: Results, categories: int, told: str
):
    import pandas as pd

    events = next(one for one in trial.analyses if "by_category" in one.tables)
    few = pd.DataFrame(
        [
            {"category": f"Category {i}", "arm": arm, "n_subjects": 1, "percent": 1.0, "n_events": 1}
            for i in range(categories)
            for arm in trial.arm_labels
        ]
    )
    less = replace(events, tables={**events.tables, "by_category": few})
    page = str(report_page(replace(trial, analyses=(less,))))
    assert ("a picture needs 4 lines, and the table tells " in page) is bool(told)
    assert told in page
