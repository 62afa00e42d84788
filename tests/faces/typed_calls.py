"""What a caller of the rooms may write, and what a type checker must refuse. `make check` reads it.

Each ``type: ignore`` stands on a call that is wrong. If a face handed its names out as ``Any``, the call
would pass, the comment would be superfluous, and mypy (strict) would fail on it. Nothing runs this.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import assert_type

import pandas as pd

from trialkit import (
    analysis,
    documents,
    entry,
    errors,
    interchange,
    randomization,
    report,
    simulation,
    snapshot,
    stats,
    store,
    study,
)
from trialkit.analysis.results import Results
from trialkit.interchange import TableFile
from trialkit.plan.model import Plan
from trialkit.stats.linear.ancova import AncovaFit
from trialkit.study.model import Study


def right(folder: Path, data: pd.DataFrame, plan: Plan) -> None:
    assert_type(study.load_study(folder), Study)
    assert_type(analysis.run_plan(plan, snapshot.read_snapshot(folder)), Results)
    assert_type(interchange.read_table(folder), TableFile)
    assert_type(stats.ancova("chg ~ arm", data), AncovaFit)
    assert_type(entry.read_value("12"), entry.ReadValue)


def wrong(folder: Path, data: pd.DataFrame) -> None:
    study.load_study(3)  # type: ignore[arg-type]
    stats.ancova(data, "chg ~ arm")  # type: ignore[arg-type]
    stats.cox("arm", data, "time", "event", ties="exact")  # type: ignore[arg-type]
    analysis.run_plan(folder, folder)  # type: ignore[arg-type]
    report.write_report(data, folder)  # type: ignore[arg-type]
    report.PublishedResult("Vickers 2004", "4.6", 2.2, 7.0)  # type: ignore[arg-type]
    randomization.generate_schedule("1:1")  # type: ignore[arg-type, call-arg]
    entry.read_value(12)  # type: ignore[arg-type]
    simulation.load_scenario(3)  # type: ignore[arg-type]
    documents.write_html("<p>", folder)  # type: ignore[arg-type]
    store.Store.open(date(2026, 1, 1))  # type: ignore[attr-defined]
    raise errors.DataError("a text")  # type: ignore[call-arg]
