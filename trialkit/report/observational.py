"""Everything a run on an observational study hands over: data, results, and the report in five formats."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from trialkit.analysis.files import write_results
from trialkit.analysis.manifest import write_manifest
from trialkit.analysis.observational import run_observational
from trialkit.analysis.results import Results
from trialkit.analysis.results_csv import write_results_csv
from trialkit.documents import Entry, Notice, Page, Section, write_documents
from trialkit.plan import Plan
from trialkit.report.facts import TrialFacts
from trialkit.report.page import report_page
from trialkit.study.observational import ObservationalStudy

WATERMARK = "SIMULATED DATA"
STATE = "Simulated data: all numbers are assumptions"


def deliver_observational(
    plan: Plan,
    observational: ObservationalStudy,
    data: Path,
    folder: Path,
    progress: Callable[[str], None] = lambda _: None,
    unprinted: list[str] | None = None,
) -> tuple[Results, Path]:
    """Run a plan on a table of subjects and write all of it; the results and the page to open.

    ``folder`` gets ``results.json``, ``results.csv``, ``report/`` and ``manifest.json``; ``unprinted`` as in
    :func:`trialkit.report.report_page`.
    """
    simulated = bool(observational.simulated)
    results = run_observational(plan, observational.study, data, progress, simulated=simulated)
    folder.mkdir(parents=True, exist_ok=True)
    write_results(results, folder / "results.json")
    write_results_csv(results, folder / "results.csv")
    progress("Report")
    written = write_documents(observational_page(results, plan, observational, unprinted), folder / "report")
    write_manifest(results, folder, plan.seed)
    return results, written[0]


def observational_page(
    results: Results,
    plan: Plan,
    observational: ObservationalStudy,
    unprinted: list[str] | None = None,
) -> Page:
    """The page as a value; on every sheet of simulated data it says that they are."""
    facts = TrialFacts(title=observational.study.title)
    page = report_page(results, facts=facts, plan_text=plan.text, unprinted=unprinted)
    page = replace(page, facts=(*page.facts[:1], ("Design", observational.design), *page.facts[1:]))
    if not observational.simulated:
        return replace(
            page, kicker="Statistical report", state="Observed data", state_tone="final", watermark=""
        )
    notice = Notice("These are not patients.", observational.simulated)
    entry = Entry("simulated", "Simulated data", (notice,))
    return replace(
        page,
        kicker="Statistical report of simulated data",
        state=STATE,
        state_tone="draft",
        watermark=WATERMARK,
        sections=(Section("simulated-data", "Simulated data", (entry,)), *page.sections),
    )
