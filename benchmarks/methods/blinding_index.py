"""Guesses of two arms; the answer is Bang's index of each, written out plainly beside it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmarks.measure import Measure, Numbers, PythonPeer
from benchmarks.trials import two_arms
from trialkit.stats import blinding_index


def guesses(subjects: int) -> pd.DataFrame:
    trial = two_arms(subjects)
    rng = np.random.default_rng(2)
    return trial.assign(guess=rng.choice(["control", "exercise", "unknown"], subjects))


def ours(data: pd.DataFrame) -> Numbers:
    return blinding_index(data, "arm", "guess").bang["estimate"].to_numpy()


def plainly(data: pd.DataFrame) -> Numbers:
    known = data[data["guess"] != "unknown"]
    right = (known["arm"] == known["guess"]).groupby(known["arm"]).sum()
    size, named = data.groupby("arm").size(), known.groupby("arm").size()
    return ((2 * right - named) / size).to_numpy()


MEASURES = (
    Measure(
        what="both indices",
        data=guesses,
        ours=ours,
        sizes=(314,),
        quick=80,
        peers=(PythonPeer(name="Bang's alone, written out in pandas", work=plainly, within=1e-9),),
    ),
)
