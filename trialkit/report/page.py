"""From results to one page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from trialkit.analysis.methods import all_methods
from trialkit.analysis.modes import withheld_words
from trialkit.documents.html import write_html
from trialkit.documents.page import Block, Entry, Figure, Finding, Findings, Highlight, Notice, Page, Section
from trialkit.documents.table import Cell, Table
from trialkit.plan.model import PublishedResult
from trialkit.report.abbreviations import abbreviations
from trialkit.report.chapters import CHAPTERS, chapter_named, listings_apart
from trialkit.report.context import ROLE_LABELS, SHORT_HASH, Context
from trialkit.report.errors import ReportError
from trialkit.report.evidence import evidence
from trialkit.report.facts import TrialFacts, TrueEffect, Truth
from trialkit.report.guarded import blocks_of, guarded
from trialkit.report.highlight import highlight, truth_sentence
from trialkit.report.outputs import comparison, generic, provenance, recruitment
from trialkit.report.rows import rows_of
from trialkit.report.showing import ShownResult
from trialkit.report.told import told_truth, with_told
from trialkit.wording import said

if TYPE_CHECKING:
    from trialkit.analysis.results import AnalysisResult, Results

FINAL_STATE = "locked"
IS_THAT_OF = "is that of entry "


def write_report(
    results: Results,
    folder: Path | str,
    *,
    truth: Truth | None = None,
    facts: TrialFacts | None = None,
    published: Sequence[PublishedResult] = (),
) -> Path:
    """Write the report of a run as one self-contained page.

    Parameters
    ----------
    results
        What the analysis returned; every number printed comes from it, none is computed here.
    folder
        Where ``index.html`` goes; made where it is absent.
    truth
        The simulator's truth, printed beside the estimates; None for a real trial.
    facts
        Title, recruitment and the protocol's contradictions.
    published
        Results in print, to stand beside ours.

    Returns
    -------
    The path of the page. The same arguments give the same bytes.

    Raises
    ------
    ReportError
        A table lacks a column the page needs, an interval does not contain its estimate, or a published
        result names an analysis that was not run.

    Degenerate cases: an analysis that failed prints in its place what could not be estimated and why; a kind
    without a layout prints its tables plainly; a snapshot that is not locked marks every page DRAFT.
    """
    folder = Path(folder)
    return write_html(
        report_page(results, truth=truth, facts=facts, published=published), folder / "index.html"
    )


def report_page(
    results: Results,
    *,
    truth: Truth | None = None,
    facts: TrialFacts | None = None,
    published: Sequence[PublishedResult] = (),
    plan_text: str = "",
    unprinted: list[str] | None = None,
) -> Page:
    """The page as a value, before it is written; ``plan_text`` lets a number lead to its entry.

    With a list ``unprinted`` an output that cannot be printed says so in its place, and is added to the list;
    without one its error is raised.
    """
    facts = facts or TrialFacts()
    results = with_told(results, facts, truth, published)
    context = Context(results, told_truth(truth, results), unprinted)
    where = results.provenance
    final = where.snapshot_state == FINAL_STATE
    simulated = truth is not None or facts.demonstration
    sections = [
        *_misfits_section(facts),
        *_findings_section(facts),
        *_analysis_sections(context, of_trial=facts.recruitment is not None),
        *_published_section(context, published),
    ]
    above = guarded(context, "The key result", lambda: highlight(context), lambda _why: None)
    sections.append(_provenance_section(context, sections, above))
    return Page(
        title=facts.title or where.study_id,
        kicker="Statistical report of a simulated trial" if simulated else "Statistical report",
        state="Database locked" if final else "Draft: database not locked",
        state_tone="final" if final else "draft",
        facts=_masthead(context, facts),
        sections=tuple(sections),
        highlight=above,
        watermark=" · ".join(mark for mark in (results.mode.watermark, "" if final else "DRAFT") if mark),
        footer=(
            f"Printed by trialkit from results.json: study {where.study_id} {where.study_version}, plan "
            f"{where.plan_id} {where.plan_version}, snapshot {where.snapshot_content_sha256}. Numbers are "
            "rounded half away from zero when printed and nowhere before."
        ),
        evidence=evidence(results, plan_text),
    )


def _masthead(context: Context, facts: TrialFacts) -> tuple[tuple[str, str], ...]:
    where = context.results.provenance
    pairs = (
        ("Study", f"{where.study_id}, version {where.study_version}"),
        ("Registry", facts.registry),
        ("Protocol", facts.protocol),
        ("Analysis plan", f"{where.plan_id}, version {where.plan_version}"),
        ("Snapshot", f"{where.snapshot_content_sha256[:SHORT_HASH]} ({where.snapshot_state})"),
        ("Arms", " · ".join(context.label(arm) for arm in context.arms)),
    )
    return tuple((label, value) for label, value in pairs if value)


def _misfits_section(facts: TrialFacts) -> list[Section]:
    """Above every result, since it bears on all of them."""
    if not facts.misfits:
        return []
    intro = "The plan contradicts the study whose data it was run on. The results are of the plan as it is:"
    entry = Entry("plan-findings", "Plan against study", (Findings(intro, facts.misfits),))
    return [Section("misfits", "What does not fit", (entry,))]


def _findings_section(facts: TrialFacts) -> list[Section]:
    if not facts.findings:
        return []
    items = tuple(Finding(_capital(one.title), one.detail, one.severity.value) for one in facts.findings)
    kinds = Counter(one.severity.value for one in facts.findings)
    found = ", ".join(f"{n} {kind}{'s' if n > 1 else ''}" for kind, n in kinds.items())
    intro = (
        f"The protocol contradicts itself, or is silent, in places that bear on how far the results below "
        f"can be read: {found}."
    )
    entry = Entry("protocol-findings", "What the protocol leaves open", (Findings(intro, items),))
    return [Section("protocol", "What the protocol leaves open", (entry,))]


def _capital(words: str) -> str:
    """A sentence starts with a capital, but a name of the definition (``endpoints.odi``) stays as it is."""
    first = words.split(" ", 1)[0]
    return words[:1].upper() + words[1:] if first.isalpha() else words


def _analysis_sections(context: Context, *, of_trial: bool) -> list[Section]:
    by_chapter: dict[str, list[Entry]] = {chapter: [] for chapter in CHAPTERS}
    order = list(CHAPTERS)
    results = sorted(context.results.analyses, key=lambda one: order.index(chapter_of(one)))
    first, then = recruitment.split_before(results, lambda one: one.kind)
    for result in first:
        by_chapter[chapter_of(result)].append(_entry(result, context))
    by_chapter["participants"] += _recruitment(context) if of_trial else []
    for result in then:
        by_chapter[chapter_of(result)].append(_entry(result, context))
    _, listings = listings_apart(entry for entries in by_chapter.values() for entry in entries)
    by_chapter = {chapter: listings_apart(entries)[0] for chapter, entries in by_chapter.items()}
    by_chapter["listings"] += listings
    notes = tuple(Notice("Note.", note) for note in context.results.notes)
    if notes:
        by_chapter["participants"].insert(0, Entry("run-notes", "Where the data come from", notes))
    return [
        Section(f"chapter-{chapter}", CHAPTERS[chapter], tuple(entries))
        for chapter, entries in by_chapter.items()
        if entries
    ]


def _recruitment(context: Context) -> list[Entry]:
    """Who came, when and where: a reader's first question once told how many."""
    recruited = blocks_of(context, recruitment.TITLE, lambda: recruitment.blocks(context))
    return [Entry(recruitment.ANCHOR, recruitment.TITLE, tuple(recruited))]


def chapter_of(result: AnalysisResult) -> str:
    return chapter_named(result.kind, result.role)


def _entry(result: AnalysisResult, context: Context) -> Entry:
    outputs: list[Block]
    if result.withheld:
        outputs = [
            Notice(result.title, f"is {withheld_words(context.results.mode)}.", source=context.source(result))
        ]
    elif result.failure is not None:
        why = _capital(result.failure)
        about = f"{context.population(result)}. {context.source(result)}"
        outputs = [Notice("Could not be estimated.", why, tone="failure", source=about)]
        outputs += blocks_of(context, result.id, lambda: generic.blocks(result, context))
    else:
        outputs = _outputs(result, context)
    truth = context.truth.effect_of(result.id)
    notes = [Cell(note) for note in result.notes]
    if truth is not None and result.failure is None and result is not context.primary():
        known = truth
        notes += guarded(
            context, f"{result.id}, truth", lambda: [_truth_note(result, known, context)], lambda _why: []
        )
    tag = f"{result.id} · {ROLE_LABELS.get(result.role, result.role)}"
    return Entry(f"entry-{anchor(result.id)}", result.title, tuple(outputs), tag, notes=tuple(notes))


def _outputs(result: AnalysisResult, context: Context) -> list[Block]:
    """What the method declares to print; then, in its place, what of it could not be estimated."""
    method = all_methods().get(result.kind)
    if method is None:
        return blocks_of(context, result.id, lambda: generic.blocks(result, context))
    shown = ShownResult(result, context)
    made: list[Block] = []
    for output in method.outputs:
        what = f"{result.id}, {output.name.replace('_', ' ')}"
        made += blocks_of(context, what, partial(shown.printed, output))
    blocks = _pointing_once(made)
    blocks = _saying_who_is_left_out(blocks, context.exclusions(result))
    blocks += [Notice("Could not be estimated.", text, tone="failure") for text in result.warnings]
    return blocks


def _saying_who_is_left_out(blocks: list[Block], sentences: tuple[str, ...]) -> list[Block]:
    """Below the first table of the entry; where it has none, below its first figure."""
    for kind in (Table, Figure):
        place = next((i for i, block in enumerate(blocks) if isinstance(block, kind)), None)
        if place is not None and sentences:
            first = blocks[place]
            assert isinstance(first, Table | Figure)
            told = replace(first, footnotes=(*sentences, *first.footnotes))
            return [*blocks[:place], told, *blocks[place + 1 :]]
    return blocks


def _pointing_once(blocks: list[Block]) -> list[Block]:
    """Outputs that are those of an earlier entry, told in one line."""
    same = [block for block in blocks if isinstance(block, Notice) and block.text.startswith(IS_THAT_OF)]
    if len(same) < 2:
        return blocks
    title = "; ".join(notice.title for notice in same)
    entry = same[0].text.removeprefix(IS_THAT_OF)
    return [Notice(title, f"are those of entry {entry}"), *(block for block in blocks if block not in same)]


def _truth_note(result: AnalysisResult, truth: TrueEffect, context: Context) -> Cell:
    rows = rows_of(result, truth.table)
    if not rows:
        raise ReportError(
            expected=said("a table {table!r} to hold the simulator's truth against", table=truth.table),
            found=", ".join(result.tables) or "no tables",
            where=result.id,
            next_step="Name in the truth the table whose first row it belongs to.",
        )
    return truth_sentence(context, rows[0], truth, context.interval_label(result))


def anchor(text: str) -> str:
    """A name fit for a link: letters, digits and hyphens."""
    return "".join(char if char.isalnum() else "-" for char in text.lower())


def _published_section(context: Context, published: Sequence[PublishedResult]) -> list[Section]:
    entries = []
    for position, one in enumerate(published):
        result = _analysis_of(context, one)
        outputs: list[Block] = (
            blocks_of(context, one.label, partial(comparison.blocks, one, result, context, position))
            if result.failure is None
            else [Notice("Could not be compared.", str(result.failure), tone="failure")]
        )
        entries.append(Entry(f"published-{position + 1}", one.label, tuple(outputs)))
    return [Section("published", "Beside what was published", tuple(entries))] if entries else []


def _analysis_of(context: Context, published: PublishedResult) -> AnalysisResult:
    wanted = published.analysis
    chosen = (
        next((one for one in context.results.analyses if one.id == wanted), None)
        if wanted
        else context.primary()
    )
    if chosen is None:
        raise ReportError(
            expected="an analysis to stand beside the published result",
            found=repr(wanted) if wanted else "no primary analysis",
            where=published.label,
            next_step="Name an entry of the plan.",
        )
    return chosen


def _provenance_section(context: Context, earlier: Sequence[Section], above: Highlight | None) -> Section:
    entry = Entry("provenance-tables", "Plan, inputs and software", tuple(provenance.blocks(context)))
    short = abbreviations(earlier, context.number("table", provenance.CHAPTER), above)
    return Section("provenance", "Provenance", (entry, short) if short else (entry,))
