"""Rules that nobody can meet, or everybody: found by trying every combination of values that could matter."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from math import inf, prod

from trialkit.errors import TrialkitError
from trialkit.expressions import Expression, Value, evaluate, parse
from trialkit.expressions.tree import (
    Arithmetic,
    Call,
    Comparison,
    Connective,
    Literal,
    Minus,
    Node,
    Reference,
    children,
    walk,
)
from trialkit.instruments import instrument
from trialkit.plan.errors import PlanError, PlanWarning
from trialkit.plan.intercurrent import source_of
from trialkit.plan.model import Derivation, Endpoint, Plan
from trialkit.plan.references import codes_of, labels_of, level_problems
from trialkit.study.measured import measured_items
from trialkit.study.model import Form, Item, Study
from trialkit.vocabulary import ItemType
from trialkit.wording import said

MOST_COMBINATIONS = 20_000
"""Of a rule with more than these nothing is said; a rule of a plan has a few dozen."""

_NOT_RANDOMIZED = re.compile(r"\bnot\s*\(?\s*randomized\b|\brandomized\s*=\s*0")
_NUMERIC = frozenset({ItemType.INTEGER, ItemType.NUMBER})


@dataclass(frozen=True, slots=True)
class Domain:
    """What a column can hold: words, or numbers between two ends (of whole numbers: themselves alone)."""

    words: tuple[str, ...] = ()
    low: float = -inf
    high: float = inf
    whole: bool = False

    def candidates(
        self, turns: Sequence[float], texts: Sequence[str], *, bounded: bool
    ) -> list[Value | None]:
        """Values of which one meets the rule where any value does: the words, or the numbers at which an
        answer turns, beside them and at the ends."""
        if self.words:
            return [*self.words, None]
        low, high = (self.low, self.high) if bounded else (-inf, inf)
        step = 1.0 if self.whole else 1e-6
        near = {turn + by for turn in turns for by in (-1.0, -step, 0.0, step, 1.0)}
        near |= {end for end in (low, high) if abs(end) < inf}
        inside = sorted(value for value in near if low <= value <= high)
        between = [(one + other) / 2 for one, other in pairwise(inside)]
        values = [v for v in (*inside, *between) if not self.whole or v == int(v)]
        return [*dict.fromkeys(values), *texts, None]


def rules_out_of_reach(plan: Plan, study: Study) -> Iterator[PlanError]:
    """A rule that is never true leaves its set, endpoint or records empty; a response that is always true
    tells nobody apart."""
    subjects = subject_domains(study)
    for one in plan.sets.values():
        where = said("sets/{name}/rule", name=one.name)
        if not _NOT_RANDOMIZED.search(one.rule):
            yield from _told(one.rule, subjects, where)
        else:
            yield PlanError(
                expected="a set of randomized subjects",
                found=one.rule,
                where=where,
                next_step="Only who was randomized has an arm to be compared.",
            )
        for rule, _ in one.requires:
            yield from _told(rule, subjects, said("sets/{name}/requires", name=one.name))
    forms = {form.name: form for form in study.forms}
    for endpoint in plan.endpoints.values():
        where = said("endpoints/{name}/rule", name=endpoint.name)
        if endpoint.derive is Derivation.RESPONSE:
            yield from _told(endpoint.rule, _change_domains(endpoint, study), where, always=True)
            continue
        rules = [(endpoint.form, endpoint.rule), (endpoint.assessed_form, endpoint.assessed_rule)]
        rules += [(other.form, other.rule) for other in endpoint.competing]
        yield from _of_rows(rules, forms, where)
    for source in plan.records.values():
        rows = [(source.form, rule) for rule in (source.rule, *source.flags.values())]
        yield from _of_rows(rows, forms, said("records/{name}", name=source.name))
        yield from _every_row(rows, forms, said("records/{name}", name=source.name))
    for estimand in plan.estimands.values():
        where = said("estimands/{name}/intercurrent", name=estimand.name)
        sources = [source_of(event) for event in estimand.intercurrent]
        yield from _of_rows([(one.form, one.rule) for one in sources], forms, where)


def _of_rows(rules: Sequence[tuple[str, str]], forms: Mapping[str, Form], where: str) -> Iterator[PlanError]:
    for form, rule in rules:
        if rule and form in forms:
            yield from _told(rule, _item_domains(forms[form].items, codes_of(forms[form])), where)


def _every_row(
    rules: Sequence[tuple[str, str]], forms: Mapping[str, Form], where: str
) -> Iterator[PlanError]:
    """A rule that every row meets picks none out; of an item with one choice it picks where it was ticked."""
    for form, rule in rules:
        domains = _item_domains(forms[form].items, codes_of(forms[form])) if rule and form in forms else {}
        try:
            parsed = parse(rule, syntax="rule") if domains else None
        except TrialkitError:
            continue  # told by the rule's own check
        if parsed is None or any(len(domains[n.item].words) == 1 for n in parsed.names if n.item in domains):
            continue
        if parsed.names and _always(parsed, domains):
            yield PlanWarning(
                expected="a rule that some rows meet and some do not",
                found=said("{rule}, which every value meets", rule=rule),
                where=where,
                next_step="It picks no row out: correct it, or leave it out.",
            )


def rule_on_subjects(rule: str, study: Study, where: str) -> Iterator[PlanError]:
    """What a rule on the subject dataset asks that no subject has."""
    yield from level_problems(rule, labels_of(study), where)
    yield from _told(rule, subject_domains(study), where)


def rule_on_rows(rule: str, form: Form, where: str) -> Iterator[PlanError]:
    """What a rule on the rows of a form asks that no row has."""
    yield from level_problems(rule, codes_of(form), where)
    yield from _told(rule, _item_domains(form.items, codes_of(form)), where)


def _told(
    rule: str, domains: Mapping[str, Domain], where: str, *, always: bool = False
) -> Iterator[PlanError]:
    try:
        parsed = parse(rule, syntax="rule")
    except TrialkitError:
        return  # told by the rule's own check
    for part in _alternatives(parsed.root):
        if _never(parsed, part, domains, bounded=False):
            yield PlanError(
                expected="a rule that can be met",
                found=said("{rule}, which contradicts itself", rule=_text(parsed, part)),
                where=where,
                next_step="Nobody would count: correct it.",
            )
        elif _never(parsed, part, domains, bounded=True):
            yield PlanWarning(
                expected="a rule that values within the permitted ranges can meet",
                found=said("{rule}; {ranges}", rule=_text(parsed, part), ranges=_ranges(parsed, domains)),
                where=where,
                next_step="Nobody would count: correct it, or the range.",
            )
    whole = always and _always(parsed, domains)
    for part in () if whole else _met_by_all(parsed.root, domains):
        yield PlanWarning(
            expected="comparisons that some values meet and some do not",
            found=said("{rule}, which every value meets", rule=_text(parsed, part)),
            where=where,
            next_step="It picks nobody out: correct it, or leave it out.",
        )
    if whole:
        yield PlanWarning(
            expected="a response that some have and some do not",
            found=said("{rule}, which every value meets", rule=rule),
            where=where,
            next_step="It tells nobody apart: correct it.",
        )


def _met_by_all(root: Node, domains: Mapping[str, Domain]) -> Iterator[Comparison]:
    """Parts of a rule that compare a number with one beyond its range, on the side where all of them lie.

    One at the end of the range says that the value is there (``ae_grade >= 1``), and is left alone.
    """
    for part in root.operands if isinstance(root, Connective) else ():
        if isinstance(part, Connective):
            yield from _met_by_all(part, domains)
        elif isinstance(part, Comparison):
            name, limit, operator = _compared(part)
            known = domains.get(name, Domain())
            if known.words or limit is None:
                continue
            above = limit < known.low and operator in (">", ">=", "<>")
            below = limit > known.high and operator in ("<", "<=", "<>")
            if above or below:
                yield part


_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def _compared(part: Comparison) -> tuple[str, float | None, str]:
    """The name, the number and the operator of ``name < number``, turned where the number is first."""
    if isinstance(part.left, Reference):
        return part.left.name.item, _number_of(part.right), part.operator
    if isinstance(part.right, Reference):
        return part.right.name.item, _number_of(part.left), _TURNED.get(part.operator, part.operator)
    return "", None, part.operator


def _number_of(node: Node) -> float | None:
    if isinstance(node, Minus):
        inner = _number_of(node.operand)
        return None if inner is None else -inner
    if isinstance(node, Literal) and not isinstance(node.value, bool) and _is_number(node.value):
        return float(node.value)
    return None


def _alternatives(root: Node) -> tuple[Node, ...]:
    """What stands between the ``or`` of a rule: each should be able to be true by itself."""
    return root.operands if isinstance(root, Connective) and root.operator == "or" else (root,)


def _never(parsed: Expression, part: Node, domains: Mapping[str, Domain], *, bounded: bool) -> bool:
    answers = _answers(parsed, part, domains, bounded=bounded)
    return answers is not None and True not in answers  # the first that is true ends the search


def _always(parsed: Expression, domains: Mapping[str, Domain]) -> bool:
    """Whether every value present meets the rule; without a range to try it within, no."""
    if any(not domains.get(name.item, Domain()).words and domains.get(name.item, Domain()).low == -inf
           for name in parsed.names):  # fmt: skip
        return False
    answers = _answers(parsed, parsed.root, domains, bounded=True)
    return answers is not None and False not in answers


def _answers(
    parsed: Expression, part: Node, domains: Mapping[str, Domain], *, bounded: bool
) -> Iterator[Value | None] | None:
    """What the rule can answer, one by one; None where that cannot be told by trying."""
    if any(isinstance(node, Call) or _orders_words(node) for node in walk(part)):
        return None
    turns, texts = _turns(part, domains)
    names = tuple(dict.fromkeys(node.name for node in walk(part) if isinstance(node, Reference)))
    choices = [domains.get(n.item, Domain()).candidates(turns, texts, bounded=bounded) for n in names]
    if prod(map(len, choices)) > MOST_COMBINATIONS:
        return None
    asked = Expression(parsed.text, parsed.syntax, part, parsed.kind, names)
    return (_answer(asked, dict(zip(names, values, strict=True)).get) for values in product(*choices))


def _orders_words(node: Node) -> bool:
    """Dates and times before or after one another: their ends are not tried."""
    ordered = isinstance(node, Comparison) and node.operator not in ("=", "<>")
    return ordered and any(
        isinstance(side, Literal) and not _is_number(side.value) for side in children(node)
    )


def _is_number(value: bool | float | str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True


def _answer(expression: Expression, lookup: Callable[..., Value | None]) -> Value | None:
    value = evaluate(expression, lookup, unreadable_is_missing=True)
    return None if value is None else bool(value)


def _turns(part: Node, domains: Mapping[str, Domain]) -> tuple[list[float], list[str]]:
    """Numbers and words that a rule compares with; of products also what they come to at the ends."""
    numbers = {0.0, 1.0}
    texts = set()
    counted = False
    for node in walk(part):
        counted = counted or isinstance(node, Arithmetic)
        if isinstance(node, Literal) and isinstance(node.value, str):
            texts.add(node.value)
            numbers |= {float(node.value)} if _is_number(node.value) else set()
        elif isinstance(node, Literal):
            numbers |= {float(node.value), -float(node.value)}
    ends = {end for one in domains.values() for end in (one.low, one.high) if abs(end) < inf}
    if counted:
        numbers |= {n * end for n in list(numbers) for end in ends if abs(n * end) < 1e6}
    return sorted(numbers), sorted(texts)


def _text(parsed: Expression, part: Node) -> str:
    return parsed.text if part is parsed.root else parsed.text[part.place.start : part.place.end]


def _ranges(parsed: Expression, domains: Mapping[str, Domain]) -> str:
    found = [
        said("{name} is from {low:g} to {high:g}", name=name.item, low=one.low, high=one.high)
        for name in parsed.names
        if (one := domains.get(name.item)) is not None and abs(one.low) < inf and abs(one.high) < inf
    ]
    return "; ".join(found)


def subject_domains(study: Study) -> dict[str, Domain]:
    """What each column of the subject dataset can hold."""
    items = [item for form in study.forms if not form.repeating for item in form.items]
    domains = _item_domains(items, labels_of(study))
    domains |= {score.name: _score_domain(study, score.name) for score in study.scores}
    words = {name: tuple(levels) for name, levels in labels_of(study).items() if levels}
    return domains | {name: Domain(words=levels) for name, levels in words.items()}


def _item_domains(items: Sequence[Item], words: Mapping[str, Sequence[str]]) -> dict[str, Domain]:
    return {item.name: _item_domain(item, tuple(words.get(item.name, ()))) for item in items}


def _item_domain(item: Item, words: tuple[str, ...]) -> Domain:
    if words:
        return Domain(words=words)
    if item.type not in _NUMERIC:
        return Domain()
    low, high = (end if isinstance(end, (int, float)) else None for end in (item.minimum, item.maximum))
    return Domain(
        low=-inf if low is None else float(low),
        high=inf if high is None else float(high),
        whole=item.type is ItemType.INTEGER,
    )


def _score_domain(study: Study, name: str) -> Domain:
    score = next((one for one in study.scores if one.name == name), None)
    if score is None:
        return Domain()
    of = instrument(score.instrument)
    whole = len(of.questions) == 1 and bool(of.questions[0].codes)
    return Domain(low=of.minimum, high=of.maximum, whole=whole)


def codes_of_measure(name: str, study: Study) -> tuple[float, ...]:
    """The codes of an item or of a score of one question; none of a number."""
    measured = measured_items(study).get(name)
    if measured is not None:
        return tuple(float(choice.code) for choice in measured[1].choices)
    score = next((one for one in study.scores if one.name == name), None)
    questions = instrument(score.instrument).questions if score is not None else ()
    return tuple(float(code) for code in questions[0].codes or ()) if len(questions) == 1 else ()


def score_range(study: Study, name: str) -> tuple[float, float]:
    """Lowest and highest value of a score; infinite where it has no ends."""
    one = _score_domain(study, name)
    return one.low, one.high


def largest_change(endpoint: Endpoint, study: Study) -> float:
    """By how much two values of an endpoint's parameter can differ; infinite where it has no ends."""
    return _change_domains(endpoint, study)["chg"].high


def _change_domains(endpoint: Endpoint, study: Study) -> dict[str, Domain]:
    """``value``, ``base`` and ``chg`` of an endpoint's parameter."""
    measured = measured_items(study).get(endpoint.parameter)
    if measured is None:
        one = _score_domain(study, endpoint.parameter)
    elif measured[1].choices:
        codes = [float(choice.code) for choice in measured[1].choices]
        one = Domain(low=min(codes), high=max(codes), whole=all(code == int(code) for code in codes))
    else:
        one = _item_domain(measured[1], ())
    wide = one.high - one.low
    return {"value": one, "base": one, "chg": Domain(low=-wide, high=wide, whole=one.whole)}
