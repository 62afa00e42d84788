"""What a statistician would be asked about before signing: said by `sap check`, never a reason not to run."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from trialkit.errors import TrialkitError
from trialkit.plan.errors import PlanError, PlanWarning
from trialkit.plan.keys import read_formula
from trialkit.plan.model import Analysis, AnalysisRole, Derivation, Plan
from trialkit.plan.references import unknown
from trialkit.plan.revealing import what_reveals
from trialkit.plan.schedule import offsets
from trialkit.study.model import Study
from trialkit.vocabulary import ItemType
from trialkit.wording import said

EQUALLY_SPACED = frozenset({"ar1", "ar1h", "toep", "toeph"})
CONFIRMATORY = (AnalysisRole.PRIMARY, AnalysisRole.SECONDARY)


def covariance(entry: Analysis, plan: Plan, study: Study) -> Iterator[PlanError]:
    """A covariance over visits with the degrees of freedom, and the distances, it was not made for."""
    structures = entry.keys.get("covariance")
    if not isinstance(structures, tuple):
        return
    if "us" in structures and entry.keys.get("df_method") == "kenward-roger":
        yield _warning(
            entry,
            'df_method = "kenward-roger-linear" with an unstructured covariance, which is what SAS computes',
            '"kenward-roger", with second derivatives that SAS leaves out',
            "Change it where the result is to be compared with SAS.",
        )
    spaced = [one for one in structures if one in EQUALLY_SPACED]
    days = _days(entry, plan, study)
    gaps = {late - early for early, late in pairwise(days)}
    if spaced and len(gaps) > 1:
        yield _warning(
            entry,
            said("visits at equal distances for {structures}", structures=", ".join(spaced)),
            said("days {days}", days=", ".join(map(str, days))),
            "It takes neighbours for equally far apart: ante-dependence (adh) does not.",
        )


def _days(entry: Analysis, plan: Plan, study: Study) -> list[int]:
    known = offsets(study)
    rules = [plan.visits[name] for name in entry.keys.get("visits", ()) if name in plan.visits]
    return [rule.target_days + known[rule.anchor][1] for rule in rules if rule.anchor in known]


def strata_left_out(entry: Analysis, plan: Plan, study: Study) -> Iterator[PlanError]:
    """What the randomization was stratified by belongs into the model that is to confirm something."""
    formula, strata = entry.keys.get("formula"), entry.keys.get("strata")
    if entry.role not in CONFIRMATORY:
        return
    if formula is None and isinstance(strata, tuple):
        left = [f.name for f in study.factors if not {f.name, f.item} & set(strata)]
        if left:
            yield _warning(
                entry,
                said("the stratification factors among the strata: {names} too", names=", ".join(left)),
                ", ".join(strata) or "none",
                "Errors of an analysis without them are too large: add them, or say why not in the plan.",
            )
    if not isinstance(formula, str):
        return
    try:
        used = set(read_formula(formula).columns) | (set(strata) if isinstance(strata, tuple) else set())
    except TrialkitError:
        return  # told by the formula's own check
    if entry.keys.get("strata") and not study.factors and not isinstance(strata, tuple):
        yield _warning(
            entry,
            "strata only where the study has factors",
            repr(strata),
            "Leave it out: nothing hangs on it.",
        )
    left = [f.name for f in study.factors if not {f.name, f.item} & used]
    if left and "arm" in used:
        yield _warning(
            entry,
            said("the stratification factors in the model: {names} too", names=", ".join(left)),
            formula,
            "Errors of a model without them are too large: add them, or say why not in the plan.",
        )


def reveals_unsaid(entry: Analysis, plan: Plan, study: Study) -> Iterator[PlanError]:
    """An entry that uses what only one arm has says so: its output is withheld from blinded readers."""
    names = [] if entry.reveals_arm else what_reveals(entry, plan, study)
    if names:
        yield PlanError(
            expected=said("reveals_arm = true: {names} tells an arm", names=", ".join(names)),
            found="nothing about it",
            where=f"{entry.where} ({entry.id})",
            next_step="Say it; what the entry shows is then available after unblinding.",
        )


def no_visit(plan: Plan) -> Iterator[PlanError]:
    """The variable of an estimand says when it is measured."""
    for estimand in plan.estimands.values():
        endpoint = plan.endpoints.get(estimand.variable.strip())
        if endpoint is not None and endpoint.derive is not Derivation.TIME_TO_EVENT:
            yield PlanWarning(
                expected=said("the visit of {variable}", variable=estimand.variable),
                found="none",
                where=said("estimands/{name}/variable", name=estimand.name),
                next_step=said(
                    'Write "{variable} at VISIT", or "at every visit".', variable=estimand.variable
                ),
            )


def grouped_by_dates(plan: Plan, study: Study) -> Iterator[PlanError]:
    """Rows grouped by a date are a line for every day."""
    forms = {form.name: form for form in study.forms}
    for source in plan.records.values():
        items = {item.name: item for item in forms[source.form].items} if source.form in forms else {}
        item = items.get(source.category)
        if item is not None and item.type in (ItemType.DATE, ItemType.DATETIME, ItemType.TIME):
            yield PlanWarning(
                expected="rows grouped by a kind: a term, a code or a reason",
                found=said("{name}, {kind}", name=item.name, kind=item.type.value),
                where=said("records/{name}/category", name=source.name),
                next_step="Every day would be a line of its own: name the item that says what it was.",
            )


def no_primary(plan: Plan) -> Iterator[PlanError]:
    """A trial is planned around one question."""
    roles = {entry.role for entry in plan.analyses}
    if (
        plan.arms
        and not plan.is_unread("role")
        and AnalysisRole.SECONDARY in roles
        and AnalysisRole.PRIMARY not in roles
    ):
        yield PlanWarning(
            expected="one primary analysis",
            found="secondary ones alone",
            where="plan",
            next_step="Say which entry answers the trial's question.",
        )


def of_another(entry: Analysis, plan: Plan, study: Study) -> Iterator[PlanError]:
    """The entry that a sensitivity analysis belongs to is there."""
    others = [one.id for one in plan.analyses if one.id != entry.id]
    if entry.of and entry.of not in others:
        yield unknown("another entry of the plan", entry.of, f"{entry.where} ({entry.id})", others)


def belongs_to(entry: Analysis, plan: Plan, study: Study) -> Iterator[PlanError]:
    """A sensitivity analysis is of a primary or secondary one, and nothing else is one."""
    of = next((one for one in plan.analyses if one.id == entry.of), None)
    if any(one.fault is not None for one in (entry, of) if one is not None):
        return  # its role may be what cannot be read
    if entry.role is not AnalysisRole.SENSITIVITY and entry.of:
        yield _warning(
            entry,
            'role = "sensitivity" for an entry that is of another one',
            entry.role.value,
            "Change the role, or leave `of` out.",
        )
    elif of is not None and of.role not in CONFIRMATORY:
        yield _warning(
            entry,
            "a sensitivity analysis of a primary or secondary entry",
            said("of {id}, which is {role}", id=of.id, role=of.role.value),
            "Name the entry whose assumption it changes.",
        )
    elif entry.role is AnalysisRole.SENSITIVITY and not entry.of and plan.arms:
        yield _warning(
            entry, "`of`: the entry whose assumption it changes", "none", 'Add of = "P1", by its id.'
        )


def of_the_same_endpoint(entry: Analysis, plan: Plan, study: Study) -> Iterator[PlanError]:
    """A sensitivity analysis asks of the same endpoint what would follow from another assumption."""
    of = next((one for one in plan.analyses if one.id == entry.of), None)
    if entry.role is not AnalysisRole.SENSITIVITY or of is None:
        return
    own, its = _endpoints(entry), _endpoints(of)
    known = {*own, *its} <= plan.endpoints.keys()  # of another name that is told, and nothing follows
    if own and its and known and not own.keys() & its.keys():
        yield _warning(
            entry,
            said("an endpoint of {id}, whose assumption it changes: {names}", id=of.id, names=", ".join(its)),
            ", ".join(own),
            "Name the entry that it belongs to in `of`, or take the same endpoint.",
        )


def _endpoints(entry: Analysis) -> dict[str, None]:
    """The endpoints that an entry names, in its order."""
    named = (entry.keys.get(key) or () for key in ("endpoint", "endpoints"))
    return dict.fromkeys(name for one in named for name in ([one] if isinstance(one, str) else one))


def beyond_horizon(entry: Analysis, plan: Plan, study: Study) -> Iterator[PlanError]:
    """Days at which risks are asked for after the follow-up of the entry has ended."""
    horizon, times = entry.keys.get("horizon_days"), entry.keys.get("times_days")
    late = [day for day in times or () if horizon is not None and day > horizon]
    if late:
        yield _warning(
            entry,
            said("days up to the horizon, {horizon}", horizon=horizon),
            ", ".join(map(str, late)),
            "Nobody is followed to them in this entry: leave them out, or move the horizon.",
        )


def _warning(entry: Analysis, expected: str, found: str, next_step: str) -> PlanWarning:
    return PlanWarning(
        expected=expected, found=found, where=f"{entry.where} ({entry.id})", next_step=next_step
    )
