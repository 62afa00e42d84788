"""Run a plan on a study that allocates nobody: the same methods on one table of subjects, without arms."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from trialkit.analysis.context import Context, reasons_words
from trialkit.analysis.errors import AnalysisError
from trialkit.analysis.modes import ALL
from trialkit.analysis.plans import sound_plan
from trialkit.analysis.results import Provenance, Results
from trialkit.analysis.run import answer_entry
from trialkit.analysis.software import versions
from trialkit.datasets import Datasets
from trialkit.datasets.sets import with_analysis_sets
from trialkit.datasets.typed import typed_column
from trialkit.plan import Analysis, Plan
from trialkit.study.model import Study
from trialkit.table_files.csv_table import read_csv
from trialkit.table_files.table_file import refuse_faults
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd

OBSERVED, SIMULATED = "observed", "simulated"


@dataclass(frozen=True)
class ObservationalContext(Context):
    """What every analysis is given, where there are no arms: the subjects of its set, counted together."""

    @property
    def arms(self) -> tuple[str, ...]:
        return ()

    def subjects(self, entry: Analysis) -> pd.DataFrame:
        table = self.datasets.subjects
        chosen = table[table[f"set_{entry.set}"]].copy()
        if chosen.empty:
            raise AnalysisError(
                expected=said("subjects in the analysis set {set!r}", set=entry.set),
                found="none",
                where=entry.where,
                next_step="Check the set's rule in the plan.",
            )
        return chosen.reset_index(drop=True)

    def counts(
        self,
        data: pd.DataFrame,
        observed: pd.Series,
        reason: str | pd.Series,
        of: str = "",
        imputed: pd.Series | None = None,
    ) -> pd.DataFrame:
        import pandas as pd

        n_set, n_observed = len(data), int(observed.sum())
        n_imputed = 0 if imputed is None else int((imputed & ~observed).sum())
        n_excluded = n_set - n_observed - n_imputed
        out = ~observed if imputed is None else ~observed & ~imputed
        row = {"arm": ALL, "n_set": n_set, "n_observed": n_observed, "n_imputed": n_imputed}
        return pd.DataFrame(
            [
                {
                    **row,
                    "n_excluded": n_excluded,
                    "reason": reasons_words(reason, out) if n_excluded else "",
                    "of": of,
                }
            ]
        )


def read_subjects(path: Path, study: Study) -> pd.DataFrame:
    """The table of subjects, each column as the dictionary says: numbers, dates, labelled categories.

    Raises
    ------
    FileFormatError, FileEncodingError
        No table in UTF-8, with the line.
    AnalysisError
        A column of the dictionary that the file lacks, or a subject in two rows.
    """
    import pandas as pd

    table = read_csv(path, path.read_bytes())
    refuse_faults(table)
    text = table.to_frame().replace("", None)
    items = [item for form in study.forms for item in form.items]
    absent = sorted({study.record_id, *(item.name for item in items)} - set(text))
    if absent or text[study.record_id].duplicated().any():
        raise AnalysisError(
            expected="every column of the dictionary, and one row a subject",
            found=said("no column {absent}", absent=", ".join(absent)) if absent else "a subject in two rows",
            where=str(path),
            next_step="Mend the file.",
        )
    columns = {item.name: typed_column(item, text[item.name]) for item in items}
    return pd.DataFrame({"subject_id": text[study.record_id], **columns})


def run_observational(
    plan: Plan,
    study: Study,
    data: Path,
    progress: Callable[[str], None] = lambda _: None,
    *,
    simulated: bool = False,
) -> Results:
    """Carry out every entry of a plan on a table of subjects.

    Parameters
    ----------
    plan
        Without roles; its sets' rules are on columns of the table.
    study
        As :func:`trialkit.study.load_observational` reads it.
    data
        A CSV file, a row a subject; coded items by their codes.
    simulated
        Whether the table was made by a simulator: the results then say so.

    Raises
    ------
    PlanError, AnalysisError
        The plan around its entries, or the table, does not fit the study.
    """
    plan = sound_plan(plan, study)
    subjects = read_subjects(data, study)
    subjects = with_analysis_sets(subjects.assign(duplicate_of=None), plan.sets)
    context = ObservationalContext(plan=plan, study=study, datasets=_datasets(study, plan, subjects))
    for entry in plan.analyses:
        progress(entry.title)
        context.answered[entry.id] = answer_entry(context, entry)
    return Results(
        provenance=Provenance(
            plan_id=plan.id,
            plan_version=plan.version,
            plan_sha256=plan.sha256,
            study_id=study.id,
            study_version=study.version,
            study_sha256=study.sha256,
            snapshot_content_sha256=hashlib.sha256(data.read_bytes()).hexdigest(),
            snapshot_state=SIMULATED if simulated else OBSERVED,
            software=versions(),
        ),
        arm_labels={},
        analyses=tuple(context.answered.values()),
    )


def _datasets(study: Study, plan: Plan, subjects: pd.DataFrame) -> Datasets:
    import pandas as pd

    empty = pd.DataFrame()
    return Datasets(
        study=study,
        subjects=subjects,
        assessments=empty,
        times=empty,
        episodes=empty,
        time_notes={},
        records={},
        quality=empty,
        labels={item.name: (item.label, item.unit or "") for form in study.forms for item in form.items},
        sets=plan.sets,
        visits=empty,
        values=empty,
    )
