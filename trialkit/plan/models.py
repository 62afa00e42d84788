"""Models of entries held against their endpoint, their visits and the study: one generator a kind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from trialkit.errors import TrialkitError
from trialkit.plan.errors import PlanError, PlanWarning
from trialkit.plan.keys import read_formula
from trialkit.plan.model import Analysis, AnalysisRole, Derivation, Plan
from trialkit.plan.references import subject_columns
from trialkit.study.model import Study
from trialkit.vocabulary import GRADE_UNITS
from trialkit.wording import said

_AFTER_RANDOMIZATION = frozenset({"actual_arm", "treated"})
_MEASURED = frozenset({"base", "chg", "value"})
_WHO_HAS_DATA = frozenset({"flow", "missing_pattern"})
"""Methods that count measurements, of whatever is made of them."""
_OF_VISITS = frozenset({"visit", "months"})


def _compares(entry: Analysis, plan: Plan, study: Study) -> Iterator[PlanError]:
    """A comparison without the arm compares nothing; a change without its baseline forgoes what it knows."""
    formula = entry.keys.get("formula")
    if not isinstance(formula, str) or entry.role is AnalysisRole.DESCRIPTIVE:
        return
    try:
        columns = read_formula(formula).columns
    except TrialkitError:
        return  # told by the formula's own check
    if not study.arms:
        yield from _of_nobody_allocated(entry, formula, columns)
        return
    if "arm" not in columns:
        yield PlanError(
            expected="the arm in the formula: without it nothing is compared",
            found=formula,
            where=f"{entry.where} ({entry.id})",
            next_step="Add arm.",
        )
    asked = _has_baseline(entry, plan, study)
    if entry.role is AnalysisRole.PRIMARY and "~" in formula and "base" not in columns and asked:
        yield PlanError(
            expected="the baseline value in the primary model",
            found=formula,
            where=f"{entry.where} ({entry.id})",
            next_step="Add base.",
        )


def _of_nobody_allocated(entry: Analysis, formula: str, columns: Sequence[str]) -> Iterator[PlanError]:
    """A study without arms and visits has no arm, no baseline and no visit in its models."""
    made = sorted({"arm", *_MEASURED, *_OF_VISITS} & set(columns))
    if made:
        yield PlanError(
            expected="columns of the table of subjects: the study allocates nobody and has no visits",
            found=said("{names} in {formula}", names=", ".join(made), formula=formula),
            where=f"{entry.where} ({entry.id})",
            next_step="Leave it out, or name the column it is called in the dictionary.",
        )


def _columns(formula: str) -> tuple[str, ...]:
    try:
        return tuple(read_formula(formula).columns)
    except TrialkitError:
        return ()  # told by the formula's own check


def _without_assessments(entry: Analysis, formula: str, study: Study) -> Iterator[PlanError]:
    """An entry about no endpoint has a line a subject: a value, its change and baseline are not there."""
    measured = _MEASURED & set(_columns(formula)) - subject_columns(study)
    if measured:
        yield PlanError(
            expected="columns of the subjects in a model without an endpoint",
            found=", ".join(sorted(measured)),
            where=f"{entry.where} ({entry.id})",
            next_step="Name the item or score itself.",
        )


def _left_side(entry: Analysis, plan: Plan, study: Study) -> Iterator[PlanError]:
    """A measurement stands left of the ~; a time to an event is the model's own."""
    formula, endpoint = entry.keys.get("formula"), plan.endpoints.get(str(entry.keys.get("endpoint", "")))
    if isinstance(formula, str) and not entry.keys.get("endpoint"):
        yield from _without_assessments(entry, formula, study)
    if not isinstance(formula, str) or endpoint is None:
        return
    timed = endpoint.derive is Derivation.TIME_TO_EVENT
    measured = (_MEASURED | _OF_VISITS) & set(_columns(formula)) if timed else set()
    if measured:
        yield PlanError(
            expected="columns of the subjects in a model of a time to an event",
            found=", ".join(sorted(measured)),
            where=f"{entry.where} ({entry.id})",
            next_step="An event has no baseline value and no visits: name the item or score itself.",
        )
    if timed == ("~" in formula):
        yield PlanError(
            expected="a formula without an outcome: it is the time to the event"
            if timed
            else said("the outcome left of a ~, such as {column} ~ arm", column=endpoint.column),
            found=formula,
            where=f"{entry.where} ({entry.id})",
            next_step="Write arm + base."
            if timed
            else said("Write {column} ~ before it.", column=endpoint.column),
        )


def _no_response(entry: Analysis, plan: Plan, _study: Study) -> Iterator[PlanError]:
    """One endpoint of an entry is a number at a visit or a time: of a response, the change behind it would be
    analysed under the name of the response."""
    endpoint = plan.endpoints.get(str(entry.keys.get("endpoint", "")))
    if endpoint is None or endpoint.derive is not Derivation.RESPONSE or entry.method in _WHO_HAS_DATA:
        return
    yield PlanError(
        expected="an endpoint derived as value or change",
        found=said("{name}, derived as {derive}", name=endpoint.name, derive=endpoint.derive.value),
        where=f"{entry.where} ({entry.id})",
        next_step="Name the measurement itself; of responses the methods are those with `endpoints`.",
    )


def _repeated(entry: Analysis, _plan: Plan, _study: Study) -> Iterator[PlanError]:
    """Visits are in a model of several, and cannot be in a model of one."""
    formula = entry.keys.get("formula")
    if not isinstance(formula, str):
        return
    try:
        columns = read_formula(formula).columns
    except TrialkitError:
        return  # told by the formula's own check
    at_one = "visit" in entry.keys
    if at_one and not {"visit", "months"}.isdisjoint(columns):
        yield PlanError(
            expected="a model of one visit without visits in it",
            found=formula,
            where=f"{entry.where} ({entry.id})",
            next_step="Leave visit out, or use mmrm for several.",
        )
    elif "covariance" in entry.keys and "visit" not in columns:
        yield PlanError(
            expected="the visit in the model of all visits: arm * visit",
            found=formula,
            where=f"{entry.where} ({entry.id})",
            next_step="Without it every visit would have one mean and one difference.",
        )


def _sloped(entry: Analysis, _plan: Plan, _study: Study) -> Iterator[PlanError]:
    """Slopes that vary between subjects vary about one of the arm, which the formula must have."""
    formula = entry.keys.get("formula")
    if entry.method != "random_slope" or not isinstance(formula, str) or not _columns(formula):
        return
    if "months" not in _columns(formula):
        yield PlanWarning(
            expected="the time in the formula of a random slope: arm * months",
            found=formula,
            where=f"{entry.where} ({entry.id})",
            next_step="Slopes would vary about none; visits in its place are means, which mmrm compares.",
        )


def modifiers(entry: Analysis) -> tuple[str, ...]:
    """Columns that the formula multiplies with the arm where the entry prints coefficients and not means over
    them: the arm's own line is then its effect at one place of theirs.
    """
    formula = entry.keys.get("formula")
    if not isinstance(formula, str) or {"ls_means", "modifier", "subgroups"} & set(entry.keys):
        return ()
    try:
        terms = [{variable.column for variable in term} for term in read_formula(formula).terms]
    except TrialkitError:
        return ()  # told by the formula's own check
    found = [name for term in terms if "arm" in term for name in sorted(term - {"arm", "visit", "months"})]
    return tuple(dict.fromkeys(found))


def _multiplied(entry: Analysis, _plan: Plan, _study: Study) -> Iterator[PlanError]:
    """The effect for everybody is no line of a model in which the effect differs."""
    names = modifiers(entry)
    if names and entry.role in (AnalysisRole.PRIMARY, AnalysisRole.SECONDARY):
        yield PlanWarning(
            expected="a model whose line of the arm is the effect for everybody",
            found=said("the arm multiplied with {names}", names=", ".join(names)),
            where=f"{entry.where} ({entry.id})",
            next_step="That line is then the effect at their first level, or at 0: use effect_modification.",
        )


def _timed(entry: Analysis, plan: Plan, _study: Study) -> Iterator[PlanError]:
    """Times to an event are followed to a horizon, measurements are made at visits."""
    endpoint = plan.endpoints.get(str(entry.keys.get("endpoint", "")))
    if endpoint is None:
        return
    timed = endpoint.derive is Derivation.TIME_TO_EVENT
    if timed != ("horizon_days" in entry.keys) and (timed or "visit" not in entry.keys):
        yield PlanError(
            expected="an endpoint that is measured at visits"
            if timed
            else "an endpoint that is a time to event",
            found=said("{name}, derived as {derive}", name=endpoint.name, derive=endpoint.derive.value),
            where=f"{entry.where} ({entry.id})",
            next_step=said("{method} cannot use it: name another endpoint.", method=entry.method),
        )


def _has_baseline(entry: Analysis, plan: Plan, study: Study) -> bool:
    """Whether what the entry is about is measured at the baseline visit at all."""
    endpoint = plan.endpoints.get(str(entry.keys.get("endpoint", "")))
    if endpoint is None:
        return True
    forms = {item.name: form for form in study.forms for item in form.items}
    forms |= {score.name: study.form(score.form) for score in study.scores}
    first = {rule.name for rule in plan.visits.values() if rule.choose == "last"}
    form = forms.get(endpoint.parameter)
    return form is None or bool(first & set(form.visits))


def _predictors(entry: Analysis, _plan: Plan, _study: Study) -> Iterator[PlanError]:
    """The subject's number predicts everything; what follows randomization may carry the effect itself."""
    formula = entry.keys.get("formula")
    if not isinstance(formula, str) or "~" not in formula:
        return
    try:
        columns = set(read_formula("chg ~" + formula.partition("~")[2]).columns)
    except TrialkitError:
        return  # told by the formula's own check
    where = f"{entry.where} ({entry.id})"
    if "subject_id" in columns:
        yield PlanError(
            expected="predictors that say something of more than one subject",
            found="subject_id",
            where=where,
            next_step="Leave it out: repeated measures are told apart by the method itself.",
        )
    after = sorted(columns & _AFTER_RANDOMIZATION)  # what a later visit measures: see measured_later
    if after and entry.role in (AnalysisRole.PRIMARY, AnalysisRole.SECONDARY):
        yield PlanWarning(
            expected="covariates known before randomization",
            found=", ".join(after),
            where=where,
            next_step="Adjusting for what treatment can change takes away part of its effect: leave it out.",
        )


def _right_side(entry: Analysis, plan: Plan, study: Study) -> Iterator[PlanError]:
    """What stands right of the ~ twice over, or as what it is not."""
    formula, endpoint = entry.keys.get("formula"), plan.endpoints.get(str(entry.keys.get("endpoint", "")))
    if not isinstance(formula, str) or endpoint is None:
        return
    try:
        parsed = read_formula(formula.partition("~")[2] or formula)
    except TrialkitError:
        return  # told by the formula's own check
    columns, where = set(parsed.columns), f"{entry.where} ({entry.id})"
    if "~" in formula and columns & {"chg", "value"}:
        yield PlanError(
            expected="the outcome left of the ~ alone",
            found=formula,
            where=where,
            next_step="Value and baseline together are the change: adjust for base.",
        )
    if {"base", endpoint.parameter} <= columns:
        yield PlanError(
            expected="the baseline once",
            found=said("base and {name}, which at baseline is the same", name=endpoint.parameter),
            where=where,
            next_step="Leave one of them out.",
        )
    counted = {score.name for score in study.scores if score.unit not in GRADE_UNITS} | {"base"}
    for variable in dict.fromkeys(one for term in parsed.terms for one in term):
        if variable.is_factor_wrapper and variable.column in counted:
            yield PlanError(
                expected=said("{column} as a number", column=variable.column),
                found=said("{label}, a level for each of its values", label=variable.label),
                where=where,
                next_step="Write it without C().",
            )


MODELS = (
    _compares,
    _left_side,
    _no_response,
    _repeated,
    _sloped,
    _timed,
    _multiplied,
    _predictors,
    _right_side,
)
