"""A trial amended on its way: two versions side by side, site by site, on both engines."""

from __future__ import annotations

import csv
import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from chain import ADJUDICATOR, ADMIN, COORDINATOR, FIRST, INVESTIGATOR, MANAGER, SECOND, STATISTICIAN, person
from test_randomize import ELIGIBLE

from trialkit import operations as op
from trialkit.access import AccessError
from trialkit.clock import SimulatedClock
from trialkit.entry import AdjudicationChoice, FormStatus, ReasonCode
from trialkit.entry.serious_events import EventOutcome, Seriousness, Severity
from trialkit.errors import EntryError, OperationError, StudyError, TrialkitError
from trialkit.operations.entry_desk import form_at_desk
from trialkit.snapshot import read_snapshot
from trialkit.study import load_study
from trialkit.study.asked import without_retired
from trialkit.vocabulary import Role

AT_A = person("at_a", Role.COORDINATOR, "A")
AT_B = person("at_b", Role.COORDINATOR, "B")
SINCE = date(2024, 6, 10)


def amended(definition: Path, folder: Path, version: str, *edits: tuple[str, str, str]) -> Path:
    """The sample definition with places changed, under another version."""
    if not folder.exists():
        folder.mkdir()
        for name in ("study.toml", "dictionary.csv"):
            shutil.copy(definition / name, folder / name)
    for name, old, new in (("study.toml", 'version = "1.0"', f'version = "{version}"'), *edits):
        text = (folder / name).read_text("utf-8")
        assert old in text, old
        (folder / name).write_text(text.replace(old, new, 1), "utf-8")
    return folder


def row_of(definition: Path, name: str) -> str:
    rows = (definition / "dictionary.csv").read_text("utf-8").splitlines(keepends=True)
    return next(row for row in rows if row.startswith(f"{name},"))


def second_version(definition: Path, folder: Path) -> Path:
    """Version 2.0: pain asked a second time, smoking no more, a later visit, another consent form."""
    vas, smoking = row_of(definition, "vas_mm"), row_of(definition, "smoking")
    return amended(
        definition,
        folder,
        "2.0",
        ("dictionary.csv", vas, vas + vas.replace("vas_mm", "vas_walking_mm")),
        ("dictionary.csv", smoking, smoking.rstrip("\n") + "@RETIRED\n"),
        (
            "study.toml",
            "[forms.consent]",
            '[visits.month_24]\nlabel = "24 months"\nanchor = "randomization"\ntarget_days = 730\n'
            'window_days = [700, 760]\n\n[consent]\nversion = "2"\n\n[forms.consent]',
        ),
        (
            "study.toml",
            '[forms.vas]\nlabel = "Pain (visual analogue scale)"\nentry = "double"\nvisits = ["baseline", ',
            '[forms.vas]\nlabel = "Pain (visual analogue scale)"\nentry = "double"\n'
            'visits = ["month_24", "baseline", ',
        ),
    )


def advance(trial: op.Trial, day: date) -> None:
    clock = trial.clock
    assert isinstance(clock, SimulatedClock)
    clock.advance_to(datetime(day.year, day.month, day.day, 3, tzinfo=UTC))


def screened_at(trial: op.Trial, who: Any, day: date) -> str:
    subject = op.enrol(trial, who, site=who.site, consent_date=day, consent_version="1").subject_id
    op.record_visits(trial, who, visits_done=[op.VisitDone(subject, "baseline", day)])
    return subject


def enter(trial: op.Trial, who: Any, subject: str, form: str = "vas", **values: str) -> op.PassesEntered:
    entry = op.FormEntry(subject, "baseline", form, (op.EnteredRow(values),))
    return op.enter_pass(trial, who, entry=entry, confirmed=True, confirmed_by="investigator")


def ready(trial: op.Trial) -> op.Trial:
    advance(trial, date(2024, 6, 1))
    for one in (AT_A, AT_B):
        op.add_account(trial, ADMIN, login=one.account, person_name=one.account, role=one.role, site=one.site)
    return trial


def activate(trial: op.Trial, site: str = "A", day: date = SINCE, version: str = "2.0") -> op.Activated:
    return op.activate_version(
        trial, MANAGER, version=version, site=site, effective_on=day, approval="EC 2024-117"
    )


def amend(trial: op.Trial, folder: Path, **rest: Any) -> op.Amended:
    return op.amend_study(trial, MANAGER, definition=folder, reason="Amendment 1", **rest)


def test_two_versions_live_side_by_side(either: op.Trial, definition: Path, tmp_path: Path) -> None:
    trial = ready(either)
    early = screened_at(trial, AT_A, date(2024, 6, 1))
    enter(trial, FIRST, early, vas_mm="50")
    done = amend(trial, second_version(definition, tmp_path / "new"))
    assert (done.number, done.version, done.compared_with) == (2, "2.0", "1.0")
    assert {"item vas_walking_mm: added", "item smoking: retired"} <= {str(one) for one in done.changes}
    assert trial.study.version == "1.0"  # nobody works by it yet
    assert activate(trial).keep_theirs == 0

    advance(trial, date(2024, 6, 12))
    # A form begun before keeps its first pass's version: the new item is not asked, nor taken.
    with pytest.raises(EntryError, match=r"vas_walking_mm.*version 1\.0.*which another version asks"):
        enter(trial, SECOND, early, vas_mm="51", vas_walking_mm="40")
    assert [i.name for i in _form(trial, early).items] == ["vas_mm"]
    assert enter(trial, SECOND, early, vas_mm="51").discrepancies == 1
    verdict = op.Verdict(
        early, "baseline", "vas", "", "vas_mm", AdjudicationChoice.SECOND, ReasonCode.MISREAD
    )
    op.adjudicate(trial, ADJUDICATOR, verdicts=[verdict])
    with pytest.raises(OperationError, match="vas_walking_mm"):
        op.correct(
            trial, COORDINATOR, subject_id=early, visit="baseline", form="vas", item="vas_walking_mm",
            value="3", reason="x", second_person=INVESTIGATOR,
        )  # fmt: skip
    # A visit since then at the site is under the new version; at the other site it is not.
    late, there = (screened_at(trial, who, date(2024, 6, 12)) for who in (AT_A, AT_B))
    assert [i.name for i in _form(trial, late).items] == ["vas_mm", "vas_walking_mm"]
    for who in (FIRST, SECOND):
        assert enter(trial, who, late, vas_mm="20", vas_walking_mm="30").discrepancies == 0
        enter(trial, who, there, vas_mm="60")
    with pytest.raises(EntryError, match="smoking"):
        enter(trial, AT_A, late, "demographics", **{**ELIGIBLE["demographics"], "smoking": "0"})
    enter(trial, AT_B, there, "demographics", **ELIGIBLE["demographics"])
    _holds_in_the_snapshot(trial, tmp_path, early, late, there)
    assert op.verify_audit(trial).problems == ()


def test_a_backup_and_the_paper_go_on_with_an_amended_study(
    trial: op.Trial, definition: Path, tmp_path: Path
) -> None:
    ready(trial)
    folder = amend(trial, second_version(definition, tmp_path / "new")).folder
    activate(trial)
    op.back_up(trial, ADMIN, folder=tmp_path / "backup")
    op.restore(tmp_path / "backup", tmp_path / "again")
    with op.open_trial(tmp_path / "again") as again:
        assert again.study.version == "2.0"
        assert op.verify_audit(again).problems == ()
    paper = without_retired(load_study(folder))
    assert "smoking" not in {item.name for item in paper.form("demographics").items}


def test_counts_are_of_the_items_that_the_version_of_a_form_asks(
    trial: op.Trial, definition: Path, tmp_path: Path
) -> None:
    ready(trial)
    early = screened_at(trial, AT_A, date(2024, 6, 1))
    enter(trial, FIRST, early, vas_mm="50")
    amend(trial, second_version(definition, tmp_path / "new"))
    activate(trial)
    advance(trial, date(2024, 6, 12))
    late = screened_at(trial, AT_A, date(2024, 6, 12))
    enter(trial, SECOND, early, vas_mm="50")
    for who in (FIRST, SECOND):
        enter(trial, who, late, vas_mm="20", vas_walking_mm="30")
    rates = {(rate.by, rate.group): rate for rate in op.error_rates(trial, MANAGER).between}
    assert rates["form", "vas"].fields == 1 + 2
    op.write_snapshot(trial, STATISTICIAN, folder=tmp_path / "snapshot", blinded=True)
    quality = read_snapshot(tmp_path / "snapshot").tables["quality"].set_index("measure").value
    assert quality["fields_compared"] == "3"


def _form(trial: op.Trial, subject: str) -> Any:
    return form_at_desk(trial, FIRST, subject_id=subject, visit="baseline", form="vas").form


def _holds_in_the_snapshot(trial: op.Trial, tmp_path: Path, early: str, late: str, there: str) -> None:
    op.write_snapshot(trial, STATISTICIAN, folder=tmp_path / "snapshot", blinded=True)
    snapshot = read_snapshot(tmp_path / "snapshot")
    forms = snapshot.tables["forms"]
    vas = forms[(forms.form == "vas") & (forms.visit == "baseline")].set_index("subject_id")
    assert vas.study_version.loc[[early, late, there]].tolist() == ["1.0", "2.0", "1.0"]
    values = snapshot.tables["values"].set_index(["subject_id", "item"])
    assert values.loc[(late, "vas_walking_mm"), "value"] == "30"
    assert values.loc[(early, "vas_mm"), ["value", "study_version"]].tolist() == ["51", "1.0"]
    assert values.loc[(there, "smoking"), "value"] == "0"
    items = snapshot.tables["item_versions"].set_index("item")
    assert items.loc["smoking", ["from_version", "until_version"]].tolist() == ["1.0", "1.0"]
    assert items.loc["vas_walking_mm", ["from_version", "until_version"]].tolist() == ["2.0", ""]
    assert snapshot.tables["activations"].values.tolist() == [["A", "2.0", "2024-06-10", "EC 2024-117"]]
    assert snapshot.tables["versions"].version.tolist() == ["1.0", "2.0"]
    old = (tmp_path / "snapshot" / "dictionary.version-1.csv").read_text("utf-8")
    assert "vas_walking_mm" not in old and "@RETIRED" not in old
    with (tmp_path / "snapshot" / "dictionary.csv").open(encoding="utf-8") as file:
        assert "vas_walking_mm" in {row[0] for row in csv.reader(file)}


def test_worklists_ask_at_each_site_what_its_version_asks(
    either: op.Trial, definition: Path, tmp_path: Path
) -> None:
    trial = ready(either)
    retired = amended(
        definition,
        tmp_path / "new",
        "2.0",
        ("study.toml", "[forms.history]\nlabel", "[forms.history]\nretired = true\nlabel"),
    )
    before = [screened_at(trial, who, date(2024, 6, 1)) for who in (AT_A, AT_B)]
    amend(trial, retired)
    activate(trial)
    advance(trial, date(2024, 6, 12))
    here, there = (screened_at(trial, who, date(2024, 6, 12)) for who in (AT_A, AT_B))
    expected = {now.subject_id: now.status for now in op.forms_now(trial, MANAGER) if now.form == "history"}
    assert expected == dict.fromkeys([*before, there], FormStatus.EXPECTED)
    on_the_list = {line.subject_id for line in op.list_work(trial, MANAGER) if line.form == "history"}
    assert on_the_list == {*before, there}
    missing = [op.NotDone(here, "baseline", form="history", reason="x")]
    with pytest.raises(EntryError, match="a form of this visit"):
        op.mark_not_done(trial, AT_A, entries=missing)
    obstacles = [obstacle for obstacle in op.obstacles(trial, MANAGER) if "history" in str(obstacle)]
    assert len(obstacles) == 3


def test_a_visit_belongs_to_the_version_of_its_day(
    either: op.Trial, definition: Path, tmp_path: Path
) -> None:
    """A check that a later version adds runs over what is there; a range is that of the form's version."""
    trial = ready(either)
    vas = row_of(definition, "vas_mm")
    new = amended(definition, tmp_path / "new", "2.0", ("dictionary.csv", vas, vas.replace(",100,", ",40,")))
    early = screened_at(trial, AT_A, date(2024, 6, 1))
    amend(trial, new)
    activate(trial)
    advance(trial, date(2024, 6, 12))
    late = screened_at(trial, AT_A, date(2024, 6, 12))
    flags = {}
    for subject in (early, late):
        flags[subject] = enter(trial, FIRST, subject, vas_mm="55").flags
        enter(trial, SECOND, subject, vas_mm="55")
    assert not flags[early] and "40" in str(flags[late][0])
    asked = op.raise_queries(trial, MANAGER)
    about = {query.subject_id for query in op.list_queries(trial, MANAGER) if query.item == "vas_mm"}
    assert asked.raised and about == {late}


def test_refusals_say_what_to_do(trial: op.Trial, definition: Path, tmp_path: Path) -> None:
    ready(trial)
    new = second_version(definition, tmp_path / "new")
    refusals: list[TrialkitError] = []

    def refused(kind: type[TrialkitError], match: str, act: Any) -> None:
        with pytest.raises(kind, match=match) as error:
            act()
        refusals.append(error.value)

    refused(StudyError, "a definition that differs", lambda: amend(trial, _renamed(definition, tmp_path)))
    refused(OperationError, "a version that was recorded", lambda: activate(trial))
    amend(trial, new)
    refused(OperationError, "a name for the new version", lambda: amend(trial, new))
    refused(OperationError, "a site of the study", lambda: activate(trial, "Q"))
    refused(
        OperationError,
        "the reference of the approval",
        lambda: op.activate_version(
            trial, MANAGER, version="2.0", site="A", effective_on=SINCE, approval=" "
        ),
    )
    third = amended(definition, tmp_path / "third", "3.0", ("study.toml", "target = 62", "target = 61"))
    amend(trial, third)
    refused(OperationError, "the newest version, 3.0", lambda: activate(trial))
    activate(trial, version="3.0")
    refused(OperationError, "a version after 3.0", lambda: activate(trial, version="1.0"))
    fourth = amended(definition, tmp_path / "fourth", "4.0", ("study.toml", "target = 62", "target = 60"))
    amend(trial, fourth)
    refused(OperationError, "a day after 2024-06-10", lambda: activate(trial, version="4.0"))
    assert all(error.expected and error.found for error in refusals)
    assert op.verify_audit(trial).problems == ()


def _renamed(definition: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "same"
    shutil.copytree(definition, folder)
    return folder


def test_a_code_with_a_new_meaning_is_not_recorded(trial: op.Trial, definition: Path, tmp_path: Path) -> None:
    new = amended(definition, tmp_path / "new", "2.0", ("dictionary.csv", "2, Current", "2, Used to smoke"))
    with pytest.raises(StudyError, match="code 2 to mean 'Current'"):
        amend(trial, new)
    assert [one.version for one in op.list_versions(trial, MANAGER).recorded] == ["1.0"]
    amend(trial, new, same_meaning=["smoking=2"])
    assert [one.version for one in op.list_versions(trial, MANAGER).recorded] == ["1.0", "2.0"]


def test_an_open_handle_follows_what_another_records(
    trial: op.Trial, definition: Path, tmp_path: Path
) -> None:
    ready(trial)
    with op.open_trial(trial.folder, clock=trial.clock) as other:
        subject = screened_at(other, AT_A, date(2024, 6, 1))
        amend(trial, second_version(definition, tmp_path / "new"))
        activate(trial, day=date(2024, 6, 1))
        assert [i.name for i in _form(other, subject).items] == ["vas_mm", "vas_walking_mm"]
        assert other.study.version == "2.0"
    with op.open_trial(trial.folder, clock=trial.clock) as again:
        assert again.study.version == "2.0"


def test_only_the_data_manager_amends_and_sites_see_their_own(
    trial: op.Trial, definition: Path, tmp_path: Path
) -> None:
    ready(trial)
    new = second_version(definition, tmp_path / "new")
    with pytest.raises(AccessError):
        op.amend_study(trial, AT_A, definition=new, reason="x")
    amend(trial, new)
    with pytest.raises(AccessError):
        op.activate_version(trial, AT_A, version="2.0", site="A", effective_on=SINCE, approval="EC")
    activate(trial)
    assert {line.site for line in op.list_versions(trial, AT_B).by_site} == {"B"}
    shown = [(line.version, line.in_force) for line in op.list_versions(trial, AT_A).by_site]
    assert shown == [("1.0", True), ("2.0", False)]


def test_the_reconsent_list_is_who_signed_an_older_form(
    either: op.Trial, definition: Path, tmp_path: Path
) -> None:
    trial = ready(either)
    here, there, gone = (screened_at(trial, who, date(2024, 6, 1)) for who in (AT_A, AT_B, AT_A))
    op.withdraw(trial, AT_A, subject_id=gone, date=date(2024, 6, 1), reason="Moved")
    amend(trial, second_version(definition, tmp_path / "new"))
    assert op.list_reconsent(trial, MANAGER) == []
    activate(trial)
    advance(trial, date(2024, 6, 9))
    assert op.list_reconsent(trial, MANAGER) == []
    advance(trial, date(2024, 6, 12))
    (line,) = op.list_reconsent(trial, MANAGER)
    assert (line.subject_id, line.signed_version, line.required_version) == (here, "1", "2")
    assert (line.since, line.days_waiting, line.form_says) == (SINCE, 2, "")
    paper = {"consent_given": "1", "consent_date": "2024-06-01", "consent_version": "2"}
    entry = op.FormEntry(here, "baseline", "consent", (op.EnteredRow(paper),))
    op.enter_pass(trial, AT_A, entry=entry, confirmed=True, confirmed_by="investigator")
    assert [one.form_says for one in op.list_reconsent(trial, MANAGER)] == ["2"]
    late = screened_at(trial, AT_A, date(2024, 6, 11))
    waits = {one.subject_id: one.days_waiting for one in op.list_reconsent(trial, MANAGER)}
    assert waits == {here: 2, late: 1}, "nobody waits longer than the consent is old"
    op.withdraw(trial, AT_A, subject_id=late, date=date(2024, 6, 12), reason="Moved")
    assert op.list_reconsent(trial, AT_B) == []
    signed: dict[str, Any] = {"subject_id": here, "consent_version": "2"}
    for bad, match in (
        ({"consent_version": "7"}, "a version of the consent form"),
        ({"consent_version": "1"}, "a version of the consent form"),
        ({"signed_on": date(2024, 5, 1)}, "not before"),
        ({"signed_on": date(2025, 5, 1)}, "not after today"),
    ):
        with pytest.raises(OperationError, match=match):
            op.record_consent(trial, AT_A, **{**signed, "signed_on": date(2024, 6, 12), **bad})
    op.record_consent(trial, AT_A, **signed, signed_on=date(2024, 6, 12))
    assert op.list_reconsent(trial, MANAGER) == []
    with pytest.raises(OperationError, match="another version"):
        op.record_consent(trial, AT_A, **signed, signed_on=date(2024, 6, 12))
    with pytest.raises(OperationError, match="still in the study"):
        op.record_consent(trial, AT_A, subject_id=gone, consent_version="2", signed_on=date(2024, 6, 12))
    with pytest.raises(EntryError, match="the number of a subject of this study"):  # as of nobody's
        op.record_consent(trial, AT_B, subject_id=here, consent_version="2", signed_on=date(2024, 6, 12))
    assert there and op.verify_audit(trial).problems == ()


def test_who_is_dead_by_a_report_is_not_asked_to_consent_again(
    either: op.Trial, definition: Path, tmp_path: Path
) -> None:
    trial = ready(either)
    here = screened_at(trial, AT_A, date(2024, 6, 1))
    amend(trial, second_version(definition, tmp_path / "new"))
    activate(trial)
    advance(trial, date(2024, 6, 12))
    assert [line.subject_id for line in op.list_reconsent(trial, MANAGER)] == [here]
    noted = op.note_serious_event(trial, AT_A, subject_id=here, term="Stroke", aware_at=trial.clock.now())
    fatal = op.EventReport([Seriousness.DEATH], Severity.SEVERE, EventOutcome.FATAL)
    op.report_serious_event(trial, AT_A, number=noted.number, report=fatal)
    assert op.list_reconsent(trial, MANAGER) == []
