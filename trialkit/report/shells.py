"""The readable plan: estimands, every table and figure as a shell, what the protocol leaves open.

The shells are printed from the declarations that later print the results, so they cannot drift.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from trialkit.analysis.context import unit_of
from trialkit.analysis.methods import all_methods
from trialkit.documents.declared import CellKind, Shown
from trialkit.documents.declared.rows import ResultRow
from trialkit.documents.declared.wording import lower_first, with_unit
from trialkit.documents.page import Block, Entry, Finding, Findings, Notice, Page, Section
from trialkit.documents.table import Cell, Column, Row, Table
from trialkit.plan import Analysis, AnalysisRole, Plan
from trialkit.plan.check import entry_problems, plan_problems
from trialkit.plan.comparisons import contrast_words
from trialkit.plan.errors import PlanError, PlanWarning
from trialkit.plan.model import Test
from trialkit.report.chapters import CHAPTERS, chapter_named, listings_apart
from trialkit.report.context import ROLE_LABELS
from trialkit.report.outputs import comparison, recruitment
from trialkit.report.plan_tables import Names, definitions, estimand_entry
from trialkit.report.showing import measure_words
from trialkit.study import check_study
from trialkit.study.model import Study


class _Shell(Shown):
    """What any shell prints: no lines but those that are named, cells as they will look."""

    is_shell = True
    scales: Mapping[str, Any] = MappingProxyType({})
    interval = "CI"

    def __init__(self, plan: Plan, study: Study, number: Callable[[str, str], str]) -> None:
        self._study, self._number = study, number
        self.arms = list(plan.arms)

    def rows(self, table: str) -> list[ResultRow]:
        return []

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


class ShownShell(_Shell):
    """An entry before there are data: lines as far as the plan names them."""

    def __init__(self, entry: Analysis, plan: Plan, study: Study, number: Callable[[str, str], str]) -> None:
        super().__init__(plan, study, number)
        method = all_methods()[entry.method]
        self._entry = entry
        self._optional = method.optional
        self._expected = {**method.expected(entry, plan, study)}
        if entry.keys.get("section"):
            self._expected["section"] = [{"section": entry.keys["section"]}]
        endpoint = plan.endpoints.get(str(entry.keys.get("endpoint", "")))
        interval = entry.keys.get("interval")
        self.title = entry.title
        self.method = method.says
        self.population = plan.sets[entry.set].label if entry.set in plan.sets else entry.set
        self.source = f"Plan {plan.id} {plan.version}, entry {entry.id}; a shell: no data were read."
        if endpoint is not None:
            self.scales = {"endpoint": endpoint.label, "unit": unit_of(endpoint)}
        self.planned_test = _planned_test(entry)
        if interval is not None:
            self.interval = f"{100 * interval.level:g}% CI"
        if entry.arms:
            self.arms = list(entry.arms)

    def asks(self, key: str) -> bool:
        name, _, word = key.partition(":")
        declared = next((one.absent for one in self._optional if one.name == name), None)
        value = self._entry.keys.get(name, declared)
        return word in value if word and value is not None else bool(self._entry.keys.get(name))

    def rows(self, table: str) -> list[ResultRow]:
        lines = self._expected.get(table, [])
        return [ResultRow(self._entry.id, table, i, line) for i, line in enumerate(lines)]


class _RecruitmentShell(_Shell):
    """Of what every randomized trial reports, though no entry asks for it."""

    def __init__(self, plan: Plan, study: Study, number: Callable[[str, str], str]) -> None:
        super().__init__(plan, study, number)
        self.title = recruitment.TITLE
        self.method = recruitment.METHOD
        self.population = recruitment.EVERYBODY
        self.source = f"Plan {plan.id} {plan.version}; a shell: no data were read."


def _planned_test(entry: Analysis) -> ResultRow | None:
    """The side and null value that the results will have, where the plan states a test."""
    test = entry.keys.get("test")
    if not isinstance(test, Test):
        return None
    stated = {"alternative": test.alternative.value, "null_value": test.null_value}
    return ResultRow(entry.id, "test", 0, stated)


def plan_page(plan: Plan, study: Study) -> Page:
    """The plan as a page."""
    counts: Counter[tuple[str, str]] = Counter()

    def number(kind: str, chapter: str) -> str:
        counts[kind, chapter] += 1
        return f"{chapter}.{counts[kind, chapter]}"

    names = Names(plan, study)
    sections = [
        *_findings(study),
        *_misfits(plan, study),
        Section(
            "estimands",
            "Estimands",
            tuple(estimand_entry(one, i, names) for i, one in enumerate(plan.estimands.values())),
        ),
        Section("sets", "Definitions", definitions(plan, study, names)),
        Section(
            "entries",
            "Analyses and their shells",
            tuple(entry for part in listings_apart(_entries(plan, study, number)) for entry in part),
        ),
        *_published(plan, study, number),
        Section("amendments", "Amendments", (_amendments(plan),)),
    ]
    return Page(
        title=plan.title,
        kicker="Statistical analysis plan",
        state="Before any data: shells",
        state_tone="draft",
        facts=tuple(
            (head, text)
            for head, text in (
                ("Study", f"{study.id}, version {study.version}"),
                ("Plan", f"{plan.id}, version {plan.version}"),
                ("Protocol" if plan.arms else "Design", plan.protocol),
                ("Arms", " · ".join(f"{role.value}: {names.of(arm)}" for arm, role in plan.roles.items())),
                ("Plan, SHA-256", plan.sha256),
            )
            if text
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


def misfits(plan: Plan, study: Study, *, warnings: bool = True) -> tuple[Finding, ...]:
    """What `sap check` would refuse, and with ``warnings`` ask about."""
    found = [
        one
        for one in plan_problems(plan, study, all_methods())
        if warnings or not isinstance(one, PlanWarning)
    ]
    return tuple(as_finding(one, plan) for one in found)


def as_finding(problem: PlanError, plan: Plan) -> Finding:
    """A problem of a plan as a page lists it."""
    return Finding(
        _by_name(str(problem.where), plan),
        _by_name(str(problem), plan),
        "note" if isinstance(problem, PlanWarning) else "contradiction",
    )


def _misfits(plan: Plan, study: Study) -> list[Section]:
    """Nobody signs a plan without seeing what does not fit."""
    items = misfits(plan, study)
    if not items:
        return []
    entry = Entry("plan-findings", "Found by machine", (Findings("Of the plan against the study:", items),))
    return [Section("misfits", "What does not fit", (entry,))]


def _by_name(text: str, plan: Plan) -> str:
    """Without the folder of the plan's file: the page is the same wherever the plan lies."""
    for path in {place.rpartition(":")[0] for place in plan.places.values()}:
        text = text.replace(path, re.split(r"[/\\]", path)[-1])
    return text


def in_order(plan: Plan) -> list[Analysis]:
    """The entries as the report prints them, chapter by chapter: its numbers are those of the shells."""
    order = list(CHAPTERS)
    return sorted(plan.analyses, key=lambda entry: order.index(chapter_named(entry.method, entry.role.value)))


def _entries(plan: Plan, study: Study, number: Callable[[str, str], str]) -> Iterator[Entry]:
    """The entries, and recruitment among them where there is any, as the report prints them."""
    first, then = recruitment.split_before(in_order(plan), lambda entry: entry.method)
    yield from (_entry(entry, plan, study, number) for entry in first)
    if plan.arms:
        shown = _RecruitmentShell(plan, study, number)
        blocks = (block for output in recruitment.OUTPUTS for block in output.printed(shown))
        yield Entry(recruitment.ANCHOR, recruitment.TITLE, tuple(blocks))
    yield from (_entry(entry, plan, study, number) for entry in then)


def _published(plan: Plan, study: Study, number: Callable[[str, str], str]) -> list[Section]:
    """What will stand beside published results, as the report prints it: after everything else."""
    entries = []
    primary = next((entry for entry in plan.analyses if entry.role is AnalysisRole.PRIMARY), None)
    for place, one in enumerate(plan.published, 1):
        entry = next((entry for entry in plan.analyses if entry.id == one.analysis), primary)
        if entry is not None and entry.fault is None:
            shell = comparison.shell(one, ShownShell(entry, plan, study, number))
            entries.append(Entry(f"published-{place}", one.label, (shell,)))
    return [Section("published", "Beside what was published", tuple(entries))] if entries else []


def _entry(entry: Analysis, plan: Plan, study: Study, number: Callable[[str, str], str]) -> Entry:
    tag = f"{entry.id} · {ROLE_LABELS[entry.role.value]}"
    anchor = f"entry-{entry.id.lower()}"
    if entry.fault is not None:
        faults = " ".join(map(str, (entry.fault, *entry.fault.also)))
        notice = Notice("Cannot be read.", faults, tone="failure")
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
    blocks.insert(0, _said(entry, Names(plan, study)))
    return Entry(
        anchor,
        entry.title,
        tuple(blocks),
        tag=tag,
        lead=lead,
    )


def _said(entry: Analysis, names: Names) -> Block:
    said = [(key, value) for key, value in entry.keys.items() if value not in ("", (), None, False)]
    if entry.of:
        said.insert(0, ("sensitivity of", entry.of))
    if entry.assumption:
        said.insert(1, ("assumes", entry.assumption))
    if entry.arms:
        said.append(("arms", entry.arms))
    text = "; ".join(f"{key.replace('_', ' ')}: {names.value(value)}" for key, value in said)
    if entry.contrasts is not None:
        text += f"; contrasts: {contrast_words(entry.contrasts)}"
    return Notice("As planned.", text or "Nothing more is to be said.")


def _amendments(plan: Plan) -> Entry:
    if not plan.amendments:
        return Entry("amendment-log", "Amendment log", (Notice("None", f"at version {plan.version}."),))
    rows = tuple(
        Row(a.version, (Cell(a.date), Cell("before" if a.before_unblinding else "after"), Cell(a.reason)))
        for a in plan.amendments
    )
    heads = (Column("Version"), Column("Date"), Column("Unblinding"), Column("Reason", align="left"))
    return Entry("amendment-log", "Amendment log", (Table("A.1", "Amendments", heads, rows),))
