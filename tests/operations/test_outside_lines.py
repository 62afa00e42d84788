"""A trial's file with several sites, a line a visit, and days of randomization."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from trialkit import operations as op
from trialkit.access import Actor
from trialkit.clock import SimulatedClock
from trialkit.errors import TrialkitError
from trialkit.snapshot import read_snapshot
from trialkit.study import check_study, load_study
from trialkit.vocabulary import Role

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "acupuncture"
ADMIN = Actor("ada", Role.ADMINISTRATOR)
UNA = Actor("una", Role.UNBLINDED_STATISTICIAN)
OTHER_SITE = """[sites.FR]
name = "Practices in France"
kind = "primary care"
time_zone = "Europe/Paris"
target = 1

"""
LONG = """[import]
file = "long.csv"
source = "a trial in long form"
subject_column = "id"
site_column = "centre"
site_codes = { "1" = "UK", "2" = "FR" }
allocation_column = "group"
allocation_codes = { "1" = "acupuncture", "0" = "control" }
randomization_date_column = "randomized"
visit_column = "when"
visit_codes = { "0" = "baseline", "3" = "month_3", "12" = "month_12" }
missing_values = ["", "NA"]

[import.columns.age]
item = "age_years"
visit = "baseline"

[import.columns.score]
item = "headache_score"

[import.columns.days]
item = "headache_days"
missing_with = "score"
"""
HEADER = "id,centre,group,randomized,when,age,score,days"
LINES = (
    "100,1,1,2019-03-31,0,47,10.75,8",
    "100,1,1,2019-03-31,12,47,NA,3",
    "200,2,0,2019-04-02,0,52,9.5,4",
    "200,2,0,,3,NA,7,2",
)


def definition(folder: Path, mapping: str = LONG) -> Path:
    shutil.copytree(EXAMPLE, folder)
    text = (folder / "study.toml").read_text(encoding="utf-8")
    text = text[: text.index("[import]")] + mapping
    text = text.replace("[visits.baseline]", OTHER_SITE + "[visits.baseline]", 1)
    (folder / "study.toml").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def trial(tmp_path: Path) -> Iterator[op.Trial]:
    made = op.create_study(
        tmp_path / "study", definition=definition(tmp_path / "long"), administrator="ada", person_name="Ada"
    )
    op.add_account(made, ADMIN, login="una", person_name="Una", role=Role.UNBLINDED_STATISTICIAN)
    yield made
    made.close()


def data(folder: Path, *lines: str) -> Path:
    path = folder / "long.csv"
    path.write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")
    return path


def test_lines_of_one_subject_become_its_visits_at_its_site_from_its_day(
    trial: op.Trial, tmp_path: Path
) -> None:
    done = op.import_outside_data(trial, ADMIN, path=data(tmp_path, *LINES))
    assert (done.subjects, done.allocations, done.set_aside) == (2, 2, 1)
    found = read_snapshot(
        op.write_snapshot(trial, UNA, folder=tmp_path / "open", blinded=False).folder
    ).tables
    subjects = found["subjects"].set_index("subject_id")
    assert dict(subjects["site"]) == {"100": "UK", "200": "FR"}
    allocations = found["allocations"].set_index("subject_id")
    assert dict(allocations["planned_arm"]) == {"100": "acupuncture", "200": "control"}
    assert "2019-03-31" in set(subjects.loc["100"]) | set(allocations.loc["100"])
    values = found["values"].set_index(["subject_id", "visit", "item"])["value"]
    assert values["200", "month_3", "headache_score"] == "7"
    assert values["200", "baseline", "age_years"] == "52"
    forms = found["forms"].set_index(["subject_id", "visit", "form"])["status"]
    assert forms["100", "month_3", "headache"] == forms["100", "month_12", "headache"] == "not_done"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "100,1,1,2019-03-31,12,47,3,3",
            r":6:when: expected one line a subject and visit; found the visit of line 3",
        ),
        ("100,2,1,2019-03-31,3,47,3,3", r":6:centre: expected what an earlier line of the subject says, '1'"),
        (
            "100,1,0,2019-03-31,3,47,3,3",
            r":6:group: expected one allocation a subject; found lines that disagree",
        ),
        ("100,1,1,2019-03-31,3,48,3,3", r":6:age: expected what an earlier line of the subject says, '47'"),
        ("300,3,1,2019-03-31,0,48,3,3", r":6:centre: expected one of the sites 1, 2; found '3'"),
        ("300,1,1,2019-03-31,6,48,3,3", r":6:when: expected one of the visits 0, 3, 12; found '6'"),
        ("300,1,1,31/03/2019,0,48,3,3", r":6:randomized: expected a day written 2026-03-31"),
        ("300,1,1,2919-03-31,0,48,3,3", r":6:randomized: .*not in the future"),
    ],
)
def test_lines_that_do_not_fit_are_refused_whole(
    trial: op.Trial, tmp_path: Path, line: str, said: str
) -> None:
    before = op.present_anchor(trial)
    with pytest.raises(TrialkitError, match=said):
        op.import_outside_data(trial, ADMIN, path=data(tmp_path, *LINES, line))
    assert op.present_anchor(trial) == before


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('site_column = "centre"\n', "", "no site is stated"),
        ('site_column = "centre"\n', 'site = "UK"\n', "site_codes are stated and no site_column"),
        (
            'subject_column = "id"\n',
            'subject_column = "id"\nsite = "UK"\n',
            "a site is stated, and a site_column",
        ),
        ('"NA"]\n', '"NA"]\nignored_columns = ["when"]\n', "the column when is mapped and ignored"),
        (', "0" = "control"', "", "no code of group stands for the arm control"),
        ('"12" = "month_12"', '"12" = "month_3"', "the codes 3 and 12 both mean the visit month_3"),
        ("[import.columns.age]", "[import.columns.id]", "the column id says whose line it is, and is mapped"),
        ('visit_column = "when"', 'visit_column = "centre"', "the column centre says two things of a line"),
    ],
)
def test_the_check_of_the_definition_says_what_the_import_would(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    study = load_study(definition(tmp_path / "wrong", LONG.replace(old, new, 1)))
    details = [one.detail for one in check_study(study) if one.code == "import-cannot-be-made"]
    assert any(said in detail for detail in details)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"2" = "FR"', '"2" = "DE"', "a site"),
        ('"3" = "month_3"', '"3" = "month_4"', "a visit"),
        ('visit_column = "when"\n', "", "visit"),
    ],
)
def test_names_the_study_does_not_have_are_refused_when_it_is_read(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    with pytest.raises(TrialkitError, match=said):
        load_study(definition(tmp_path / "wrong", LONG.replace(old, new, 1)))


WRITTEN_OTHERWISE = {
    "numbers of a column with a hole": (
        ("100,1.0,1.0,2019-03-31,0.0,47.0,10.75,8.0", "100,1,1,2019-03-31,12.0,47,NA,3"),
        {},
    ),
    "a day with its midnight": (("100,1,1,2019-03-31 00:00:00,0,47,10.75,8",), {}),
    "day first": (("100,1,1,31/03/2019,0,47,10.75,8",), {"date_order": "dmy"}),
    "month first": (("100,1,1,03/31/2019,0,47,10.75,8",), {"date_order": "mdy"}),
    "year first with slashes": (("100,1,1,2019/3/31,0,47,10.75,8",), {}),
    "a decimal comma": (('100,1,1,2019-03-31,0,47,"10,75",8',), {"decimal_comma": True}),
    "commas in whole numbers and codes": (
        ('"100,0","1,0","1,0",2019-03-31,"0,0","47,0","10,75","8,0"',),
        {"decimal_comma": True},
    ),
    "a subject number with decimals": (("100.0,1,1,2019-03-31,0,47,10.75,8",), {}),
}


@pytest.mark.parametrize("way", WRITTEN_OTHERWISE)
def test_what_other_programs_write_otherwise_is_read_as_the_same(
    trial: op.Trial, tmp_path: Path, way: str
) -> None:
    lines, options = WRITTEN_OTHERWISE[way]
    op.import_outside_data(trial, ADMIN, path=data(tmp_path, *lines), **options)
    found = read_snapshot(
        op.write_snapshot(trial, UNA, folder=tmp_path / "open", blinded=False).folder
    ).tables
    values = found["values"].set_index(["subject_id", "visit", "item"])["value"]
    assert values["100", "baseline", "age_years"] == "47"
    assert values["100", "baseline", "headache_score"] == "10.75"
    subjects = found["subjects"].set_index("subject_id").loc["100"]
    assert "2019-03-31" in set(subjects) | set(found["allocations"].set_index("subject_id").loc["100"])


def test_a_comma_is_no_point_where_nobody_said_so(trial: op.Trial, tmp_path: Path) -> None:
    with pytest.raises(TrialkitError, match=":2:age: expected a whole number"):
        op.import_outside_data(trial, ADMIN, path=data(tmp_path, '100,1,1,2019-03-31,0,"47,0",10.75,8'))


def test_what_was_read_otherwise_is_said_with_how_often(trial: op.Trial, tmp_path: Path) -> None:
    lines = ("100.0,1,1,2019-03-31,0,47.0,10.75,8", "200.0,2,0,2019-04-02,0,52,9.5,4")
    done = op.import_outside_data(trial, ADMIN, path=data(tmp_path, *lines))
    assert "2 subject numbers written with decimals (1.0) read as whole numbers." in done.notes
    assert any(note.startswith("1 whole numbers written with decimals") for note in done.notes)


def test_one_subject_under_a_number_and_its_decimal_form_is_one(trial: op.Trial, tmp_path: Path) -> None:
    lines = ("100,1,1,2019-03-31,0,47,10.75,8", "100.0,1,1,2019-03-31,12,47,9,3")
    assert op.import_outside_data(trial, ADMIN, path=data(tmp_path, *lines)).subjects == 1


SEX = '[import.columns.sex]\nitem = "sex"\nvisit = "baseline"\ncodes = {codes}\n'
LOST = {
    "two codes of one level": (
        '[import.columns.score]',
        SEX.format(codes='{ "1" = "male", "2" = "male" }') + "[import.columns.score]",
        "the codes 1 and 2 of sex both mean 'male', and none means 'female'",
    ),
    "missing is a code of an item": (
        '"NA"]\n\n',
        '"NA", "male"]\n\n' + SEX.format(codes='{ "male" = "male", "f" = "female" }'),
        "missing_values holds 'male', which is a code of sex",
    ),
    "missing is a choice of an item": (
        '"NA"]\n\n', '"NA", "male"]\n\n' + SEX.format(codes="{}"), "which is a code of sex"
    ),
    "missing is a code of the arms": ('"NA"]', '"NA", "1"]', "holds '1', which is a code of group"),
    "missing is a code of a visit": ('"NA"]', '"NA", "12"]', "holds '12', which is a code of when"),
    "missing is a value within a range": ('"NA"]', '"NA", "20"]', "holds '20', which age_years may be"),
    "a visit left out": ('"0" = "baseline", ', "", "headache is asked at baseline, which no code of when"),
    "another visit left out": (', "12" = "month_12"', "", "asked at month_12, which no code of when means"),
}  # fmt: skip


LEFT_OUT = {
    "a level without a code": (
        "[import.columns.score]",
        SEX.format(codes='{ "1" = "male" }') + "[import.columns.score]",
        "no code of sex means 'female' of sex",
    ),
    "the other level": (
        "[import.columns.score]",
        SEX.format(codes='{ "w" = "female" }') + "[import.columns.score]",
        "no code of sex means 'male' of sex",
    ),
    "a site": (', "2" = "FR" }', " }", "no code of centre means the site FR"),
}


@pytest.mark.parametrize("case", LEFT_OUT)
def test_the_check_of_the_definition_says_what_no_code_of_the_file_means(tmp_path: Path, case: str) -> None:
    old, new, said = LEFT_OUT[case]
    assert old in LONG
    study = load_study(definition(tmp_path / "short", LONG.replace(old, new, 1)))
    assert said in {f.code: f.detail for f in check_study(study)}["import-leaves-something-out"]
    whole = load_study(definition(tmp_path / "whole"))
    left = {f.code: f.detail for f in check_study(whole)}.get("import-leaves-something-out", "")
    assert "no code" not in left


def test_a_column_missing_with_itself_is_found_before_founding(tmp_path: Path) -> None:
    wrong = LONG.replace('missing_with = "score"', 'missing_with = "days"', 1)
    found = {one.code: one.detail for one in check_study(load_study(definition(tmp_path / "wrong", wrong)))}
    assert "days is said to be missing with itself" in found["import-loses-values"]


@pytest.mark.parametrize(
    ("text", "order", "day"),
    [
        ("2025-01-13 13:30", "ymd", "2025-01-13"),
        ("2025-01-13T13:30:59.5", "ymd", "2025-01-13"),
        ("2025-01-13T00:00:00", "ymd", "2025-01-13"),
        ("13/01/2025 8:05", "dmy", "2025-01-13"),
        ("13jan2025", "ymd", "2025-01-13"),
        ("3-MAR-2025", "ymd", "2025-03-03"),
        ("2025/1/3", "ymd", "2025-01-03"),
    ],
)
def test_a_day_nobody_doubts_is_read(
    trial: op.Trial, tmp_path: Path, text: str, order: str, day: str
) -> None:
    path = data(tmp_path, f"100,1,1,{text},0,47,10.75,8")
    op.import_outside_data(trial, ADMIN, path=path, date_order=order)
    found = read_snapshot(
        op.write_snapshot(trial, UNA, folder=tmp_path / "open", blinded=False).folder
    ).tables
    told = (
        found["subjects"].astype(str).to_numpy().tolist()
        + found["allocations"].astype(str).to_numpy().tolist()
    )
    assert any(day in row for row in told)


def test_a_day_is_to_come_when_it_has_begun_nowhere(trial: op.Trial, tmp_path: Path) -> None:
    """By the study's clock, and wherever the server stands: the file is of somebody else's country."""
    trial = replace(trial, clock=SimulatedClock(datetime(2027, 1, 12, 11, tzinfo=UTC)))
    path = data(tmp_path, "100,1,1,2027-01-14,0,47,10.75,8")
    with pytest.raises(TrialkitError, match="still to come"):
        op.import_outside_data(trial, ADMIN, path=path)
    path = data(tmp_path, "100,1,1,2027-01-13,0,47,10.75,8")
    assert op.import_outside_data(trial, ADMIN, path=path).subjects == 1


@pytest.mark.parametrize(
    ("text", "order", "step"),
    [
        ("13/01/2025", "ymd", "Say with --date-order"),
        ("13.01.25", "ymd", "the year in four digits"),
        ("13.01.25", "dmy", "the year in four digits"),
        ("2999-01-13", "ymd", "still to come"),
        ("13jan2999", "ymd", "still to come"),
        ("2025-02-30", "ymd", "no day of the calendar in the order ymd"),
        ("01/13/2025", "dmy", "no day of the calendar in the order dmy"),
        ("13 xyz 2025", "ymd", "in figures"),
        ("45670", "ymd", "in figures"),
        ("soon", "dmy", "in figures"),
    ],
)
def test_a_day_that_cannot_be_read_is_answered_with_the_step_that_helps(
    trial: op.Trial, tmp_path: Path, text: str, order: str, step: str
) -> None:
    path = data(tmp_path, f"100,1,1,{text},0,47,10.75,8")
    with pytest.raises(TrialkitError, match=step) as refusal:
        op.import_outside_data(trial, ADMIN, path=path, date_order=order)
    assert ("--date-order" in str(refusal.value)) == ("--date-order" in step)


@pytest.mark.parametrize("case", LOST)
def test_the_check_of_the_definition_says_what_the_import_would_lose(tmp_path: Path, case: str) -> None:
    old, new, said = LOST[case]
    assert old in LONG
    study = load_study(definition(tmp_path / "wrong", LONG.replace(old, new, 1)))
    found = {one.code: one.detail for one in check_study(study)}
    assert said in found.get("import-leaves-a-visit-out" if "left out" in case else "import-loses-values", "")


def test_two_codes_of_one_level_where_none_is_left_out_are_no_slip(tmp_path: Path) -> None:
    codes = '{ "1" = "male", "2" = "male", "3" = "female" }'
    mapping = LONG.replace("[import.columns.score]", SEX.format(codes=codes) + "[import.columns.score]", 1)
    study = load_study(definition(tmp_path / "right", mapping))
    assert not {"import-loses-values", "import-leaves-a-visit-out"} & {f.code for f in check_study(study)}
