"""Bootstraps of the whole pipeline, five learners; the answer is their mean AUC on people left out.

The naive script is what papers' repositories hold: linear LassoCV on 0/1, forests of 500 and boosting of 300,
folds that part copies of a subject. It is run for a twentieth of the samples, its time scaled up. What must
hold is the time: 100 bootstraps under two CPU-minutes. Answers agree as two honest-looking analyses do: their
mean AUCs within 0.15.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.measure import Measure, Numbers, PythonPeer
from trialkit.prediction.pipeline import rows_of
from trialkit.prediction.plan import LEARNERS, Feature, Outcome, PredictionPlan
from trialkit.prediction.resampling import Replication, bootstrap_replicate
from trialkit.prediction.seeds import children
from trialkit.prediction.table import model_table
from trialkit.prediction.workers import one_thread

QUICK = 2
SHARE = 0.05


@dataclass(frozen=True)
class Case:
    """219 people and 120 features, as the training part of the protocol's split; fewer in the quick form."""

    frame: pd.DataFrame
    names: tuple[str, ...]
    bootstraps: int


def case(bootstraps: int) -> Case:
    people, features, strength = (120, 12, 3.0) if bootstraps == QUICK else (219, 120, 1.0)
    random = np.random.default_rng(5)
    x = random.normal(size=(people, features))
    names = tuple(f"f{i}" for i in range(features))
    frame = pd.DataFrame(x, columns=list(names))
    risk = 1 / (1 + np.exp(-strength * (x[:, 0] - 0.8 * x[:, 1] + 0.6 * x[:, 2])))
    frame["outcome"] = (random.random(people) < risk).astype(int)
    frame["subject_id"] = [str(i) for i in range(people)]
    return Case(frame, names, bootstraps)


def ours(data: Case) -> Numbers:
    plan = PredictionPlan(
        id="b",
        title="b",
        version="1",
        seed=1,
        outcome=Outcome("y", column="outcome"),
        features=tuple(Feature(name, name) for name in data.names),
    )
    rows = rows_of(model_table(data.frame, plan), plan)
    seeds = children(np.random.SeedSequence(1), data.bootstraps)
    with one_thread():
        made = [bootstrap_replicate(Replication(rows, plan, {}, seed)) for seed in seeds]
    return np.array([np.mean([one.left_out[name]["auc"] for one in made]) for name in LEARNERS])


def naive(data: Case) -> Numbers:
    from lightgbm import LGBMClassifier
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LassoCV, LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.neural_network import MLPClassifier
    from sklearn.preprocessing import StandardScaler
    from xgboost import XGBClassifier

    x, y = data.frame[list(data.names)].to_numpy(), data.frame["outcome"].to_numpy()
    random, areas = np.random.default_rng(1), []
    for _ in range(max(1, round(SHARE * data.bootstraps))):
        sample = random.integers(0, len(y), len(y))
        left_out = np.setdiff1d(np.arange(len(y)), sample)
        scaler = StandardScaler().fit(x[sample])
        inside, outside = (np.asarray(scaler.transform(x[rows])) for rows in (sample, left_out))
        kept = np.flatnonzero(LassoCV(cv=5, max_iter=5000).fit(inside, y[sample]).coef_)
        kept = kept if len(kept) else np.array([0])
        models = (
            LogisticRegression(max_iter=1000),
            RandomForestClassifier(500, n_jobs=1),
            XGBClassifier(n_estimators=300, n_jobs=1),
            LGBMClassifier(n_estimators=300, n_jobs=1, verbose=-1),
            MLPClassifier(max_iter=500),
        )
        fitted: list[Any] = [model.fit(inside[:, kept], y[sample]) for model in models]
        areas.append([roc_auc_score(y[left_out], m.predict_proba(outside[:, kept])[:, 1]) for m in fitted])
    mean: Numbers = np.asarray(areas, dtype=float).mean(axis=0)
    return mean


def absolute_gap(one: Numbers, other: Numbers) -> float:
    return float(np.max(np.abs(one - other)))


MEASURES = (
    Measure(
        what="whole pipeline, five learners, 120 features of 219 people",
        data=case,
        ours=ours,
        sizes=(100,),
        quick=QUICK,
        unit="bootstraps",
        peers=(
            PythonPeer(
                name="naive script, a twentieth scaled up; gap in AUC",
                work=naive,
                share=SHARE,
                within=0.15,
                gap=absolute_gap,
                aim={100: 1},
            ),
        ),
    ),
)
