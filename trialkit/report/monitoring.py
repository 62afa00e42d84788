"""The reports of a data and safety monitoring board: open, without arms, and closed, with coded ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

from trialkit.analysis.files import write_results
from trialkit.analysis.manifest import write_manifest
from trialkit.analysis.modes import Mode, require_allowed
from trialkit.analysis.monitoring import Board, behind_closed_doors, cut, monitoring_plan
from trialkit.analysis.plans import sound_plan
from trialkit.analysis.results_csv import write_results_csv
from trialkit.analysis.run import prepared_run
from trialkit.documents import write_documents, write_docx, write_html, write_xlsx
from trialkit.documents.page import Page
from trialkit.plan import Plan
from trialkit.report.delivery import Delivered, masking_of
from trialkit.report.facts import trial_facts
from trialkit.report.page import report_page
from trialkit.report.shells import misfits
from trialkit.report.told import with_told
from trialkit.safe_files import private_folder
from trialkit.snapshot import Snapshot
from trialkit.study import load_study

KICKERS = {
    Board.OPEN: "Open report to the data and safety monitoring board: all arms together",
    Board.CLOSED: "Closed report to the data and safety monitoring board: confidential",
}


def deliver_board(
    plan: Plan,
    snapshot: Snapshot,
    folder: Path,
    *,
    board: Board,
    cutoff: date,
    masking_key: Path | None = None,
    print_too: bool = True,
    progress: Callable[[str], None] = lambda _: None,
) -> Delivered:
    """Write one of the two reports.

    Parameters
    ----------
    snapshot
        For the open report read without its allocations (``read_snapshot(..., allocations=False)``).
    folder
        Gets ``results.json``, ``results.csv``, ``report/`` and ``manifest.json``.
    cutoff
        The last day whose data count; it stands on every page.
    masking_key
        Of the closed report: which arm is A, read where it is there, else drawn and written.

    Raises
    ------
    AnalysisError
        No entries for a board, a cut-off after the snapshot, a closed report without allocations.
    """
    study = load_study(snapshot.folder)
    chosen = behind_closed_doors(plan, study) if board is Board.CLOSED else monitoring_plan(plan)
    as_of = cut(snapshot, cutoff)
    key, masking = None, None
    if board is Board.CLOSED:
        require_allowed(Mode.CODED, as_of)
        chosen = sound_plan(chosen, study)
        key = masking_key or folder.parent / f"{folder.name}.masking-key.json"
        masking = masking_of(plan, key)
    mode = Mode.CODED if board is Board.CLOSED else Mode.BLINDED
    results, _ = prepared_run(chosen, as_of, progress, mode=mode, masking=masking)
    if board is Board.CLOSED:
        private_folder(folder)
    folder.mkdir(parents=True, exist_ok=True)
    contradicted = misfits(plan, study, warnings=False)
    facts = replace(trial_facts(study, as_of), findings=(), misfits=contradicted)
    unprinted: list[str] = []
    results = with_told(results, facts)
    write_results(results, folder / "results.json")
    write_results_csv(results, folder / "results.csv")
    page = _marked(report_page(results, facts=facts, unprinted=unprinted), board, cutoff)
    report = folder / "report"
    if print_too:
        write_documents(page, report)
    else:
        write_html(page, report / "index.html")
        write_docx(page, report / "report.docx")
        write_xlsx(page, report / "tables.xlsx")
    write_manifest(results, folder, plan.seed)
    return Delivered(results, report / "index.html", key, contradicted, tuple(unprinted))


def _marked(page: Page, board: Board, cutoff: date) -> Page:
    """The day and the kind of report, which every writer prints on every page."""
    return replace(
        page,
        kicker=KICKERS[board],
        state=f"Data cut-off {cutoff.isoformat()}",
        state_tone="draft",
        watermark=board.value.upper(),
    )
