"""The readable plan: estimands, every table and figure as a shell, what the protocol leaves open.

The shells are printed from the declarations that later print the results, so they cannot drift.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from trialkit.analysis.context import unit_of
from trialkit.analysis.methods import all_methods
from trialkit.documents.declared import CellKind, Shown
from trialkit.documents.declared.rows import ResultRow
from trialkit.documents.declared.wording import lower_first, with_unit
from trialkit.documents.page import Block, Entry, Finding, Findings, Notice, Page, Section
from trialkit.documents.table import Cell, Column, Row, Table
from trialkit.plan import Analysis, AnalysisRole, Plan
from trialkit.plan.check import entry_problems
from trialkit.plan.model import Estimand
from trialkit.report.context import ROLE_LABELS
from trialkit.report.showing import measure_words
from trialkit.study import check_study
from trialkit.study.model import Study


class ShownShell(Shown):
    """An entry before there are data: lines as far as the plan names them, cells as they will look."""

    is_shell = True

    def __init__(self, entry: Analysis, plan: Plan, study: Study, number: Callable[[str, str], str]) -> None:
        method = all_methods()[entry.method]
        self._entry, self._plan, self._study, self._number = entry, plan, study, number
        self._expected = method.expected(entry, plan, study)
        endpoint = plan.endpoints.get(str(entry.keys.get("endpoint", "")))
        interval = entry.keys.get("interval")
        self.title = entry.title
        self.method = method.says
        self.population = plan.sets[entry.set].label if entry.set in plan.sets else entry.set
        self.source = f"Plan {plan.id} {plan.version}, entry {entry.id}; a shell: no data were read."
        self.exclusions = ()
        self.scales: dict[str, Any] = (
            {"endpoint": endpoint.label, "unit": unit_of(endpoint)} if endpoint is not None else {}
        )
        self.interval = f"{100 * interval.level:g}% CI" if interval is not None else "CI"
        self.arms = list(entry.arms or plan.arms)

    def rows(self, table: str) -> list[ResultRow]:
        lines = self._expected.get(table, [])
        return [ResultRow(self._entry.id, table, i, line) for i, line in enumerate(lines)]

    def cell(self, kind: CellKind, row: ResultRow | None, among: Sequence[ResultRow] = ()) -> Cell:
        return Cell(kind.shell)

    def number(self, kind: str, chapter: str) -> str:
        return self._number(kind, chapter)

    def label(self, arm: Any) -> str:
        labels = {one.name: one.label for one in self._study.arms}
        return labels.get(str(arm), str(arm))

    def arm_head(self, arm: str) -> str:
        return "N = xxx"

    def words(self, column: str, value: Any) -> str:
        if column == "with_unit":
            return with_unit(*value)
        if column == "contrast":
            return "Test minus reference"
        if column == "measure":
            return measure_words(str(value))
        return str(value)


def plan_page(plan: Plan, study: Study) -> Page:
    """The plan as a page."""
    counts: Counter[tuple[str, str]] = Counter()

    def number(kind: str, chapter: str) -> str:
        counts[kind, chapter] += 1
        return f"{chapter}.{counts[kind, chapter]}"

    sections = [
        *_findings(study),
        Section(
            "estimands",
            "Estimands",
            tuple(_estimand(one, i) for i, one in enumerate(plan.estimands.values())),
        ),
        Section("sets", "Analysis sets and visits", (_sets(plan, study),)),
        Section(
            "entries",
            "Analyses and their shells",
            tuple(_entry(e, plan, study, number) for e in plan.analyses),
        ),
        Section("amendments", "Amendments", (_amendments(plan),)),
    ]
    return Page(
        title=plan.title,
        kicker="Statistical analysis plan",
        state="Before any data: shells",
        state_tone="draft",
        facts=(
            ("Study", f"{study.id}, version {study.version}"),
            ("Plan", f"{plan.id}, version {plan.version}"),
            ("Protocol", plan.protocol),
            ("Arms", " · ".join(f"{role.value}: {study.arm(arm).label}" for arm, role in plan.roles.items())),
            ("Plan, SHA-256", plan.sha256),
        ),
        sections=tuple(sections),
        footer=f"Printed by trialkit from plan {plan.id} {plan.version}; xx: a number not yet known.",
    )


def _findings(study: Study) -> list[Section]:
    items = tuple(
        Finding(one.title, f"{one.detail} {one.next_step}".strip(), one.severity.value)
        for one in check_study(study)
    )
    if not items:
        return []
    entry = Entry("protocol-findings", "Found by machine", (Findings("In the protocol as defined:", items),))
    return [Section("protocol", "What the protocol leaves open", (entry,))]


def _estimand(estimand: Estimand, position: int) -> Entry:
    attributes = (
        ("Population", estimand.population),
        ("Treatment", " against ".join(estimand.treatment)),
        ("Variable", estimand.variable),
        ("Population-level summary", estimand.summary),
    )
    rows = [Row(name, (Cell(text), Cell(""))) for name, text in attributes]
    rows.append(Row("Intercurrent events", section=True))
    rows += [Row(i.event, (Cell(i.strategy.value), Cell(i.source)), indent=1) for i in estimand.intercurrent]
    table = Table(
        number=f"E.{position + 1}",
        title=estimand.label,
        columns=(Column("Attribute"), Column("Value, or strategy", align="left"), Column("Source of data")),
        rows=tuple(rows),
        source="The five attributes of ICH E9(R1).",
    )
    return Entry(f"estimand-{position + 1}", estimand.name, (table,))


def _sets(plan: Plan, study: Study) -> Entry:
    sets = Table(
        number="S.1",
        title="Analysis sets",
        columns=(Column("Set"), Column("Rule", align="left"), Column("Arm"), Column("Note", align="left")),
        rows=tuple(
            Row(s.label, (Cell(s.rule), Cell(s.arm.value.replace("_", " ")), Cell(s.note)))
            for s in plan.sets.values()
        ),
    )
    visits = Table(
        number="S.2",
        title="Visits",
        columns=tuple(map(Column, ("Visit", "Counted from", "Target, day", "Window, days", "Chosen"))),
        rows=tuple(
            Row(
                v.label or study.visit(v.name).label,
                (
                    Cell(v.anchor.replace("_", " ")), Cell(str(v.target_days)),
                    Cell(f"{v.window_days[0]} to {v.window_days[1]}"), Cell(v.choose),
                ),
            )
            for v in plan.visits.values()
        ),
    )  # fmt: skip
    return Entry("sets-and-visits", "Who and when", (sets, visits))


def _entry(entry: Analysis, plan: Plan, study: Study, number: Callable[[str, str], str]) -> Entry:
    tag = f"{entry.id} · {ROLE_LABELS[entry.role.value]}"
    anchor = f"entry-{entry.id.lower()}"
    if entry.fault is not None:
        notice = Notice("Cannot be read.", str(entry.fault), tone="failure")
        return Entry(anchor, entry.title, (notice,), tag=tag)
    wrong = next(iter(entry_problems(entry, plan, study, all_methods())), None)
    if wrong is not None:
        notice = Notice("Does not fit the study.", str(wrong), tone="failure")
        return Entry(anchor, entry.title, (notice,), tag=tag)
    shown = ShownShell(entry, plan, study, number)
    blocks: list[Block] = []
    for output in all_methods()[entry.method].outputs:
        if not getattr(output, "only_primary", False) or entry.role is AnalysisRole.PRIMARY:
            blocks += output.printed(shown)
    lead = f"{all_methods()[entry.method].says}"
    if entry.estimand in plan.estimands:
        lead += f" Estimand: {lower_first(plan.estimands[entry.estimand].label)}."
    blocks.insert(0, _said(entry, number))
    return Entry(
        anchor,
        entry.title,
        tuple(blocks),
        tag=tag,
        lead=lead,
    )


def _said(entry: Analysis, number: Callable[[str, str], str]) -> Block:
    said = ((key, _value(value)) for key, value in entry.keys.items() if value not in ("", (), None, False))
    text = "; ".join(f"{key.replace('_', ' ')}: {value}" for key, value in said)
    return Notice("As planned.", text or "Nothing more is to be said.")


def _value(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    if hasattr(value, "alternative"):
        return f"{value.alternative.value} against {value.null_value:g} at {value.alpha:g}"
    if hasattr(value, "level"):
        return f"{100 * value.level:g} %, {value.sides}-sided"
    return str(getattr(value, "words", value))


def _amendments(plan: Plan) -> Entry:
    if not plan.amendments:
        return Entry("amendment-log", "Amendment log", (Notice("None", f"at version {plan.version}."),))
    rows = tuple(
        Row(a.version, (Cell(a.date), Cell("before" if a.before_unblinding else "after"), Cell(a.reason)))
        for a in plan.amendments
    )
    heads = (Column("Version"), Column("Date"), Column("Unblinding"), Column("Reason", align="left"))
    return Entry("amendment-log", "Amendment log", (Table("A.1", "Amendments", heads, rows),))
