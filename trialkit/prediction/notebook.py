"""``develop`` with a table and a list of features: for a notebook, before there is a plan file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from trialkit.prediction.developed import Development
from trialkit.prediction.finished import developed
from trialkit.prediction.plan import Feature, Outcome, PredictionPlan


def develop(
    data: pd.DataFrame,
    outcome: str,
    features: Sequence[str],
    plan: PredictionPlan | None = None,
    reliability: Mapping[str, float] | None = None,
    workers: int = 1,
    readings: pd.DataFrame | None = None,
) -> Development:
    """Develop a model of ``outcome`` (0/1) from ``features``.

    Without a ``plan`` the settings are the documented defaults and its seed is 1: good for a look, not for a
    publication. With one, its outcome column and features are replaced by those named here.

    Returns
    -------
    Development
        ``.performance``, ``.selection``, ``.model`` (the frozen file's content), ``.card``.
    """
    if plan is None:
        plan = PredictionPlan(
            id="notebook",
            title=f"Prediction of {outcome}",
            version="0",
            seed=1,
            outcome=Outcome(label=outcome, column=outcome),
            features=tuple(_feature(data, name) for name in features),
        )
    else:
        known = {f.name: f for f in plan.features}
        plan = replace(
            plan,
            outcome=replace(plan.outcome, kind="binary", column=outcome),
            features=tuple(known.get(name) or _feature(data, name) for name in features),
        )
    if plan.subject not in data.columns:
        data = data.assign(**{plan.subject: [str(i) for i in range(1, len(data) + 1)]})
    return developed(data, plan, reliability or {}, workers, readings=readings)


def _feature(data: pd.DataFrame, name: str) -> Feature:
    if name in data.columns and not pd.api.types.is_numeric_dtype(data[name]):
        levels = tuple(sorted(data[name].dropna().astype(str).unique()))
        return Feature(name, name, kind="category", levels=levels, level_labels=levels)
    return Feature(name, name)
