"""Run a plan on a snapshot: every entry answers, with numbers or with what could not be estimated and why."""

from __future__ import annotations

import platform
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import version
from typing import TYPE_CHECKING

from trialkit.analysis.context import Context
from trialkit.analysis.methods import all_methods
from trialkit.analysis.plans import check_entry, check_frame
from trialkit.analysis.results import AnalysisResult, Provenance, Results
from trialkit.datasets import build_datasets
from trialkit.errors import TrialkitError
from trialkit.plan import Analysis, Plan
from trialkit.snapshot import Snapshot
from trialkit.study import load_study

if TYPE_CHECKING:
    import pandas as pd

SOFTWARE = ("trialkit", "numpy", "pandas", "scipy", "formulaic")


def run_plan(plan: Plan, snapshot: Snapshot, progress: Callable[[str], None] = lambda _: None) -> Results:
    """Carry out every entry of a plan.

    Parameters
    ----------
    plan
        Checked against the snapshot's study before anything is computed.
    snapshot
        With allocations; a draft one gives results that say so.
    progress
        Called with the title of each entry before it runs.

    Returns
    -------
    Results
        In plan order. An entry that could not be carried out has ``failure`` set and no tables: the run
        goes on, and nothing is silently missing.

    Raises
    ------
    PlanError
        The plan around its entries does not fit the study.
    """
    study = load_study(snapshot.folder)
    check_frame(plan, study)
    context = Context(plan=plan, study=study, datasets=build_datasets(snapshot, study, plan))
    analyses = []
    for entry in plan.analyses:
        progress(entry.title)
        analyses.append(_answer(context, entry))
    return Results(
        provenance=Provenance(
            plan_id=plan.id,
            plan_version=plan.version,
            plan_sha256=plan.sha256,
            study_id=study.id,
            study_version=study.version,
            study_sha256=study.sha256,
            snapshot_content_sha256=snapshot.manifest.content_sha256,
            snapshot_state=snapshot.manifest.state,
            software={"python": platform.python_version(), **{name: version(name) for name in SOFTWARE}},
        ),
        arm_labels={arm: study.arm(arm).label for arm in context.arms},
        analyses=tuple(analyses),
        notes=_notes(context),
    )


def _notes(context: Context) -> tuple[str, ...]:
    """What a reader must know of where the data come from, before any number."""
    notes = []
    mapping = context.study.import_mapping
    if mapping is not None:
        notes.append(f"The trial was run elsewhere. Its data are imported from one file: {mapping.source}.")
        why = context.study.randomization.reason_external
        if why:
            notes.append(f"Its allocations were made outside trialkit: {why}.")
    assessments = context.datasets.assessments
    undated = int((assessments["analysis_flag"] & assessments["day"].isna()).sum())
    if undated:
        notes.append(f"{undated:,} assessments have no known day: each counts for the visit its form names.")
    return tuple(notes)


def _answer(context: Context, entry: Analysis) -> AnalysisResult:
    """One entry's fault never costs another."""
    blank = AnalysisResult(
        id=entry.id,
        kind=entry.method,
        role=entry.role.value,
        title=entry.title,
        method="",
        analysis_set=context.set_label(entry),
        counts=_no_counts(),
        tables={},
        estimand=context.estimand(entry),
    )
    try:
        check_entry(entry, context.plan, context.study)
        answer = all_methods()[entry.method].compute(context, entry)
    except TrialkitError as error:
        return replace(blank, failure=str(error))
    return replace(
        blank,
        method=answer.method,
        counts=answer.counts,
        tables=answer.tables,
        notes=answer.notes,
        warnings=answer.warnings,
    )


def _no_counts() -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(columns=["arm", "n_set", "n_observed", "n_imputed", "n_excluded", "reason", "of"])
