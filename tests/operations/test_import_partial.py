"""A file of which some rows cannot be taken: the forms without fault go in, the others are named."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from chain import COORDINATOR, FIRST, SECOND

from trialkit import operations as op
from trialkit.entry.errors import EntryError
from trialkit.operations import import_parts

FORM = {"visit": "baseline", "form": "vas"}


@pytest.fixture
def people(trial: op.Trial) -> list[str]:
    return [
        op.enrol(trial, COORDINATOR, site="A", consent_date=date(2023, 12, 1)).subject_id for _ in range(5)
    ]


def _file(folder: Path, *lines: str, name: str = "vas.csv") -> Path:
    path = folder / name
    path.write_text("\n".join(["subject_id,vas_mm", *lines]) + "\n", encoding="utf-8")
    return path


def _in(trial: op.Trial) -> set[tuple[str, str]]:
    forms = op.forms_now(trial, COORDINATOR)
    return {(form.subject_id, form.form) for form in forms if str(form.status) != "expected"}


@pytest.mark.parametrize("largest", [10_000, 2], ids=["one act", "in parts"])
def test_forms_about_which_nothing_is_wrong_are_taken_and_every_refusal_is_named(
    trial: op.Trial, people: list[str], tmp_path: Path, largest: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_parts, "LARGEST_ACT", largest)
    one, two, three, four, five = people
    op.import_pass(trial, FIRST, path=_file(tmp_path, f"{five},9", name="before.csv"), **FORM)
    rows = (f"{one},40", f"{two},4O", "A-099,50", f"{three},60", f"{four},1", f"{four},2", f"{five},9")
    path = _file(tmp_path, *rows)
    before = op.present_anchor(trial)
    with pytest.raises(EntryError) as whole:
        op.import_pass(trial, FIRST, path=path, **FORM)
    assert op.present_anchor(trial) == before, "all or none"
    done = op.import_pass(trial, FIRST, path=path, partial=True, **FORM)
    assert (done.forms, done.first_passes) == (2, 2)
    said = [str(refusal) for refusal in done.refused]
    assert len(said) == 3, said
    for number, words in ((3, "'4O'"), (4, "'A-099'"), (7, "the row of line 6 again")):
        assert any(f"vas.csv:{number}" in one and words in one for one in said), said
    assert done.in_already == 1 and not any(five in one for one in said), said
    assert len(whole.value.also) == 2, "the refusals of the file; that of the form there is asked later"
    assert {who for who, form in _in(trial) if form == "vas"} == {one, three, five}
    assert "1 form of the file was in already as the file has it." in done.notes
    assert "3 forms of the file were left out, and nothing of them is in." in done.notes
    assert op.verify_audit(trial).problems == ()


def test_the_same_file_goes_on_once_what_was_amiss_is_mended(
    trial: op.Trial, people: list[str], tmp_path: Path
) -> None:
    path = _file(tmp_path, f"{people[0]},40", "A-050,50")
    assert op.import_pass(trial, FIRST, path=path, partial=True, **FORM).first_passes == 1
    op.enrol(trial, COORDINATOR, site="A", consent_date=date(2023, 12, 1), subject_id="A-050")
    with pytest.raises(
        EntryError, match="Some of its forms are in already; an import in part takes the others"
    ):
        op.import_pass(trial, FIRST, path=path, **FORM)
    again = op.import_pass(trial, FIRST, path=path, partial=True, **FORM)
    assert (again.first_passes, again.in_already, again.refused) == (1, 1, ())
    before = op.present_anchor(trial)
    third = op.import_pass(trial, FIRST, path=path, partial=True, **FORM)
    assert (third.forms, third.in_already, third.refused) == (0, 2, ())
    assert op.present_anchor(trial) == before, "nothing was to be done, and nothing was written"
    with pytest.raises(EntryError, match="This file is in"):
        op.import_pass(trial, FIRST, path=path, **FORM)


def test_where_nothing_can_be_taken_or_all_of_it_is_wrong_it_is_refused(
    trial: op.Trial, people: list[str], tmp_path: Path
) -> None:
    with pytest.raises(EntryError, match="'x'") as refused:
        path = _file(tmp_path, f"{people[0]},x", f"{people[1]},y")
        op.import_pass(trial, FIRST, path=path, partial=True, **FORM)
    assert len(refused.value.also) == 1
    with pytest.raises(EntryError, match="items of form vas"):
        other = tmp_path / "other.csv"
        other.write_text(f"subject_id,vas_mm,more\n{people[0]},1,2\n", encoding="utf-8")
        op.import_pass(trial, SECOND, path=other, partial=True, **FORM)


def test_a_repeating_form_is_never_taken_without_one_of_its_lines(
    trial: op.Trial, people: list[str], tmp_path: Path
) -> None:
    path = tmp_path / "conmed.csv"
    head = "subject_id,visit,cm_line,cm_drug,cm_class,cm_indication,cm_rescue,cm_daily_dose_mg,cm_start_date,"
    line = "{},{},{},paracetamol,analgesic,LBP,0,1000,2024-01,1,"
    lines = [
        line.format(people[0], "week_6", "1"),
        line.format(people[0], "week_6", ""),  # a line without its number
        line.format(people[1], "week_6", "1"),
        line.format(people[2], "week_6", "1"),
        line.format(people[2], "week6", "2"),  # at which visit?
    ]
    path.write_text("\n".join([head + "cm_ongoing,cm_end_date", *lines]) + "\n", encoding="utf-8")
    done = op.import_pass(trial, FIRST, path=path, form="conmed", partial=True)
    assert (done.forms, len(done.refused)) == (1, 2)
    assert {who for who, form in _in(trial) if form == "conmed"} == {people[1]}


@pytest.mark.parametrize("largest", [10_000, 2], ids=["one act", "in parts"])
def test_of_each_form_it_is_said_whether_it_is_in_as_the_file_has_it_or_otherwise(
    trial: op.Trial, people: list[str], tmp_path: Path, largest: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_parts, "LARGEST_ACT", largest)
    rows = [f"{who},{place}" for place, who in enumerate(people)]
    op.import_pass(trial, FIRST, path=_file(tmp_path, *rows[:4], name="first.csv"), **FORM)
    rows[0] = f"{people[0]},77"
    done = op.import_pass(trial, FIRST, path=_file(tmp_path, *rows, name="again.csv"), partial=True, **FORM)
    (refused,) = done.refused
    assert people[0] in refused.where and "the same account for both" in str(refused)
    assert (done.forms, done.in_already) == (1, 3)
    told = ("3 forms of the file were in already as the file has them.",
            "1 form of the file was left out, and nothing of it is in.")  # fmt: skip
    assert set(told) <= set(done.notes)


def test_lines_of_whom_the_file_has_no_form_are_counted_among_those_left_out(
    trial: op.Trial, people: list[str], tmp_path: Path
) -> None:
    path = tmp_path / "vas.csv"
    lines = [f"{people[0]},baseline,1", f"{people[1]},base,2", "A-77,baseline,3", ",baseline,4"]
    path.write_text("\n".join(["subject_id,visit,vas_mm", *lines]) + "\n", encoding="utf-8")
    done = op.import_pass(trial, FIRST, path=path, form="vas", partial=True)
    assert (done.forms, len(done.refused)) == (1, 3)
    assert "3 forms of the file were left out, and nothing of them is in." in done.notes


def test_a_form_that_is_refused_takes_no_other_visit_of_its_subject_with_it(
    trial: op.Trial, people: list[str], tmp_path: Path
) -> None:
    op.import_pass(trial, FIRST, path=_file(tmp_path, f"{people[0]},40"), **FORM)
    path = tmp_path / "both.csv"
    path.write_text(
        f"subject_id,visit,vas_mm\n{people[0]},baseline,41\n{people[0]},week_6,30\n", encoding="utf-8"
    )
    done = op.import_pass(trial, FIRST, path=path, form="vas", partial=True)
    assert (done.forms, [one.where for one in done.refused]) == (1, [f"{people[0]}/baseline/vas"])
