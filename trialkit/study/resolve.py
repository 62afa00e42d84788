"""Every name an expression of the definition uses must be there, at a visit where it is asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter

from trialkit.expressions import Expression, ExpressionError, Kind, Name, parse
from trialkit.expressions.lexer import EVENT_NAME
from trialkit.nearest import advice
from trialkit.strict_toml import Section
from trialkit.study.dictionary import Dictionary
from trialkit.study.errors import StudyError
from trialkit.study.model import Check, Criterion, Endpoint, Form, Score, Visit
from trialkit.vocabulary import ItemType
from trialkit.wording import Said, said

_BRANCHING = "Branching Logic (Show field only if...)"
_CALCULATION = "Choices, Calculations, OR Slider Labels"


class Names:
    """The names expressions may use: items and scores, each with the visits it is known at."""

    def __init__(self, forms: tuple[Form, ...], scores: tuple[Score, ...], visits: tuple[Visit, ...]) -> None:
        self._visits = tuple(visit.name for visit in visits)
        visits_of = {form.name: form.visits for form in forms}
        self._known = {item.name: visits_of[form.name] for form in forms for item in form.items}
        self._known |= {score.name: visits_of[score.form] for score in scores}

    def require(self, name: Name, where: str) -> None:
        """Refuse a name that is no item or score, or that is not asked at the visit named."""
        if name.item == EVENT_NAME:
            return
        if name.item not in self._known:
            raise StudyError(
                expected="an item or score of the study",
                found=repr(name.item),
                where=where,
                next_step=self._advice(name.item),
            )
        if name.visit is not None and name.visit not in self._visits:
            raise StudyError(
                expected="a visit of the study",
                found=repr(name.visit),
                where=where,
                next_step=advice(name.visit, self._visits, otherwise="Declare it under [visits]."),
            )
        if name.visit is not None and name.visit not in self._known[name.item]:
            raise StudyError(
                expected=said("a visit at which {item!r} is asked", item=name.item),
                found=repr(name.visit),
                where=where,
                next_step="Add the visit to the form, or name another visit.",
            )

    def _advice(self, unknown: str) -> str | Said:
        """A checkbox field is one item a code: whoever names the field alone is shown how to name one."""
        boxes = sorted(item for item in self._known if item.startswith(f"{unknown}___"))
        if boxes:
            code = boxes[0].removeprefix(f"{unknown}___")
            return said(
                "A checkbox is named with one of its codes: [{item}({code})].", item=unknown, code=code
            )
        return advice(unknown, self._known, otherwise="Add it to the dictionary.")


def check_items(dictionary: Dictionary, names: Names) -> None:
    """Branching must be true or false; calculations and branching may use only what is there.

    Raises
    ------
    StudyError
        The first that is wrong, with the others in ``also``.
    """
    problems: list[StudyError] = []
    for item in dictionary.items:
        for column, text in ((_BRANCHING, item.branching), (_CALCULATION, item.calculation)):
            if not text:
                continue
            where = dictionary.where(item.name, column)
            try:
                expression = check_expression(text, where, names, logical=column == _BRANCHING)
                own = any(name.item == item.name and name.visit is None for name in expression.names)
                if own and column == _CALCULATION:
                    raise StudyError(
                        expected="a calculation from other items", found="one from itself", where=where
                    )
            except StudyError as problem:
                problems.append(problem)
    if problems:
        raise StudyError.all_of(problems)


def check_no_circle(dictionary: Dictionary) -> None:
    """Calculations that need one another have no answer."""
    circle = circle_of({item.name: item.calculation for item in dictionary.items if item.calculation})
    if circle:
        raise StudyError(
            expected="calculations that end at typed items",
            found=said("a circle of {items}", items=", ".join(circle)),
            where=dictionary.where(circle[0], _CALCULATION),
            next_step="Let one of them be typed.",
        )


def circle_of(calculations: Mapping[str, str]) -> list[str]:
    """Items whose calculations need one another, sorted; empty where there are none."""
    needs = {name: _needed(text) & set(calculations) for name, text in calculations.items()}
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        return sorted(set(error.args[1]))
    return []


def _needed(text: str) -> set[str]:
    """Items of the same visit; what is asked of another visit may be the item itself."""
    try:
        return {name.item for name in parse(text).names if name.visit is None}
    except ExpressionError:
        return set()


def check_criteria(root: Section, criteria: Iterable[Criterion], names: Names) -> None:
    _check_rules(root, "criteria", {criterion.name: criterion.rule for criterion in criteria}, names)


def check_checks(root: Section, checks: Iterable[Check], names: Names) -> None:
    _check_rules(root, "checks", {check.name: check.rule for check in checks}, names)


def _check_rules(root: Section, table: str, rules: Mapping[str, str], names: Names) -> None:
    problems: list[StudyError] = []
    for name, rule in rules.items():
        try:
            check_expression(rule, root.section(table).section(name).where("rule"), names, logical=True)
        except StudyError as problem:
            problems.append(problem)
    if problems:
        raise StudyError.all_of(problems)


def check_endpoints(root: Section, endpoints: Iterable[Endpoint], names: Names) -> None:
    """An endpoint's score must be asked at the endpoint's visit."""
    for endpoint in endpoints:
        if endpoint.score is not None and endpoint.visit is not None:
            where = root.section("endpoints").section(endpoint.name).where("visit")
            names.require(Name(endpoint.score, endpoint.visit), where)


def check_expression(text: str, where: str, names: Names, *, logical: bool) -> Expression:
    try:
        expression = parse(text, "redcap")
    except ExpressionError as error:
        raise StudyError(
            expected=error.expected,
            found=error.found,
            where=f"{where}:{error.where}",
            next_step=error.next_step,
        ) from None
    if logical and expression.kind in (Kind.NUMBER, Kind.TEXT):
        raise StudyError(
            expected="something true or false",
            found=said("a {kind}: {text}", kind=expression.kind, text=text),
            where=where,
        )
    for name in expression.names:
        names.require(name, where)
    return expression


def check_partial_dates(dictionary: Dictionary) -> None:
    for item in dictionary.items:
        if item.partial_date and item.type is not ItemType.DATE:
            raise StudyError(
                expected="@PARTIAL-DATE on a date only",
                found=said("an item of type {type}", type=item.type),
                where=dictionary.where(item.name, "Field Annotation"),
                next_step="Set the validation to date_ymd, or remove the tag.",
            )
