"""Parametric survival models by lifelines beside ours: the same numbers, and said where they are not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from tests.reference.agreement import own_data, own_reference
from trialkit.analysis import run_plan
from trialkit.analysis.plans import plan_problems
from trialkit.analysis.second_program import FITTERS, disagreement, parametric_again
from trialkit.plan import Plan
from trialkit.snapshot import Snapshot
from trialkit.stats import parametric_survival
from trialkit.study.model import Study

pytestmark = pytest.mark.independent_reimplementation


@pytest.mark.parametrize("distribution", FITTERS)
def test_lifelines_goes_to_the_maximum_that_survreg_finds(plan: Plan, distribution: Any):
    data = own_data("parametric_survival", "trial")
    fit = parametric_survival("arm + age", data, "days", "event", distribution=distribution)
    row = parametric_again(plan.analysis("R7"), fit, data, distribution).iloc[0]
    assert row["estimates"] < 1e-6
    assert row["errors"] < 1e-6
    theirs = own_reference("parametric_survival", "output")[distribution]
    assert fit.log_likelihood + row["log_likelihood"] == pytest.approx(theirs["loglik"], rel=1e-10)
    assert fit.concordance + row["concordance"] == pytest.approx(theirs["concordance"], rel=1e-10)


def test_a_model_that_is_not_that_of_the_second_program_is_warned_of(plan: Plan):
    data = own_data("parametric_survival", "trial")
    fit = parametric_survival("arm + age", data, "days", "event", distribution="weibull")
    spoilt = replace(fit.inference, coefficients=fit.inference.coefficients * 1.001)
    wrong = replace(fit, inference=spoilt)
    table = parametric_again(plan.analysis("R7"), wrong, data, "Weibull")
    assert [one for one in disagreement(table) if "finds another weibull model" in one]
    assert not disagreement(parametric_again(plan.analysis("R7"), fit, data, "Weibull"))


def test_an_entry_that_asks_for_it_prints_how_far_the_two_are_apart(plan: Plan, snapshot: Snapshot):
    entry = plan.analysis("R7").saying(second_program="lifelines")
    answer = run_plan(replace(plan, analyses=(entry,)), snapshot)["R7"]
    assert not answer.warnings
    table = answer.tables["second"]
    assert list(table["model"]) == ["Weibull", "Log-normal"]
    assert table["program"].str.startswith("lifelines 0.").all()
    assert (table[["estimates", "errors"]] < 1e-6).all(axis=None)


@pytest.mark.parametrize("others", [("exponential",), ("weibull", "exponential")])
def test_a_distribution_that_it_does_not_have_is_refused(plan: Plan, study: Study, others: tuple[str, ...]):
    entry = plan.analysis("R7").saying(second_program="lifelines", distributions=others)
    problems = [str(one) for one in plan_problems(replace(plan, analyses=(entry,)), study)]
    assert any("distributions that lifelines fits" in one for one in problems)


def test_an_installation_without_it_says_how_to_get_it(plan: Plan, monkeypatch: pytest.MonkeyPatch):
    import sys

    monkeypatch.setitem(sys.modules, "lifelines", None)
    fit = parametric_survival("arm", own_data("parametric_survival", "trial"), "days", "event")
    with pytest.raises(Exception, match=r"trialkit\[survival\]"):
        parametric_again(plan.analysis("R7"), fit, pd.DataFrame(), "Weibull")


@pytest.mark.parametrize("asked", [False, True])
def test_it_is_numbered_only_where_the_entry_asks_for_it(plan: Plan, study: Study, asked: bool):
    from trialkit.report.shells import plan_page

    entry = plan.analysis("R7").saying(**({"second_program": "lifelines"} if asked else {}))
    page = str(plan_page(replace(plan, analyses=(entry,)), study))
    assert ("the same models by a second program" in page) == asked
