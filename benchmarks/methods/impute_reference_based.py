"""Jump to reference by conditional means, errors by the jackknife, beside the definition written out.

The answer is difference and error of the ANCOVA of the last visit.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from benchmarks.measure import Measure, Numbers, PythonPeer
from benchmarks.trials import visits
from trialkit.stats import ancova, impute_reference_based, mmrm

VISITS = 4
Stopped = tuple[pd.DataFrame, dict[Any, int]]


def trial(subjects: int) -> Stopped:
    """Subjects, and the visit from which those who dropped out have no value."""
    data = visits(subjects, VISITS)
    last_seen = data.dropna().groupby("id")["visit"].max().reindex(range(subjects), fill_value=0)
    return data, {subject: int(last) + 1 for subject, last in last_seen.items() if last < VISITS}


def difference(frame: pd.DataFrame) -> Any:
    return ancova("y ~ arm + base", frame[frame["visit"] == VISITS], treatment="arm", reference="control")


def ours(stopped: Stopped) -> Numbers:
    data, events = stopped
    imputed = impute_reference_based(
        data,
        subject="id",
        visit="visit",
        outcome="y",
        arm="arm",
        reference="control",
        covariates=["base"],
        strategy="j2r",
        ice=events,
    )
    row = imputed.analyse(difference).contrasts().iloc[0]
    return row[["estimate", "standard_error"]].to_numpy(dtype=float)


def written_out(stopped: Stopped) -> list[float]:
    """The whole analysis again without each subject in turn."""
    data, events = stopped
    without = [estimate_of(data[data["id"] != subject], events) for subject in data["id"].unique()]
    return [estimate_of(data, events), float(np.sqrt((len(without) - 1) * np.var(without)))]


def estimate_of(data: pd.DataFrame, events: dict[Any, int]) -> float:
    fit = mmrm("y ~ arm * visit + base * visit", data, "id", "visit", df_method="residual")
    own = fit.predict(data)["estimate"].to_numpy().reshape(-1, VISITS)
    as_control = fit.predict(data.assign(arm="control"))["estimate"].to_numpy().reshape(-1, VISITS)
    covariance, y = fit.covariance.to_numpy(), data["y"].to_numpy().reshape(-1, VISITS).copy()
    for row, subject in enumerate(data["id"].unique()):
        mean = own[row].copy()
        first = events.get(subject, VISITS + 1) - 1
        mean[first:] = as_control[row, first:]
        gone = np.isnan(y[row])
        slopes = np.linalg.solve(covariance[np.ix_(~gone, ~gone)], covariance[np.ix_(~gone, gone)])
        y[row, gone] = mean[gone] + (y[row, ~gone] - mean[~gone]) @ slopes
    completed = data[data["visit"] == VISITS].assign(y=y[:, -1])
    return float(difference(completed).contrasts().loc[0, "estimate"])


MEASURES = (
    Measure(
        what="jump to reference, conditional means, jackknife",
        data=trial,
        ours=ours,
        sizes=(314,),
        quick=40,
        peers=(PythonPeer(name="mmrm and ANCOVA without each in turn", work=written_out, within=1e-4),),
    ),
)
