"""A trial that was randomized and run elsewhere: imported as data, its allocations never as slots."""

from __future__ import annotations

from pathlib import Path

import pytest

from trialkit import operations as op
from trialkit.access import Actor, Authentication
from trialkit.errors import EntryError, OperationError, TrialkitError
from trialkit.snapshot import read_snapshot
from trialkit.store.reading.allocations import allocations
from trialkit.vocabulary import Role

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "acupuncture"
ADMIN = Actor("ada", Role.ADMINISTRATOR)
HEADER = "id,age,sex,migraine,chronicity,acupuncturist,practice_id,group,pk1,pk2,pk5,f1,f2,f5"
LINES = ("100,47,1,1,35,12,35,1,10.75,,,8,0,0", "101,52,0,1,8,12,35,0,9.5,,,4,,")


@pytest.fixture
def trial(tmp_path: Path) -> op.Trial:
    made = op.create_study(
        tmp_path / "study", definition=EXAMPLE, administrator="ada", person_name="Ada Admin"
    )
    op.add_account(made, ADMIN, login="una", person_name="Una", role=Role.UNBLINDED_STATISTICIAN)
    yield made
    made.close()


def _file(folder: Path, *lines: str, header: str = HEADER) -> Path:
    path = folder / "acupuncture.csv"
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


def test_every_line_becomes_a_subject_with_forms_and_a_sealed_allocation(
    trial: op.Trial, tmp_path: Path
) -> None:
    done = op.import_outside_data(trial, ADMIN, path=_file(tmp_path, *LINES))
    assert (done.subjects, done.allocations, done.forms, done.forms_not_done) == (2, 2, 4, 4)
    assert done.set_aside == 2  # days of the first line where its score is missing
    una = Actor("una", Role.UNBLINDED_STATISTICIAN)
    tables = read_snapshot(
        op.write_snapshot(trial, una, folder=tmp_path / "open", blinded=False).folder
    ).tables
    arms = tables["allocations"].set_index("subject_id")["planned_arm"]
    assert dict(arms) == {"100": "acupuncture", "101": "control"}
    values = tables["values"].set_index(["subject_id", "visit", "item"])["value"]
    assert values["100", "baseline", "headache_score"] == "10.75"
    assert values["101", "baseline", "sex"] == "male"
    forms = tables["forms"].set_index(["subject_id", "visit", "form"])["status"]
    assert forms["101", "month_12", "headache"] == "not_done"
    assert op.verify_audit(trial).whole


def test_an_allocation_made_outside_takes_no_slot_and_opens_under_its_own_name(
    trial: op.Trial, tmp_path: Path
) -> None:
    op.import_outside_data(trial, ADMIN, path=_file(tmp_path, *LINES))
    with trial.store.reading() as reader:
        sealed = allocations(reader, trial.study.id)
    assert {one.slot.stratum for one in sealed.values()} == {"external/100", "external/101"}
    assert all(b"acupuncture" not in one.slot.sealed for one in sealed.values())
    with pytest.raises(OperationError, match="made outside"):
        op.randomize(trial, ADMIN, subject_id="100", stratum_values={})


@pytest.mark.parametrize(
    ("lines", "header", "said"),
    [
        ((), HEADER, "expected at least one subject"),
        ((LINES[0], LINES[0]), HEADER, ":3:id: expected each subject once; found '100' of line 2 again"),
        (("100,47,1,1,35,12,35,2,1,,,8,0,0",), HEADER, ":2:group: expected one of the codes 1, 0"),
        (("100,47,3,1,35,12,35,1,1,,,8,0,0",), HEADER, ":2:sex"),
        (("100,old,1,1,35,12,35,1,1,,,8,0,0",), HEADER, ":2:age: expected a whole number"),
        (("100,47,1,1,35,12,35,1,1,,,8,0,0,9",), HEADER + ",extra", "'extra'"),
        (("100,47,1,1,35,12,35,1,1,,,8,0",), HEADER.replace(",f5", ""), "the column 'f5'"),
        (("100,47,1,1,35,12,35,1,1,,2;5,8,0,0",), HEADER, ":2:pk5: expected a number with a decimal point"),
        (("100,47,1,1,35,99,35,1,1,,,8,0,0",), HEADER, ":2:acupuncturist: expected one of the codes 1, 2"),
        ((LINES[0], "101,52,0,1,8,12"), HEADER, ":3: expected 14 fields as in the header; found 6"),
        ((LINES[0], LINES[1].replace("101", "")), HEADER, ":3:id: expected a subject number"),
    ],
)
def test_a_file_that_does_not_fit_its_mapping_is_refused_whole(
    trial: op.Trial, tmp_path: Path, lines: tuple[str, ...], header: str, said: str
) -> None:
    before = op.present_anchor(trial)
    with pytest.raises(TrialkitError, match=said):
        op.import_outside_data(trial, ADMIN, path=_file(tmp_path, *lines, header=header))
    assert op.present_anchor(trial) == before


def test_bytes_of_another_encoding_are_refused_with_their_line(trial: op.Trial, tmp_path: Path) -> None:
    before = op.present_anchor(trial)
    path = tmp_path / "acupuncture.csv"
    path.write_bytes(f"{HEADER}\n{LINES[0]}\n".encode() + "101,52\u00a0".encode("cp1252"))
    with pytest.raises(TrialkitError, match=r":3:age \(byte \d+\): expected UTF-8 text"):
        op.import_outside_data(trial, ADMIN, path=path)
    assert op.present_anchor(trial) == before


def test_it_is_imported_once(trial: op.Trial, tmp_path: Path) -> None:
    op.import_outside_data(trial, ADMIN, path=_file(tmp_path, *LINES))
    with pytest.raises(EntryError, match="not in the study yet"):
        op.import_outside_data(trial, ADMIN, path=_file(tmp_path, *LINES))


def test_a_simulated_person_is_refused_in_a_study_that_is_no_demonstration(trial: op.Trial) -> None:
    ghost = Actor("ada", Role.ADMINISTRATOR, None, Authentication.SIMULATED)
    with pytest.raises(TrialkitError, match="people who exist"):
        op.add_account(trial, ghost, login="x", person_name="X", role=Role.MONITOR)


@pytest.mark.external_reference
def test_the_published_file_of_401_subjects_goes_in(trial: op.Trial, shared: Path) -> None:
    done = op.import_outside_data(trial, ADMIN, path=shared / "reference" / "acupuncture.csv")
    assert (done.subjects, done.allocations) == (401, 401)


def test_everything_wrong_in_a_file_is_named_at_once(trial: op.Trial, tmp_path: Path) -> None:
    """Three kinds of fault in three lines, of the person, of an item and of the line itself."""
    lines = (
        "100,ten,1,1,35,12,35,1,nine,,,8,0,0",
        "101,52,0,1,8,12,35,9,9.5,,,4x,,",
        "1 2,52,0,1,8,12,35,1,9.5,,,4,,",
        "100,50,1,1,35,12,35,1,1,,,8,0,0",
    )
    with pytest.raises(EntryError) as found:
        op.import_outside_data(trial, ADMIN, path=_file(tmp_path, *lines))
    told = [str(error) for error in (found.value, *found.value.also)]
    places = [":2:age", ":2:pk1", ":3:group", ":3:f1", ":4:id", ":5:id"]
    assert len(told) == len(places), told
    for place in places:
        assert any(place in line for line in told), place


@pytest.mark.parametrize("number", ["0100", "00100"])
def test_a_number_written_in_two_ways_is_no_second_person(
    trial: op.Trial, tmp_path: Path, number: str
) -> None:
    again = LINES[1].replace(LINES[1].partition(",")[0], number, 1)
    with pytest.raises(EntryError, match=f":3:id: expected the number 100 as it is .*found '{number}'"):
        op.import_outside_data(trial, ADMIN, path=_file(tmp_path, LINES[0], again))


@pytest.mark.parametrize(
    ("one", "other"), [("P1", "P001"), ("p-07", "P-7"), ("1.05", "01.5"), ("A0b2", "a0B02")]
)
def test_zeros_behind_letters_make_no_second_person(
    trial: op.Trial, tmp_path: Path, one: str, other: str
) -> None:
    lines = [
        line.replace(line.partition(",")[0], number, 1)
        for line, number in zip(LINES[:2], (one, other), strict=True)
    ]
    with pytest.raises(EntryError, match=f":3:id: expected the number {one} as it is .*found '{other}'"):
        op.import_outside_data(trial, ADMIN, path=_file(tmp_path, *lines))


def test_all_columns_that_do_not_fit_are_named_at_once(trial: op.Trial, tmp_path: Path) -> None:
    header = HEADER.replace("pk5", "pk_5").replace("f2", "f_2")
    with pytest.raises(EntryError) as found:
        op.import_outside_data(trial, ADMIN, path=_file(tmp_path, *LINES, header=header))
    told = " ".join(str(error) for error in (found.value, *found.value.also))
    assert all(name in told for name in ("'pk5'", "'pk_5'", "'f2'", "'f_2'"))


def test_a_column_with_a_hole_as_statistics_programs_write_it_is_read(
    trial: op.Trial, tmp_path: Path
) -> None:
    lines = ("100,47.0,1.0,1.0,35.0,12.0,35,1.0,10.75,,,8.0,0,0", "101,52,0,1,8,12,35,0,9.5,,,4,,")
    done = op.import_outside_data(trial, ADMIN, path=_file(tmp_path, *lines))
    assert (done.subjects, done.allocations) == (2, 2)


def test_a_decimal_comma_is_read_where_the_command_says_so(trial: op.Trial, tmp_path: Path) -> None:
    line = LINES[0].replace("10.75", '"10,75"')
    with pytest.raises(EntryError, match="pk1: expected a number with a decimal point"):
        op.import_outside_data(trial, ADMIN, path=_file(tmp_path, line))
    assert op.import_outside_data(trial, ADMIN, path=_file(tmp_path, line), decimal_comma=True).subjects == 1
