"""What the plan that is signed calls its tables and figures is what the report calls them."""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from trialkit import resources
from trialkit.analysis import Mode, load_plan, run_plan
from trialkit.analysis.observational import run_observational
from trialkit.demo.simulated import SIMULATORS
from trialkit.documents.page import Figure, Notice, Page
from trialkit.documents.table import Table
from trialkit.plan import Plan
from trialkit.report.facts import trial_facts
from trialkit.report.observational import observational_page
from trialkit.report.outputs.recruitment import ANCHOR
from trialkit.report.page import report_page
from trialkit.report.shells import plan_page
from trialkit.snapshot import Snapshot, read_snapshot
from trialkit.study import load_study
from trialkit.study.observational import load_observational

CAPTION = re.compile(r"(?:Table|Figure|Listing) \d+(?:\.\d+)+\. ")
WITHOUT_ROWS = ("has nothing to show", "is that of entry", "are those of entry")


def quick(plan: Plan) -> Plan:
    """Two imputations are enough to have a caption."""

    def changed(entry: Any) -> Any:
        missing = entry.keys.get("missing")
        return entry.saying(missing=replace(missing, m=2)) if hasattr(missing, "m") else entry

    return replace(plan, analyses=tuple(changed(entry) for entry in plan.analyses))


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    folder = tmp_path_factory.mktemp("stored")
    with zipfile.ZipFile(Path("tests/reference/study_a/snapshot.zip")) as archive:
        archive.extractall(folder)
    return read_snapshot(folder)


@pytest.fixture(scope="module")
def pages(stored: Snapshot) -> tuple[Page, Page]:
    snapshot = stored
    plan = quick(load_plan(resources.folder("sap") / "study_a.toml"))
    results = run_plan(plan, snapshot, mode=Mode.UNBLINDED)
    study = load_study(snapshot.folder)
    return plan_page(plan, study), report_page(results, facts=trial_facts(study, snapshot))


def captions(page: Page) -> Iterator[tuple[str, str]]:
    """Of each entry its captions, printed or told to have no rows."""
    for section in page.sections:
        for entry in section.entries:
            if entry.anchor != ANCHOR and not entry.anchor.startswith("entry-"):
                continue
            for block in entry.blocks:
                if isinstance(block, Table):
                    yield entry.anchor, f"{block.called}. {block.title}"
                elif isinstance(block, Figure):
                    yield entry.anchor, f"Figure {block.number}. {block.title}"
                elif isinstance(block, Notice) and CAPTION.match(block.title):
                    for one in re.split(r"; (?=(?:Table|Figure|Listing) \d)", block.title):
                        yield entry.anchor, one


def test_every_shell_has_its_number_and_title_in_the_report(pages: tuple[Page, Page]):
    planned, reported = (dict.fromkeys(captions(page)) for page in pages)
    assert list(set(planned) ^ set(reported)) == []
    assert len(planned) > 140
    assert (ANCHOR, "Table 14.1.1. Recruitment by site") in planned


def test_recruitment_keeps_its_numbers_where_no_day_is_known(pages: tuple[Page, Page], stored: Snapshot):
    """What comes after it is called the same, whoever was randomized when."""
    plan = load_plan(resources.folder("sap") / "study_a.toml")
    plan = replace(plan, analyses=tuple(entry for entry in plan.analyses if entry.id in ("D1", "D2")))
    study = load_study(stored.folder)
    facts = trial_facts(study, stored)
    nobody = replace(facts, recruitment=facts.recruitment.iloc[:0])
    results = run_plan(plan, stored, mode=Mode.UNBLINDED)
    told = list(captions(report_page(results, facts=nobody)))
    assert told == list(captions(plan_page(plan, study)))
    assert "no day of a randomization is known" in str(report_page(results, facts=nobody))


@pytest.mark.parametrize("name", ["kyphoplasty", "cohort", "fat-maps"])
def test_an_observational_study_calls_its_shells_as_its_report_does(name: str, tmp_path: Path):
    plan = load_plan(resources.folder("examples") / name / "plan.toml")
    observational = load_observational(resources.folder("examples") / name)
    simulator = import_module(f"trialkit.simulation.observational.{SIMULATORS[name]}")
    simulator.simulate(plan.seed).to_csv(tmp_path / "data.csv", index=False)
    results = run_observational(plan, observational.study, tmp_path / "data.csv", simulated=True)
    reported = list(captions(observational_page(results, plan, observational)))
    assert reported == list(captions(plan_page(plan, observational.study)))
    assert reported


def test_what_a_number_has_no_rows_for_says_why_in_its_place(pages: tuple[Page, Page]):
    told = [
        block
        for section in pages[1].sections
        for entry in section.entries
        for block in entry.blocks
        if isinstance(block, Notice) and CAPTION.match(block.title)
    ]
    assert told
    for notice in told:
        assert any(words in notice.text for words in WITHOUT_ROWS), notice


def test_no_two_captions_are_alike(pages: tuple[Page, Page]):
    """A figure and the table of its numbers may have one title; two tables may not."""
    for page in pages:
        of_kind = [
            (caption.startswith("Figure"), caption.partition(". ")[2]) for _, caption in captions(page)
        ]
        assert [title for title, n in Counter(of_kind).items() if n > 1] == []
        numbers = Counter(caption.partition(". ")[0] for _, caption in captions(page))
        assert [number for number, n in numbers.items() if n > 1] == []


def test_what_is_listed_by_subject_is_called_a_listing(pages: tuple[Page, Page]):
    """ICH E3, section 16.2; tables by arm are none, wherever they are numbered."""
    for page in pages:
        for _, caption in captions(page):
            assert caption.startswith("Listing") == (
                ". " in caption and caption.split()[1].startswith("16.2")
            )


@pytest.mark.parametrize(
    ("modifier", "term", "shown"),
    [
        ("multifidus_fat", "multifidus_fat", "along it"),
        ("sex", "sex", "effect by level"),
        ("goutallier", "C(goutallier)", "effect by level"),
        ("goutallier", "goutallier", "along it"),
    ],
)
def test_of_a_modifier_the_picture_or_the_table_is_numbered_and_the_other_left_out(
    modifier: str, term: str, shown: str, tmp_path: Path
) -> None:
    with zipfile.ZipFile(Path("tests/reference/study_a/snapshot.zip")) as archive:
        archive.extractall(tmp_path)
    snapshot = read_snapshot(tmp_path)
    plan = load_plan(resources.folder("sap") / "study_a.toml")
    (entry,) = [one for one in plan.analyses if one.id == "I1"]
    entry = entry.saying(modifier=modifier, formula=f"chg ~ arm * {term} + base + site")
    plan = replace(plan, analyses=(entry,))
    study = load_study(snapshot.folder)
    results = run_plan(plan, snapshot, mode=Mode.UNBLINDED)
    planned = [text for anchor, text in captions(plan_page(plan, study)) if anchor != ANCHOR]
    facts = trial_facts(study, snapshot)
    reported = [text for anchor, text in captions(report_page(results, facts=facts)) if anchor != ANCHOR]
    assert planned == reported
    assert [shown in text for text in planned] == [True, False]
