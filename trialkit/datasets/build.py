"""Snapshot and plan to analysis datasets: the only place where raw values become what is analysed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

from trialkit.datasets.anchors import anchor_offset
from trialkit.datasets.assessments import assessment_dataset
from trialkit.datasets.captured import form_table, named_forms
from trialkit.datasets.episodes import COLUMNS as EPISODE_COLUMNS, episode_dataset
from trialkit.datasets.records import record_datasets
from trialkit.datasets.review import left_out_by, review_table
from trialkit.datasets.rows import RowKey, Value, form_rows
from trialkit.datasets.scores import item_table, score_table
from trialkit.datasets.sets import with_analysis_sets, with_reasons
from trialkit.datasets.sound import require_sound
from trialkit.datasets.subjects import subject_dataset
from trialkit.datasets.times import time_dataset, timed_events
from trialkit.datasets.typed import NUMERIC, values_only
from trialkit.plan import Plan
from trialkit.plan.model import AnalysisSet, Derivation, Endpoint, VisitRule
from trialkit.snapshot import Snapshot, not_asked
from trialkit.study.model import Study

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Datasets:
    """What analyses read.

    ``subjects`` one row a subject with ``set_<name>`` flags; ``assessments`` subject x visit x parameter;
    ``times`` subject x time-to-event endpoint; ``episodes`` periods at risk up to each event of it;
    ``records`` rows of forms by the plan's names; ``quality`` counts of the double entry; ``labels`` (label,
    unit) of every column an analysis may show; ``sets`` the plan's analysis sets.
    """

    study: Study
    subjects: pd.DataFrame
    assessments: pd.DataFrame
    times: pd.DataFrame
    episodes: pd.DataFrame
    time_notes: Mapping[str, tuple[str, ...]]
    records: Mapping[str, pd.DataFrame]
    quality: pd.DataFrame
    labels: Mapping[str, tuple[str, str]]
    sets: Mapping[str, AnalysisSet]
    visits: pd.DataFrame
    values: pd.DataFrame
    as_of: date = date.max  # the day up to which the data go
    review: pd.DataFrame | None = None  # decisions of the blind review
    forms: tuple[str, ...] = ()  # whose rows are handed over as they were captured
    not_asked: pd.DataFrame | None = None  # items that the version of their form did not ask
    made: Mapping[str, pd.DataFrame] = field(
        default_factory=dict
    )  # what analyses made, such as imputed values

    @cached_property
    def _places(self) -> dict[str, dict[str, Any]]:
        """Where in ``values`` the rows of each form and of each item stand: looked up once, not for each."""
        grouped = {name: self.values.groupby(name, sort=False) for name in ("form", "item")}
        return {name: {str(key): places for key, places in g.indices.items()} for name, g in grouped.items()}

    def rows_of_item(self, item: str) -> pd.DataFrame:
        """The rows of ``values`` of one item, in their order."""
        here: pd.DataFrame = self.values.iloc[self._places["item"].get(item, [])]
        return here

    def item_values(self, item: str) -> pd.Series:
        """The last value of a non-repeating item, as stored text, by subject."""
        here = self.rows_of_item(item)
        return here.drop_duplicates("subject_id", keep="last").set_index("subject_id")["value"]

    def by_subject(self, names: Sequence[str]) -> dict[str, dict[str, float]]:
        """The last value of each score or numeric item, by subject; absent where there is none."""
        found: dict[str, dict[str, float]] = {}
        scores = score_table(self.values, self.study, names)
        for name in names:
            scored = scores[scores["parameter"] == name]
            pairs = zip(scored["subject_id"], scored["value"], strict=True)
            if scored.empty:
                values = self.item_values(name)
                pairs = zip(values.index, values.astype(float), strict=True)
            for subject_id, value in pairs:
                if value == value:
                    found.setdefault(str(subject_id), {})[name] = float(value)
        return found

    def form_rows(self, form: str) -> list[tuple[RowKey, dict[str, Value]]]:
        """Every row of a form, by subject, visit and row."""
        here = self.values.iloc[self._places["form"].get(form, [])]
        return list(form_rows(here, self.study, form))

    def captured(self) -> dict[str, pd.DataFrame]:
        """Rows of each form the plan names, as they were captured, coded items by their labels."""
        return {name: form_table(self.values, self.study, name) for name in self.forms}

    def sources(self, items: Sequence[str]) -> pd.Series:
        """By subject, the forms in which any of these items was filled in."""
        here = self.values[self.values["item"].isin(items)]
        places = (here["visit"] + "/" + here["form"]).groupby(here["subject_id"])
        return places.agg(lambda found: " ".join(sorted(set(found))))

    def visit_rows(self) -> pd.DataFrame:
        """One row a subject and visit: date, day, status, ``source`` forms, every number measured once."""
        import pandas as pd

        forms = [form for form in self.study.forms if not form.repeating]
        numeric = [i.name for form in forms for i in form.items if i.type in NUMERIC]
        here = self.values[self.values["item"].isin(numeric)]
        wide = here.pivot(index=["subject_id", "visit"], columns="item", values="value")
        wide = wide.reindex(columns=[name for name in numeric if name in wide])
        wide = wide.apply(pd.to_numeric, errors="coerce")
        once = self.values[self.values["form"].isin([form.name for form in forms])]
        named = once[["subject_id", "visit", "form"]].drop_duplicates().sort_values("form")
        places = named["visit"] + "/" + named["form"]
        sources = places.groupby([named["subject_id"], named["visit"]]).agg(" ".join)
        rows = self.visits[["subject_id", "visit", "date", "day", "status"]]
        keys = ["subject_id", "visit"]
        return rows.join(sources.rename("source"), on=keys).join(wide, on=keys)

    def times_reported_at(self, endpoint: Endpoint, visits: Sequence[str]) -> pd.DataFrame:
        """Times of an endpoint made of what the forms of these visits report of it and no others; what
        competes with it counts wherever it was recorded."""
        of_others = {one.form for one in endpoint.competing} - {endpoint.form, endpoint.assessed_form}
        here = self.values["visit"].isin(visits) | self.values["form"].isin(of_others)
        values = self.values[here]
        events = timed_events(values, self.visits, self.study, endpoint, self.subjects)
        return time_dataset(endpoint, events)[0]

    def target_day(self, rule: VisitRule) -> int:
        """The visit's target in days from randomization (from consent, for what is counted from there)."""
        return anchor_offset(self.study, rule.anchor)[1] + rule.target_days


def build_datasets(snapshot: Snapshot, study: Study, plan: Plan) -> Datasets:
    """Make every dataset the plan needs.

    Parameters
    ----------
    snapshot
        Blinded or not; without allocations the arms are missing.
    study
        The definition the snapshot was taken under.
    plan
        Says which assessment counts for which visit, what an event is, and who is in which set.

    Returns
    -------
    Datasets
        ``subjects``: one row a subject. ``assessments``: one a subject, score and assessment. ``times``: one
        a subject and event.

    Raises
    ------
    DatasetError
        A stored value is not of its item's type.
    """
    import pandas as pd

    require_sound(snapshot.tables)
    values = values_only(snapshot.tables["values"])
    baseline = next(rule.name for rule in plan.visits.values() if rule.choose == "last")
    scores = score_table(values, study)
    subjects = subject_dataset(snapshot, study, baseline, scores)
    records = record_datasets(values, study, plan.records)
    review = review_table(snapshot)
    subjects = with_reasons(subjects, plan.sets, records, left_out_by(review))
    subjects = with_analysis_sets(subjects, plan.sets)
    timed = [e for e in plan.endpoints.values() if e.derive is Derivation.TIME_TO_EVENT]
    events = {e.name: timed_events(values, snapshot.tables["visits"], study, e, subjects) for e in timed}
    times = {e.name: time_dataset(e, events[e.name]) for e in timed}
    return Datasets(
        study=study,
        subjects=subjects,
        assessments=assessment_dataset(
            snapshot, study, plan.visits, subjects, _parameters(scores, values, study, plan)
        ),
        times=_one_below_another([frame for frame, _ in times.values()])
        if times
        else pd.DataFrame(columns=["subject_id", "parameter", "time_days", "event"]),
        episodes=_one_below_another([episode_dataset(e, events[e.name]) for e in timed])
        if events
        else pd.DataFrame(columns=EPISODE_COLUMNS),
        time_notes={name: notes for name, (_, notes) in times.items()},
        records=records,
        quality=_numbers(snapshot.tables.get("quality")),
        labels=labels_of(study),
        sets=plan.sets,
        visits=_visits(snapshot.tables["visits"], subjects),
        values=values,
        review=review,
        not_asked=not_asked(snapshot.tables),
        forms=named_forms(plan, study),
        as_of=date.fromisoformat(snapshot.manifest.taken_at[:10]),
    )


def _parameters(scores: pd.DataFrame, values: pd.DataFrame, study: Study, plan: Plan) -> pd.DataFrame:
    """The scores, and the items that an endpoint of the plan is made of as they are."""
    import pandas as pd

    named = {endpoint.parameter for endpoint in plan.endpoints.values()} - {one.name for one in study.scores}
    items = item_table(values, study, named)
    found = [table for table in (scores, items) if not table.empty]
    return pd.concat(found, ignore_index=True) if found else scores


def _visits(visits: pd.DataFrame, subjects: pd.DataFrame) -> pd.DataFrame:
    """Visits with their day from randomization."""
    import pandas as pd

    dated = visits[["subject_id", "visit", "date", "status"]].merge(
        subjects[["subject_id", "randomization_date"]], on="subject_id", how="inner"
    )
    date = pd.to_datetime(dated["date"].replace("", None), format="%Y-%m-%d")
    return dated.assign(day=(date - dated["randomization_date"]).dt.days)


def _numbers(quality: pd.DataFrame | None) -> pd.DataFrame:
    import pandas as pd

    if quality is None:
        return pd.DataFrame(columns=["measure", "value"])
    return quality.assign(value=pd.to_numeric(quality["value"]))


def labels_of(study: Study) -> dict[str, tuple[str, str]]:
    """Label and unit of every column that an analysis may show."""
    labels = {item.name: (item.label, item.unit or "") for form in study.forms for item in form.items}
    labels |= {score.name: (score.label, score.unit) for score in study.scores}
    if len(study.sites) > 1:
        labels["site"] = ("Site", "")
    labels |= {factor.name: (factor.name.capitalize(), "") for factor in study.factors if factor.item is None}
    return labels


def _one_below_another(frames: list[pd.DataFrame]) -> pd.DataFrame:
    """Frames without a row are left out: they have no types to agree on."""
    import pandas as pd

    filled = [frame for frame in frames if len(frame)]
    return pd.concat(filled, ignore_index=True) if filled else frames[0]
