"""Everything a run hands over, in one folder: results, datasets, report in five formats, manifest."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from trialkit.analysis.errors import AnalysisError
from trialkit.analysis.files import write_results
from trialkit.analysis.manifest import write_manifest
from trialkit.analysis.modes import Mode, group_names, require_allowed
from trialkit.analysis.plans import sound_plan
from trialkit.analysis.results import Results
from trialkit.analysis.results_csv import write_results_csv
from trialkit.analysis.run import prepared_run
from trialkit.datasets.files import write_datasets
from trialkit.documents import write_documents, write_docx, write_html, write_xlsx
from trialkit.documents.page import Finding
from trialkit.plan import Plan
from trialkit.plan.amendments import against_unblinding
from trialkit.report.facts import Truth, trial_facts
from trialkit.report.page import report_page
from trialkit.report.shells import as_finding, misfits, plan_page
from trialkit.report.told import with_told
from trialkit.safe_files import private_folder, write_new
from trialkit.snapshot import Snapshot, SnapshotError
from trialkit.study import load_study
from trialkit.wording import written


@dataclass(frozen=True)
class Delivered:
    results: Results
    page: Path
    masking_key: Path | None
    misfits: tuple[Finding, ...] = ()  # what of the plan contradicts the study of the snapshot
    unprinted: tuple[str, ...] = ()  # outputs that could not be printed, and why


def deliver(
    plan: Plan,
    snapshot: Snapshot,
    folder: Path | str,
    *,
    mode: Mode | None = None,
    masking_key: Path | str | None = None,
    truth: Truth | None = None,
    print_too: bool = True,
    word_too: bool = True,
    progress: Callable[[str], None] = lambda _: None,
    computed: Callable[[Results], None] = lambda _: None,
) -> Delivered:
    """Run a plan and write all of it.

    Parameters
    ----------
    folder
        Gets ``results.json``, ``results.csv``, ``datasets/``, ``report/`` and ``manifest.json``. A masked run
        writes no datasets: what one group alone has would tell which it is.
    masking_key
        Of a masked run: read where it is there, else drawn and written, readable by its owner only; None puts
        it beside ``folder``, never inside.
    print_too
        Also PDF and RTF, which take longest: half a second a page.
    word_too
        Also a Word document, for which every figure is drawn once more.
    progress, computed
        Called with each entry's title before it runs, and with the results before anything is written.

    Returns
    -------
    The results, the page to open, and the file that says which group is which arm.
    """
    masking_key = None if masking_key is None else Path(masking_key)
    folder = Path(folder)
    key = None
    masking = None
    if mode is Mode.MASKED:
        require_allowed(mode, snapshot)  # a run that is refused leaves nothing behind, not even a draw
        plan = sound_plan(plan, load_study(snapshot.folder))
        key = masking_key or folder.parent / f"{folder.name}.masking-key.json"
        masking = masking_of(plan, key)
    results, prepared = prepared_run(plan, snapshot, progress, mode=mode, masking=masking)
    computed(results)
    study = load_study(snapshot.folder)
    contradicted = (*misfits(plan, study, warnings=False), *_of_the_unblinding(plan, snapshot))
    facts = replace(trial_facts(study, snapshot), misfits=contradicted)
    published = plan.published if results.mode is Mode.UNBLINDED else ()
    results = with_told(results, facts, truth, published)
    if snapshot.blinded:
        folder.mkdir(parents=True, exist_ok=True)
    else:  # arms are for whoever was given them, not for every account of the machine
        private_folder(folder)
    write_results(results, folder / "results.json")
    write_results_csv(results, folder / "results.csv")
    if mode is not Mode.MASKED:
        write_datasets(prepared.datasets, folder / "datasets", prepared.plan)
    unprinted: list[str] = []
    page = report_page(
        results,
        unprinted=unprinted,
        truth=truth,
        facts=facts,
        published=published,
        plan_text=plan.text if results.mode is Mode.UNBLINDED else "",
    )
    progress("Report")
    report = folder / "report"
    write_html(plan_page(plan, study), report / "plan.html")
    if print_too:
        write_documents(page, report)
    else:
        write_html(page, report / "index.html")
        if word_too:
            write_docx(page, report / "report.docx")
        write_xlsx(page, report / "tables.xlsx")
    write_manifest(results, folder, plan.seed)
    return Delivered(results, report / "index.html", key, contradicted, tuple(unprinted))


def _of_the_unblinding(plan: Plan, snapshot: Snapshot) -> tuple[Finding, ...]:
    """What the plan's log of amendments says of the unblinding, held against the signed one on record."""
    signed = snapshot.tables.get("unblinding")
    if signed is None or signed.empty:
        return ()
    first = str(signed["signed_at"].min())
    try:
        day = date.fromisoformat(first[:10])
    except ValueError:
        raise SnapshotError(
            expected="the day on which the unblinding was signed",
            found=written(first),
            where=str(snapshot.folder / "unblinding.csv"),
            next_step="Take the snapshot again, or fetch an unchanged copy of it.",
        ) from None
    return tuple(as_finding(one, plan) for one in against_unblinding(plan, day))


def masking_of(plan: Plan, key: Path) -> dict[str, str]:
    """Which arm is A, which B and so on: as the key says, or as the lot falls now."""
    arms, names = list(plan.arms), group_names(plan)
    if not key.exists():
        secrets.SystemRandom().shuffle(arms)
        masking = dict(zip(names, arms, strict=True))
        write_new(key, json.dumps({"groups": masking, "salt": secrets.token_hex(16)}) + "\n", private=True)
        return masking
    try:
        found: dict[str, str] = json.loads(key.read_text(encoding="utf-8"))["groups"]
    except (OSError, ValueError, KeyError, TypeError):
        found = {}
    if set(found) != set(names) or sorted(found.values()) != sorted(arms):
        raise AnalysisError(
            expected="the masking key of this plan's arms",
            found="another file",
            where=str(key),
            next_step="Name the key of the earlier masked run, or a new file.",
        )
    return found
