"""One row a subject: who, where, when, which arm, and what was known at baseline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialkit.datasets.typed import typed_column, values_only
from trialkit.snapshot import Snapshot
from trialkit.study.model import Study

if TYPE_CHECKING:
    import pandas as pd


def subject_dataset(
    snapshot: Snapshot, study: Study, baseline_visit: str, scores: pd.DataFrame
) -> pd.DataFrame:
    """Subjects with identity, dates, strata, arms and every baseline item and score (of ``scores``).

    Returns
    -------
    DataFrame
        ``subject_id site status status_reason consent_date randomization_date randomized treated
        stratum_randomized stratum_true planned_arm actual_arm duplicate_of ineligible wrong_stratum``,
        ``<factor>_randomized`` and ``<factor>_true``, then one column an item and a score of the
        non-repeating forms at ``baseline_visit``, and a score of forms that are filled in once, later
        (compliance, satisfaction). ``actual_arm`` is the planned one unless another was recorded, and
        ``treated`` says that there is one, not that a record of treatment is. Arms are NA where there is
        none, and for everyone in a blinded snapshot. ``duplicate_of`` is the first number of a person
        randomized under two; a person counts once, under that first number, so ``randomized`` is false for
        the later one. Whoever proved ineligible, or has another stratum than the one used, stays randomized
        and is flagged.

    References
    ----------
    Yelland LN et al. Clin Trials 2015;12:418-423 (mistakes of randomization are kept and shown).
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
    subjects = _with_mistakes(subjects, snapshot.tables.get("mistakes"))
    known = _baseline_columns(snapshot, study, baseline_visit, scores)
    known = known.join(_later_scores(study, baseline_visit, scores), how="outer")
    known["source"] = _sources(snapshot, study, baseline_visit)
    known = known.drop(columns=[column for column in known if column in subjects])
    return subjects.merge(known, left_on="subject_id", right_index=True, how="left")


def _with_mistakes(subjects: pd.DataFrame, mistakes: pd.DataFrame | None) -> pd.DataFrame:
    import pandas as pd

    if mistakes is None:
        mistakes = pd.DataFrame(columns=["subject_id", "kind", "duplicate_of"])

    def of(kind: str) -> pd.DataFrame:
        return mistakes[mistakes["kind"] == kind]

    number = subjects["subject_id"]
    second = of("duplicate")
    first_number = dict(zip(second["subject_id"], second["duplicate_of"], strict=True))
    found = [first_number.get(each, pd.NA) for each in number]
    subjects["duplicate_of"] = pd.Series(found, index=subjects.index, dtype=object)
    subjects["ineligible"] = number.isin(of("ineligible")["subject_id"])
    used, true = subjects["stratum_randomized"], subjects["stratum_true"]
    subjects["wrong_stratum"] = number.isin(of("wrong_stratum")["subject_id"]) | (
        (used != true) & (used != "") & (true != "")
    )
    subjects["randomized"] &= subjects["duplicate_of"].isna()
    return subjects


def _baseline_columns(snapshot: Snapshot, study: Study, visit: str, scores: pd.DataFrame) -> pd.DataFrame:
    values = values_only(snapshot.tables["values"])
    import pandas as pd

    forms = [form for form in study.forms if not form.repeating and visit in form.visits]
    items = [item for form in forms for item in form.items]
    entered = values[(values["visit"] == visit) & values["form"].isin([form.name for form in forms])]
    wide = entered.pivot(index="subject_id", columns="item", values="value")
    wide = wide.reindex(columns=[item.name for item in items])
    at_baseline = scores[scores["visit"] == visit].pivot(
        index="subject_id", columns="parameter", values="value"
    )
    columns = {item.name: typed_column(item, wide[item.name]) for item in items}
    here = {form.name for form in forms}
    expected = [score.name for score in study.scores if score.form in here]  # nobody may have one yet
    at_baseline = at_baseline.reindex(columns=[*expected, *at_baseline.columns.difference(expected)])
    columns |= {str(name): at_baseline[name] for name in at_baseline}
    return pd.DataFrame(columns)


def _later_scores(study: Study, baseline: str, scores: pd.DataFrame) -> pd.DataFrame:
    """Scores of forms with one visit, after baseline: a set's rule may name them."""
    import pandas as pd

    once = {form.name for form in study.forms if len(form.visits) == 1 and baseline not in form.visits}
    names = [score.name for score in study.scores if score.form in once]
    later = scores[scores["parameter"].isin(names)]
    wide = later.pivot(index="subject_id", columns="parameter", values="value").reindex(columns=names)
    return pd.DataFrame({str(name): wide[name].astype(float) for name in names}, index=wide.index)


def _sources(snapshot: Snapshot, study: Study, baseline: str) -> pd.Series:
    """The forms a subject's row is made of, as visit/form; what else is in it stands in subjects.csv."""
    once = {form.name for form in study.forms if not form.repeating}
    values = values_only(snapshot.tables["values"])
    single = {form.name for form in study.forms if len(form.visits) == 1}
    here = values[values["form"].isin(once) & ((values["visit"] == baseline) | values["form"].isin(single))]
    places = here[["subject_id", "visit", "form"]].drop_duplicates()
    named = places["visit"] + "/" + places["form"]
    joined: pd.Series = named.groupby(places["subject_id"]).agg(lambda names: " ".join(sorted(names)))
    return joined
