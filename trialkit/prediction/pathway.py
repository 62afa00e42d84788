"""The risk-stratified care pathway: who goes where, and what the stated assumptions make of it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from trialkit.numbers import plain
from trialkit.prediction.arrays import Booleans, Floats
from trialkit.prediction.plan import PredictionPlan, Stratum

COLUMNS = [
    "stratum",
    "from_risk",
    "to_risk",
    "action",
    "review_weeks",
    "n",
    "known",
    "observed",
    "without",
    "without_lower",
    "without_upper",
    "with_action",
    "with_action_lower",
    "with_action_upper",
]
TOTAL = "All"
_DRAWS = 4000
Draws = Booleans
"""Rows are simulated courses, columns people."""
_FEW = 20


@dataclass(frozen=True)
class PathwayPeople:
    """Everybody, the ones without a known outcome too: risk, outcome (0 where unknown), weight (0 there)."""

    risk: Floats
    outcome: Floats
    weights: Floats


def simulate_pathway(strata: tuple[Stratum, ...], people: PathwayPeople, seed: int) -> pd.DataFrame:
    """One row a stratum and one of all: :data:`COLUMNS`.

    ``n`` people whose risk falls there, ``known`` of them with a known outcome, ``observed`` with it
    (weighted where follow-up was censored), ``without`` expected by their risks as they are, ``with_action``
    expected when each risk moves by the stratum's stated ``expected_change`` (an assumption, never estimated
    here; risks stay within 0 and 1). Limits hold the middle 95 % of simulated courses, each person's outcome
    drawn at its risk: chance alone, not the uncertainty of model or assumption.
    """
    edges = [s.from_risk for s in strata] + [np.inf]
    place = np.searchsorted(edges[1:-1], people.risk, side="right")
    moved = np.clip(people.risk + np.array([s.expected_change for s in strata])[place], 0.0, 1.0)
    random = np.random.default_rng([seed, 6])
    uniform = random.random((_DRAWS, len(people.risk)))
    before, after = uniform < people.risk, uniform < moved
    rows = []
    for i, stratum in enumerate(strata):
        about = (
            stratum.name,
            stratum.from_risk,
            min(edges[i + 1], 1.0),
            stratum.action,
            stratum.review_weeks,
        )
        rows.append((*about, *_counts(place == i, people, moved, before, after)))
    everybody = np.ones(len(people.risk), dtype=bool)
    rows.append((TOTAL, 0.0, 1.0, "", np.nan, *_counts(everybody, people, moved, before, after)))
    return pd.DataFrame(rows, columns=COLUMNS)


def _counts(
    members: Booleans, people: PathwayPeople, moved: Floats, before: Draws, after: Draws
) -> tuple[float, ...]:
    known = members & (people.weights > 0)
    return (
        int(members.sum()),
        int(known.sum()),
        float((people.weights * people.outcome)[members].sum()),
        float(people.risk[members].sum()),
        *(float(q) for q in np.percentile(before[:, members].sum(axis=1), [2.5, 97.5])),
        float(moved[members].sum()),
        *(float(q) for q in np.percentile(after[:, members].sum(axis=1), [2.5, 97.5])),
    )


def check_pathway(plan: PredictionPlan, simulated: pd.DataFrame) -> tuple[str, ...]:
    """Where the pathway and what the plan and its data say do not go together, in words; nothing: ()."""
    strata = simulated[simulated["stratum"] != TOTAL].to_dict("records")
    found = []
    for row in strata:
        if row["n"] < _FEW:
            found.append(f"{row['stratum']}: {row['n']} people, too few to say how they fare.")
    known = [row for row in strata if row["known"] >= _FEW]
    shares = [(row["stratum"], row["observed"] / row["known"]) for row in known]
    for (lower, share), (upper, next_share) in pairwise(shares):
        if next_share <= share:
            found.append(
                f"{upper}: {plain(100 * next_share, 0)} % observed, not above the "
                f"{plain(100 * share, 0)} % of {lower}."
            )
    if all(stratum.expected_change == 0 for stratum in plan.pathway):
        found.append("No action is assumed to change anything: with and without are the same.")
    horizon = plan.outcome.horizon_days
    for stratum in plan.pathway:
        if horizon and 7 * stratum.review_weeks > horizon:
            found.append(f"{stratum.name}: its review comes after the {horizon:g} days the risk is about.")
        helps = stratum.expected_change * (1 if plan.outcome.better else -1)
        if helps < 0:
            found.append(f"{stratum.name}: its action is assumed to do harm ({stratum.expected_change:+g}).")
    return tuple(found)
