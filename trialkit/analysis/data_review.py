"""What a blind data review looks at before the lock: nobody's arm is known, and no outcome is compared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trialkit.analysis.context import Context
from trialkit.analysis.errors import AnalysisError
from trialkit.analysis.modes import Mode, prepare
from trialkit.analysis.plans import sound_plan
from trialkit.analysis.repeated import visits_after_baseline
from trialkit.datasets.records import record_dataset
from trialkit.datasets.sets import reasons_against
from trialkit.datasets.typed import values_only
from trialkit.documents.declared.wording import lower_first
from trialkit.numbers import plain
from trialkit.plan import Analysis, AnalysisRole, Plan, keys
from trialkit.plan.model import Derivation, RecordSource
from trialkit.snapshot import Snapshot
from trialkit.study import load_study
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class DataReview:
    """Frames of text; ``candidates`` has one row a subject and analysis set it may not belong to, with the
    decision that stands (``exclude``, ``keep`` or empty), ``decisions`` are all that stand, ``withheld`` says
    what a blind review cannot see, ``primary`` which outcome is the primary one."""

    out_of_window: pd.DataFrame
    missing_primary: pd.DataFrame
    deviations: pd.DataFrame
    candidates: pd.DataFrame
    decisions: pd.DataFrame
    withheld: tuple[str, ...]
    primary: str
    n_randomized: int


def review_data(plan: Plan, snapshot: Snapshot) -> DataReview:
    """Gather what is to be decided about.

    Parameters
    ----------
    snapshot
        Blinded, or read without its allocations: arms are taken out of any other, forms that tell one too.

    Raises
    ------
    AnalysisError
        The plan has no primary analysis of a visit.
    """
    study = load_study(snapshot.folder)
    plan = sound_plan(plan, study)
    prepared = prepare(Mode.BLINDED, plan, study, snapshot)
    context = Context(plan=prepared.plan, study=study, datasets=prepared.datasets, mode=prepared.mode)
    primary = _primary(plan)
    out = _frame(_out_of_window(context), ("subject_id", "site", "visit", "day", "window"))
    missing = _frame(_missing_primary(context, primary), ("subject_id", "site", "status", "why", "last"))
    told = {form.name for form in study.forms if form.reveals_allocation or form.for_arms}
    deviations, withheld = _deviations(context, told, snapshot)
    candidates = _frame(
        _candidates(context, out, missing, deviations),
        ("subject_id", "site", "analysis_set", "why", "decision", "reason", "decided_by"),
    )
    assert context.datasets.review is not None
    named = f"{context.endpoint(primary).label}, {lower_first(context.visit_label(keys.VISIT.of(primary)))}"
    randomized = int(context.datasets.subjects["randomized"].sum())
    return DataReview(
        out, missing, deviations, candidates, context.datasets.review, withheld, named, randomized
    )


def _primary(plan: Plan) -> Analysis:
    for entry in plan.analyses:
        endpoint = plan.endpoints.get(str(entry.keys.get("endpoint", "")))
        of_visit = endpoint is not None and endpoint.derive is not Derivation.TIME_TO_EVENT
        if entry.role is AnalysisRole.PRIMARY and of_visit and "visit" in entry.keys:
            return entry
    raise AnalysisError(
        expected="a primary analysis of an endpoint at a visit",
        found="none",
        where=said("plan {id}", id=plan.id),
        next_step="A review of the primary data needs to know which they are.",
    )


def _frame(rows: Iterator[dict[str, Any]], columns: tuple[str, ...]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(list(rows), columns=list(columns)).astype(str)


def _out_of_window(context: Context) -> Iterator[dict[str, Any]]:
    visits = context.datasets.visits
    sites = dict(zip(context.datasets.subjects["subject_id"], context.datasets.subjects["site"], strict=True))
    randomized = set(context.datasets.subjects.query("randomized")["subject_id"])
    for name in visits_after_baseline(context):
        rule = context.plan.visits[name]
        shift = context.datasets.target_day(rule) - rule.target_days
        low, high = (edge + shift for edge in rule.window_days)
        here = visits[(visits["visit"] == name) & (visits["status"] == "done") & visits["day"].notna()]
        for row in here[~here["day"].between(low, high)].sort_values("subject_id").to_dict("records"):
            if row["subject_id"] in randomized:
                yield {
                    "subject_id": row["subject_id"], "site": sites[row["subject_id"]],
                    "visit": context.visit_label(name), "day": f"{plain(row['day'], 0)}",
                    "window": f"{low} to {high}",
                }  # fmt: skip


def _missing_primary(context: Context, primary: Analysis) -> Iterator[dict[str, Any]]:
    data = context.assessments(primary)
    missing = data[data[context.endpoint(primary).column].isna()].sort_values("subject_id")
    for row in missing.to_dict("records"):
        why = _why_missing(context, primary, row["subject_id"])
        if row["status_reason"]:
            why += f" ({row['status_reason']})"
        yield {
            "subject_id": row["subject_id"], "site": row["site"], "status": row["status"], "why": why,
            "last": _last_seen(context, primary, row["subject_id"]),
        }  # fmt: skip


def _last_seen(context: Context, primary: Analysis, subject_id: str) -> str:
    """The visit and day of the last value of the primary outcome."""
    long = context.datasets.assessments
    parameter = context.endpoint(primary).parameter
    mine = long[(long["subject_id"] == subject_id) & (long["parameter"] == parameter)]
    mine = mine[mine["value"].notna() & mine["day"].notna()].sort_values("day")
    if mine.empty:
        return "none"
    visit, day = mine[["crf_visit", "day"]].iloc[-1]
    return f"{_called(context)[visit]}, day {plain(day, 0)}"


def _called(context: Context) -> dict[str, str]:
    return {visit.name: visit.label for visit in context.study.visits}


def _why_missing(context: Context, primary: Analysis, subject_id: str) -> str:
    """What is missing for a subject's primary outcome: the value, one in the window, or the baseline."""
    visit = keys.VISIT.of(primary)
    long = context.datasets.assessments
    parameter = context.endpoint(primary).parameter
    mine = long[(long["subject_id"] == subject_id) & (long["parameter"] == parameter)]
    mine = mine[mine["value"].notna()]
    label = lower_first(context.visit_label(visit))
    here = mine[(mine["visit"] == visit) & mine["analysis_flag"]]
    if not here.empty:
        return "no baseline value"
    days = mine.loc[mine["crf_visit"] == visit, "day"].dropna()
    if not days.empty:
        return f"no value in the window of {label}: there is one on day {plain(days.iloc[0], 0)}"
    return f"no value at {label}"


def _deviations(context: Context, told: set[str], snapshot: Snapshot) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Rows of the records that sets leave subjects out for, with what the plan flags of them.

    Of a form that tells an arm only the kinds that the plan calls harmless; the others are counted.
    """
    import pandas as pd

    columns = ["subject_id", "site", "visit", "category", "flags"]
    sites = context.datasets.subjects.set_index("subject_id")["site"]
    sources = dict.fromkeys(name for one in context.plan.sets.values() for name, _ in one.without)
    frames, withheld = [], []
    for name in sources:
        source = context.plan.records[name]
        if source.form in told:
            rows, word = _harmless(context, source, snapshot)
            withheld.append(word)
        else:
            rows = context.datasets.records[name]
        flags = [" and ".join(f for f in source.flags if row[f]) for row in rows.to_dict("records")]
        places = rows["visit"].map(_called(context))
        about: dict[str, Any] = {"site": rows["subject_id"].map(sites), "visit": places, "flags": flags}
        frames.append(rows[["subject_id", "category"]].assign(**about)[columns])
    found = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns)
    return found.fillna("").astype(str), tuple(withheld)


def _harmless(context: Context, source: RecordSource, snapshot: Snapshot) -> tuple[pd.DataFrame, str]:
    """Records of the kinds that tell no arm, without any text of theirs, and a word on the others."""
    form = context.study.form(source.form)
    rows = record_dataset(values_only(snapshot.tables["values"]), context.study, source)
    kinds = [form.item(source.category).label_of(code) for code in source.tells_no_arm]
    shown = rows[rows["category"].isin(kinds)]
    if snapshot.blinded and rows.empty:
        return shown, (
            f"{form.label}: the form tells an arm and a blinded snapshot does not hold it. Who holds the "
            "unblinded one makes this page of it: then the kinds that tell no arm are listed here."
        )
    return shown, (
        f"{form.label}: {len(rows) - len(shown)} records are of a kind that may tell an arm; whom they leave "
        f"out of a set is told after unblinding. Listed are: {', '.join(kinds) or 'none'}."
    )


def _candidates(
    context: Context, out: pd.DataFrame, missing: pd.DataFrame, deviations: pd.DataFrame
) -> Iterator[dict[str, Any]]:
    """Who does not meet a set's rules as far as a blind reader can tell, or has something above."""
    subjects = context.datasets.subjects
    about: dict[str, list[str]] = {}
    for who in missing["subject_id"]:
        about.setdefault(who, []).append("primary outcome missing")
    for who in dict.fromkeys(out["subject_id"]):
        about.setdefault(who, []).append("visit outside its window")
    for row in deviations.to_dict("records"):
        marked = f" ({lower_first(row['flags'])})" if row["flags"] else ""
        about.setdefault(row["subject_id"], []).append(f"deviation: {row['category']}{marked}")
    for row in subjects[subjects["randomized"]].to_dict("records"):
        marks = [w for w in ("ineligible", "wrong_stratum") if row[w]]
        about.setdefault(row["subject_id"], []).extend(mark.replace("_", " ") for mark in marks)
    review = context.datasets.review
    assert review is not None
    decided = review.set_index(["subject_id", "analysis_set"])[["decision", "reason", "decided_by"]]
    standing: dict[Any, dict[Any, str]] = decided.to_dict("index")
    sites = dict(zip(subjects["subject_id"], subjects["site"], strict=True))
    for name, one in context.plan.sets.items():
        known: dict[str, list[str]] = {}
        if not one.randomized:
            known = {who: [] for who, why in about.items() if why}
        if _can_tell(context, one):
            known |= {who: [why] for who, why in reasons_against(subjects, one)}
        for who in sorted(known):
            why = "; ".join(dict.fromkeys([*known[who], *about.get(who, [])]))
            row = {"subject_id": who, "site": sites[who], "analysis_set": name, "why": why}
            yield row | (standing.get((who, name)) or dict.fromkeys(decided.columns, ""))


def _can_tell(context: Context, one: Any) -> bool:
    """Whether a set's rules can be read without arms."""
    from trialkit.expressions import parse

    texts = [one.rule, *(rule for rule, _ in one.requires)]
    named = {name.item for text in texts for name in parse(text, syntax="rule").names}
    hidden = {s.name for s in context.study.scores if context.study.form(s.form).reveals_allocation}
    return not named & ({"planned_arm", "actual_arm", "treated"} | hidden)
