"""Responders of whom nothing was observed: left out, or counted as the worse of the two."""

from __future__ import annotations

from dataclasses import replace

import pytest

from trialkit.analysis import Results, run_plan
from trialkit.plan import Plan
from trialkit.snapshot import Snapshot


@pytest.fixture(scope="module")
def both(plan: Plan, snapshot: Snapshot) -> Results:
    return run_plan(replace(plan, analyses=(plan.analysis("S1"), plan.analysis("S2"))), snapshot)


@pytest.mark.independent_reimplementation
def test_whoever_was_not_seen_counts_as_no_response_in_everybody_randomized(both: Results):
    seen, all_of = (both[name].tables["proportions"] for name in ("S1", "S2"))
    counts = both["S2"].counts.set_index(["of", "arm"])
    for one, other in zip(seen.to_dict("records"), all_of.to_dict("records"), strict=True):
        row = counts.loc[(one["definition"], one["arm"])]
        assert other["responders"] == one["responders"]
        assert (other["n"], row["n_observed"], row["n_excluded"]) == (row["n_set"], one["n"], 0)
        assert row["n_imputed"] == other["n"] - one["n"] > 0
        assert other["proportion"] == pytest.approx(one["responders"] / row["n_set"])
    difference = both["S2"].tables["contrasts"].set_index(["definition", "measure"])["estimate"]
    for definition, rows in all_of.groupby("definition"):
        p = rows.set_index("arm")["proportion"]
        assert difference[definition, "risk difference"] == pytest.approx(p["exercise"] - p["control"])
    assert "counts as a treatment failure" in both["S2"].method


def test_of_a_bad_event_the_unobserved_had_it(plan: Plan, snapshot: Snapshot):
    """A rule that only a worsening meets: 1 is then the worse."""
    bad = replace(plan.endpoints["odi_response_10"], name="worse", rule="chg >= 10", label="Worse by 10")
    entry = plan.analysis("S2").saying(endpoints=("worse",))
    whole = replace(plan, endpoints={**plan.endpoints, "worse": bad}, analyses=(entry,))
    seen = replace(whole, analyses=(entry.saying(missing="observed cases"),))
    some, all_of = (run_plan(one, snapshot)["S2"].tables["proportions"] for one in (seen, whole))
    for one, other in zip(some.to_dict("records"), all_of.to_dict("records"), strict=True):
        assert other["responders"] - one["responders"] == other["n"] - one["n"] > 0


def test_a_rule_that_does_not_tell_which_is_worse_is_refused(plan: Plan, snapshot: Snapshot):
    neither = replace(plan.endpoints["odi_response_10"], name="same", rule="chg > -5 and chg < 5")
    entry = plan.analysis("S2").saying(endpoints=("same",))
    whole = replace(plan, endpoints={**plan.endpoints, "same": neither}, analyses=(entry,))
    assert "good or bad" in str(run_plan(whole, snapshot)["S2"].failure)
