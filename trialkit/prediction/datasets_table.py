"""One line a subject from the analysis datasets of a run of the plan: baseline, response, recurrence."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from trialkit.nearest import listed
from trialkit.prediction.errors import PredictionError
from trialkit.prediction.reading import read_data
from trialkit.wording import said


def table_of_datasets(
    folder: Path, parameter: str, visit: str, at_least: float, better: str = "lower", times: str | None = None
) -> pd.DataFrame:
    """``subjects.csv`` of the full set with ``change``, ``response`` and, for ``times``, ``time_days event``.

    ``response`` is 1 where the change of ``parameter`` to ``visit`` is an improvement of ``at_least``; empty
    where it was not observed, which the development counts and leaves out.

    Raises
    ------
    PredictionError
        The folder holds no datasets, or no such parameter, visit or times.
    """
    subjects = read_data(folder / "subjects.csv")
    if "set_full" in subjects.columns:
        subjects = subjects[subjects["set_full"].astype(bool)]
    seen = read_data(folder / "assessments.csv")
    of_parameter = seen[(seen["parameter"] == parameter) & (seen["visit"] == visit) & seen["analysis_flag"]]
    if not len(of_parameter):
        known = sorted(set(seen["parameter"] + " at " + seen["visit"]))
        raise PredictionError(
            expected=said("assessments of {parameter} at {visit}", parameter=parameter, visit=visit),
            found=listed(known),
            where=str(folder / "assessments.csv"),
            next_step="Name a parameter and a visit of the plan.",
        )
    change = of_parameter.set_index("subject_id")["chg"].astype(float)
    table = subjects.assign(change=subjects["subject_id"].map(change))
    gain = -table["change"] if better == "lower" else table["change"]
    response = (gain >= at_least).astype("Int64").mask(gain.isna())
    table = table.assign(response=response)
    return table if times is None else _with_times(table, folder, times)


def _with_times(table: pd.DataFrame, folder: Path, name: str) -> pd.DataFrame:
    times = read_data(folder / "times.csv")
    of_name = times[times["parameter"] == name].set_index("subject_id")
    if not len(of_name):
        raise PredictionError(
            expected=said("times of {name}", name=name),
            found=listed(sorted(set(times["parameter"]))),
            where=str(folder / "times.csv"),
            next_step="Name a time to event of the plan.",
        )
    return table.assign(
        time_days=table["subject_id"].map(of_name["time_days"].astype(float)),
        event=table["subject_id"].map(of_name["event"].astype(float)),
    )
