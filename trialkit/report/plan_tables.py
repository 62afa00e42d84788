"""The definitions of a plan as tables for whoever signs it: estimands, sets, visits, endpoints, records."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from trialkit.analysis.context import unit_of
from trialkit.documents.page import Entry
from trialkit.documents.table import Cell, Column, Row, Table
from trialkit.plan import Endpoint, Plan
from trialkit.plan.model import AnalysisSet, Derivation, Estimand
from trialkit.study.model import Study
from trialkit.vocabulary import ArmRole


class Names:
    """What the plan's names are called by the study and the plan themselves."""

    def __init__(self, plan: Plan, study: Study) -> None:
        self._labels: dict[str, str] = {}
        for form in study.forms:
            self._labels |= {item.name: item.label for item in form.items if item.label}
        self._labels |= {score.name: score.label for score in study.scores}
        self._labels |= {visit.name: visit.label for visit in study.visits}
        self._labels |= {name: rule.label for name, rule in plan.visits.items() if rule.label}
        self._labels |= {one.name: one.label for one in plan.endpoints.values()}
        self._labels |= {arm.name: arm.label for arm in study.arms}
        self._forms = {form.name: form.label for form in study.forms}
        tests = ", ".join(self.of(arm) for arm in plan.arms[:-1])
        self._roles = {
            ArmRole.TEST.value: tests,
            ArmRole.REFERENCE.value: self.of(plan.arms[-1]) if plan.arms else "",
        }

    def of(self, name: str) -> str:
        """The label of an item, score, visit, endpoint or arm; a name nobody has stays as it is."""
        return self._labels.get(name, name)

    def role(self, name: str) -> str:
        return self._roles.get(name) or self.of(name)

    def form(self, source: str) -> str:
        """A source of rows: its form's label, and behind it what the plan says of date and rule."""
        name = re.split(r"[. ]", source, maxsplit=1)[0]
        rest = re.sub(r"^\.", ", dated by ", source.removeprefix(name))
        return f"{self._forms.get(name, name)}{rest}"

    def variable(self, text: str) -> str:
        """``odi_change at month_12`` in words."""
        endpoint, at, visit = text.partition(" at ")
        return f"{self.of(endpoint)}{at}{self.of(visit)}"

    def value(self, value: Any) -> str:
        """The value of an entry's key, as a reader says it."""
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, float):
            return f"{value:g}"
        if isinstance(value, Mapping):
            return "; ".join(f"{self.of(str(name))}: {self.value(one)}" for name, one in value.items())
        if isinstance(value, (tuple, list)):
            return ", ".join(self.value(one) for one in value)
        if hasattr(value, "alternative"):
            return f"{value.alternative.value} against {value.null_value:g} at {value.alpha:g}"
        if hasattr(value, "level"):
            return f"{100 * value.level:g} %, {value.sides}-sided"
        return self.of(str(getattr(value, "words", value)))


def estimand_entry(estimand: Estimand, position: int, names: Names) -> Entry:
    attributes = (
        ("Population", estimand.population),
        ("Treatment", " against ".join(names.role(one) for one in estimand.treatment)),
        ("Variable", names.variable(estimand.variable)),
        ("Population-level summary", estimand.summary),
    )
    rows = [Row(name, (Cell(text), Cell(""))) for name, text in attributes]
    rows.append(Row("Intercurrent events", section=True))
    if not estimand.intercurrent:
        rows.append(Row("None named", (Cell(""), Cell("")), indent=1))
    for event in estimand.intercurrent:
        counts = "" if event.value is None else f": counts as {event.value:g}"
        cells = (Cell(f"{event.strategy.value}{counts}"), Cell(names.form(event.source)))
        rows.append(Row(event.event, cells, indent=1))
    table = Table(
        number=f"E.{position + 1}",
        title=estimand.label,
        columns=(Column("Attribute"), Column("Value, or strategy", align="left"), Column("Source of data")),
        rows=tuple(rows),
        source="The five attributes of ICH E9(R1).",
    )
    return Entry(f"estimand-{position + 1}", estimand.name, (table,))


def definitions(plan: Plan, study: Study, names: Names) -> tuple[Entry, ...]:
    """Who and when, what is measured, and which rows are counted."""
    visits = (_visits(plan, names),) if plan.visits else ()
    who = Entry("sets-and-visits", "Who and when" if visits else "Who", (_sets(plan), *visits))
    what = Entry("endpoints", "What is measured", (_endpoints(plan, names),)) if plan.endpoints else None
    rows = Entry("records", "Which rows are counted", (_records(plan, names),)) if plan.records else None
    return tuple(one for one in (who, what, rows) if one is not None)


def _sets(plan: Plan) -> Table:
    arm = (Column("Arm"),) if plan.arms else ()
    columns = (Column("Set"), Column("Rule", align="left"), *arm, Column("Note", align="left"))
    rows = []
    for one in plan.sets.values():
        armed = (Cell(one.arm.value.replace("_", " ")),) if arm else ()
        rows.append(Row(one.label, (Cell("; ".join(_rules(one))), *armed, Cell(one.note))))
    return Table(number="S.1", title="Analysis sets", columns=columns, rows=tuple(rows))


def _rules(one: AnalysisSet) -> Iterator[str]:
    """Everything that decides who is in a set."""
    yield one.rule
    yield from (f"and {rule} (otherwise: {words})" for rule, words in one.requires)
    for records, flag in one.without:
        yield f"without whoever has a record of {records}{f' flagged {flag.lower()}' if flag else ''}"
    if not one.randomized:
        yield "not a randomized comparison"


def _visits(plan: Plan, names: Names) -> Table:
    return Table(
        number="S.2",
        title="Visits",
        columns=tuple(map(Column, ("Visit", "Counted from", "Target, day", "Window, days", "Chosen"))),
        rows=tuple(
            Row(
                names.of(v.name),
                (
                    Cell(v.anchor.replace("_", " ")), Cell(str(v.target_days)),
                    Cell(f"{v.window_days[0]} to {v.window_days[1]}"), Cell(v.choose),
                ),
            )
            for v in plan.visits.values()
        ),
    )  # fmt: skip


def _endpoints(plan: Plan, names: Names) -> Table:
    columns = (
        Column("Endpoint"),
        Column("Definition", align="left"),
        Column("Unit"),
        Column("Better"),
        Column("MCID"),
    )
    rows = []
    for one in plan.endpoints.values():
        cells = (
            "; ".join(_definition(one, names)), unit_of(one), one.better.value if one.better else "",
            f"{one.mcid:g}" if one.mcid is not None else "",
        )  # fmt: skip
        rows.append(Row(one.label, tuple(Cell(text) for text in cells)))
    return Table(number="S.3", title="Endpoints", columns=columns, rows=tuple(rows))


def _definition(one: Endpoint, names: Names) -> Iterator[str]:
    if one.derive is not Derivation.TIME_TO_EVENT:
        yield f"{one.derive.value} of {names.of(one.parameter)}"
        if one.rule:
            yield f"a response is {one.rule}"
        if one.missing:
            yield f"missing data: {one.missing}"
        return
    yield one.definition
    yield f"rows of {names.form(one.form)} with {one.rule}, dated by {names.of(one.date)}"
    yield f"time zero: {one.origin}"
    yield f"censored at the {one.censor} ({names.form(one.assessed_form)}: {one.assessed_rule})"
    yield f"partial dates: {one.partial_dates}"
    for other in one.competing:
        yield f"competing: {other.label} ({names.form(other.form)}{f': {other.rule}' if other.rule else ''})"


def _records(plan: Plan, names: Names) -> Table:
    columns = (
        Column("Records"),
        Column("Rows", align="left"),
        Column("Grouped by"),
        Column("Flags", align="left"),
    )
    rows = []
    for one in plan.records.values():
        cells = (
            f"{names.form(one.form)}{f' with {one.rule}' if one.rule else ''}", names.of(one.category),
            "; ".join(f"{label}: {rule}" for label, rule in one.flags.items()),
        )  # fmt: skip
        rows.append(Row(one.name.replace("_", " "), tuple(Cell(text) for text in cells)))
    return Table(number="S.4", title="Records", columns=columns, rows=tuple(rows))
