"""One row a subject: who, where, when, which arm, and what was known at baseline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialkit.datasets.scores import score_table
from trialkit.datasets.typed import typed_column, values_only
from trialkit.snapshot import Snapshot
from trialkit.study.model import Study

if TYPE_CHECKING:
    import pandas as pd


def subject_dataset(snapshot: Snapshot, study: Study, baseline_visit: str) -> pd.DataFrame:
    """Subjects with identity, dates, strata, arms and every baseline item and score.

    Returns
    -------
    DataFrame
        ``subject_id site status status_reason consent_date randomization_date randomized treated
        stratum_randomized stratum_true planned_arm actual_arm``, ``<factor>_randomized`` and
        ``<factor>_true``, then one column an item and a score of the non-repeating forms at
        ``baseline_visit``. Arms are NA where there is none, and for everyone in a blinded snapshot.
    """
    import pandas as pd

    subjects = snapshot.tables["subjects"].copy()
    for column in ("consent_date", "randomization_date"):
        subjects[column] = pd.to_datetime(subjects[column].replace("", None), format="%Y-%m-%d")
    # An allocation made outside trialkit may have no date.
    undated = subjects["status"].isin(["randomized", "completed"])
    subjects["randomized"] = subjects["randomization_date"].notna() | undated
    if snapshot.blinded:
        subjects[["planned_arm", "actual_arm"]] = pd.NA
    else:
        arms = snapshot.tables["allocations"].replace("", pd.NA)
        subjects = subjects.merge(arms, on="subject_id", how="left", validate="one_to_one")
    subjects["treated"] = subjects["actual_arm"].notna()
    known = _baseline_columns(snapshot, study, baseline_visit)
    known = known.drop(columns=[column for column in known if column in subjects])
    return subjects.merge(known, left_on="subject_id", right_index=True, how="left")


def _baseline_columns(snapshot: Snapshot, study: Study, visit: str) -> pd.DataFrame:
    values = values_only(snapshot.tables["values"])
    import pandas as pd

    forms = [form for form in study.forms if not form.repeating and visit in form.visits]
    items = [item for form in forms for item in form.items]
    here = values[(values["visit"] == visit) & values["form"].isin([form.name for form in forms])]
    wide = here.pivot(index="subject_id", columns="item", values="value")
    wide = wide.reindex(columns=[item.name for item in items])
    scores = score_table(values, study)
    at_baseline = scores[scores["visit"] == visit].pivot(
        index="subject_id", columns="parameter", values="value"
    )
    columns = {item.name: typed_column(item, wide[item.name]) for item in items}
    columns |= {str(name): at_baseline[name] for name in at_baseline}
    return pd.DataFrame(columns)
