"""Run a plan on a snapshot: every entry answers, with numbers or with what could not be estimated and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from trialkit import numbers
from trialkit.analysis.composite import composite_words
from trialkit.analysis.context import Context
from trialkit.analysis.errors import WithheldError
from trialkit.analysis.formula_words import name_words
from trialkit.analysis.level_names import every_level_name
from trialkit.analysis.method import Answer, Method
from trialkit.analysis.methods import all_methods
from trialkit.analysis.modes import ALL, CLOSED_REPORT, Mode, Prepared, default_mode, prepare
from trialkit.analysis.plans import check_entry, sound_plan
from trialkit.analysis.readers_words import DEFECT, readers_words
from trialkit.analysis.results import AnalysisResult, Provenance, Results
from trialkit.analysis.software import versions
from trialkit.errors import TrialkitError
from trialkit.plan import Analysis, Plan, keys
from trialkit.plan.intercurrent import composites
from trialkit.plan.model import Derivation, Test
from trialkit.plan.models import modifiers
from trialkit.plan.references import visits_without_rule
from trialkit.plan.revealing import reveals
from trialkit.snapshot import Snapshot
from trialkit.study import load_study

if TYPE_CHECKING:
    import pandas as pd


def run_plan(
    plan: Plan,
    snapshot: Snapshot,
    progress: Callable[[str], None] = lambda _: None,
    *,
    mode: Mode | None = None,
    masking: Mapping[str, str] | None = None,
) -> Results:
    """Carry out every entry of a plan.

    Parameters
    ----------
    plan
        Checked against the snapshot's study: what is wrong around its entries stops the run, what is wrong in
        one entry costs that entry.
    snapshot
        A draft one gives results that say so.
    progress
        Called with the title of each entry before it runs.
    mode
        What may be known of the arms; None: unblinded where the snapshot has the signed unblinding on record,
        else blinded.
    masking
        Of a masked run: ``{"A": arm, "B": arm}``.

    Returns
    -------
    Results
        In plan order. An entry that could not be carried out has ``failure`` set and no tables: the run
        goes on, and nothing is silently missing.

    Raises
    ------
    PlanError
        The plan around its entries does not fit the study.
    AnalysisError
        The snapshot does not allow the mode.
    """
    return prepared_run(plan, snapshot, progress, mode=mode, masking=masking)[0]


def prepared_run(
    plan: Plan,
    snapshot: Snapshot,
    progress: Callable[[str], None] = lambda _: None,
    *,
    mode: Mode | None = None,
    masking: Mapping[str, str] | None = None,
) -> tuple[Results, Prepared]:
    """As :func:`run_plan`, with the datasets the results were made from."""
    study = load_study(snapshot.folder)
    plan = sound_plan(plan, study)
    prepared = prepare(mode or default_mode(snapshot), plan, study, snapshot, masking)
    context = Context(plan=prepared.plan, study=study, datasets=prepared.datasets, mode=prepared.mode)
    for entry in plan.analyses:
        progress(entry.title)
        context.answered[entry.id] = answer_entry(context, entry)
    results = Results(
        provenance=Provenance(
            plan_id=plan.id,
            plan_version=plan.version,
            plan_sha256=plan.sha256,
            study_id=study.id,
            study_version=study.version,
            study_sha256=study.sha256,
            snapshot_content_sha256=snapshot.manifest.content_sha256,
            snapshot_state=snapshot.manifest.state,
            software=versions(),
        ),
        arm_labels=prepared.arm_labels,
        analyses=tuple(context.answered.values()),
        notes=_notes(context),
        mode=prepared.mode,
        level_labels=every_level_name(study),
        column_labels={name: label for name, (label, _) in prepared.datasets.labels.items()},
    )
    return results, replace(prepared, datasets=replace(prepared.datasets, made=_joined(context.made)))


def _joined(made: list[Mapping[str, pd.DataFrame]]) -> dict[str, pd.DataFrame]:
    """One dataset a name, of all the entries that made one of it."""
    import pandas as pd

    names = dict.fromkeys(name for one in made for name in one)
    return {name: pd.concat([one[name] for one in made if name in one], ignore_index=True) for name in names}


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
    unruled = visits_without_rule(context.plan, context.study)
    for name, label in unruled.items():
        left = assessments[(assessments["crf_visit"] == name) & (assessments["visit"] == "")]
        n = int(left["parameter"].isin({one.parameter for one in context.plan.endpoints.values()}).sum())
        if n:
            notes.append(
                f"The plan has no rule for the visit {label}: {numbers.integer(n)} values of its endpoints, "
                "measured there, count for no visit."
            )
    notes += decisions_of_no_set(context)
    notes += _of_no_version(context)
    return tuple(notes)


def _of_no_version(context: Context) -> list[str]:
    """Of an amended study: the items that are missing since the version of their form did not ask them."""
    found = context.datasets.not_asked
    if found is None or found.empty:
        return []
    labels = context.datasets.labels
    counted = [
        f"{labels.get(item, (item, ''))[0]} ({numbers.integer(n)}, version {', '.join(versions)})"
        for item, n, versions in (
            (str(item), len(rows), sorted(set(rows["study_version"]))) for item, rows in found.groupby("item")
        )
    ]
    return [
        "The study was amended. Missing because the version that a form was entered under did not ask it, "
        f"and for no other reason: {'; '.join(counted)}."
    ]


def decisions_of_no_set(context: Context) -> list[str]:
    """Decisions of the blind review on sets that the plan does not have: they leave nobody out."""
    review = context.datasets.review
    if review is None or review.empty:
        return []
    unknown = review[~review["analysis_set"].isin(context.datasets.sets)]
    found = unknown.groupby("analysis_set").size()
    return [
        f"The blind review decided on {n} {'subject' if n == 1 else 'subjects'} in the set {name!r}, which "
        "the plan does not have: these decisions change nothing."
        for name, n in found.items()
    ]


def answer_entry(context: Context, entry: Analysis) -> AnalysisResult:
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
        arms=entry.arms if context.mode in (Mode.UNBLINDED, Mode.DRY_RUN) else (),
    )
    if entry.fault is not None:
        faults = (entry.fault, *entry.fault.also)
        return replace(blank, failure=" ".join(readers_words(context, entry, one) for one in faults))
    method = all_methods()[entry.method]
    if context.mode is not Mode.UNBLINDED and _is_withheld(context, entry, method):
        return replace(blank, withheld=True)
    try:
        check_entry(entry, context.plan, context.study)
        answer = method.compute(context.of_pair(entry), entry)
    except WithheldError:
        return replace(blank, withheld=True)
    except TrialkitError as error:
        return replace(blank, failure=readers_words(context, entry, error))
    except Exception as error:  # a defect in one method must not take the others' answers with it
        return replace(blank, failure=DEFECT, defect=f"{type(error).__name__}: {error}")
    context.made.append({name: frame.assign(analysis=entry.id) for name, frame in answer.datasets.items()})
    if context.mode is Mode.MASKED:
        answer = _symmetric_part(answer, method, context)
    return replace(
        blank,
        method=answer.method,
        counts=answer.counts,
        tables=answer.tables,
        notes=(
            *_of_another(entry),
            *answer.notes,
            *_of_products(context, entry),
            *_of_composites(context, entry),
            *_of_the_set(context, entry, method),
        ),
        warnings=tuple(readers_words(context, entry, warning) for warning in answer.warnings),
    )


def _of_another(entry: Analysis) -> tuple[str, ...]:
    """What a sensitivity analysis belongs to, and what it assumes instead."""
    assumes = f" assuming {entry.assumption}" if entry.assumption else ""
    return (f"Sensitivity analysis of {entry.of}{assumes}.",) if entry.of else ()


def _of_products(context: Context, entry: Analysis) -> tuple[str, ...]:
    """For whom the arm's line holds where the model lets the effect differ."""
    names = [name_words(context, name) for name in modifiers(entry)]
    if not names:
        return ()
    return (
        f"The model multiplies the arm with {' and '.join(names)}: the line of the arm is its effect at the "
        "first level of it, or where it is 0; the line of the product says how that changes.",
    )


def _of_composites(context: Context, entry: Analysis) -> tuple[str, ...]:
    """How many had an event that is part of the outcome; of masked groups nothing is counted."""
    if not composites(context.plan, entry) or context.mode is Mode.MASKED:
        return ()
    name = next(iter(entry.keys.get("endpoints") or (entry.keys["endpoint"],)))
    data = context.of_pair(entry).at_visit(entry, context.plan.endpoints[name], entry.keys["visit"])
    return composite_words(context, entry, data)


def _of_the_set(context: Context, entry: Analysis, method: Method) -> tuple[str, ...]:
    chosen = context.plan.sets[entry.set]
    if chosen.randomized or not method.compares:
        return ()
    return (
        f"{chosen.label}: this is not a comparison of randomized groups. Who is in it depends on what "
        "happened after randomization, so the arms may differ in more than their treatment.",
    )


def _is_withheld(context: Context, entry: Analysis, method: Method) -> bool:
    """Whether nothing of an entry may be shown in this mode."""
    if context.mode is Mode.BLINDED and method.pooled:
        return False
    if reveals(entry, context.plan, context.study):
        return not (context.mode is Mode.CODED and entry.keys.get(CLOSED_REPORT))
    if context.mode is Mode.BLINDED:
        return method.compares
    test = entry.keys.get("test")
    one_sided = isinstance(test, Test) and test.null_value != 0 and keys.TEST in method.confirmatory
    alike = getattr(entry.keys.get("missing"), "symmetric", True)
    if entry.arms and context.mode in (Mode.MASKED, Mode.CODED):
        return True  # two letters of three would tell which group the entry is not about
    shown = method.joint if context.several else method.symmetric
    if context.mode is not Mode.MASKED:
        return False
    return not shown or one_sided or not alike or (not context.several and _of_few_values(context, entry))


A_DOZEN = 12


def _of_few_values(context: Context, entry: Analysis) -> bool:
    """Whether what an entry compares takes a dozen values or fewer, as an item of yes or no does.

    A difference of its means is one of whole counts: with the groups' sizes and the count of all together,
    which are known, both counts follow from it, in every subgroup too, and so does which group is which. Of
    several groups only tests are shown that are the same whatever they are called.
    """
    endpoint = context.plan.endpoints.get(str(entry.keys.get("endpoint", "")))
    if endpoint is None or endpoint.derive is Derivation.TIME_TO_EVENT:
        return False
    long = context.datasets.assessments
    values = long.loc[long["parameter"] == endpoint.parameter, "value"]
    return endpoint.derive is Derivation.RESPONSE or values.nunique() <= A_DOZEN


def _symmetric_part(answer: Answer, method: Method, context: Context) -> Answer:
    """What of an answer stays when nothing may be told of one group alone; not even how many it has."""
    shown = method.joint if context.several else method.symmetric
    tables = {name: table for name, table in answer.tables.items() if name in shown or name == "scales"}
    numbers = ["n_set", "n_observed", "n_imputed", "n_excluded"]
    together = answer.counts.groupby("of", sort=False)[numbers].sum().reset_index()
    counts = together.assign(arm=ALL, reason="")[["arm", *numbers, "reason", "of"]]
    return replace(answer, tables=tables, counts=counts, notes=(), warnings=())


def _no_counts() -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(columns=["arm", "n_set", "n_observed", "n_imputed", "n_excluded", "reason", "of"])
