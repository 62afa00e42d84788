"""Branching on another form, another visit, a calculation or a line: the final record decides, and again."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from branching_study import founded, row as row_of
from chain import (
    ADJUDICATOR,
    ADMIN,
    COORDINATOR,
    FIRST,
    MANAGER,
    SECOND,
    UNBLINDED,
    Role,
    make_list,
    person as of_role,
)

from trialkit import operations as op
from trialkit.entry import AdjudicationChoice, QueryStatus, ReasonCode
from trialkit.interchange.data_export import NotAsked, form_table
from trialkit.operations.form_record import form_record

ITEMS = [
    row_of("rec", "person", required=""),
    row_of("sex", "person", kind="radio", codes="1, Male | 2, Female"),
    row_of("kg", "person", check="number"),
    row_of("cm", "person", check="number"),
    row_of("bmi", "person", kind="calc", codes="[kg] / ([cm] / 100) ^ 2", required=""),
    row_of("obese", "person", "[bmi] > 30"),
    row_of("men", "person", "[sex] = '1'"),
    row_of("smokes", "habits", kind="yesno"),
    row_of("line", "drugs", check="integer"),
    row_of("drug", "drugs"),
    row_of("other", "drugs", "[drug] = 'other'"),
    row_of("woman", "drugs", "[sex] = '2'"),
    row_of("strong", "dose", kind="yesno"),
    row_of("same_visit", "more", "[smokes] = '1'"),
    row_of("one_visit", "more", "[sex] = '2'"),
    row_of("named_visit", "more", "[base][smokes] = '1'"),
    row_of("own_visit", "more", "[base][named_visit] = 'x'"),
    row_of("calculated", "more", "[bmi] > 30"),
    row_of("filled", "more", "[sex] <> ''"),
    row_of("both", "more", "[keep] = 'y' and [sex] = '2'", required=""),
    row_of("keep", "more", required=""),
    row_of("of_lines", "more", "[drug] = 'other'"),
    row_of("of_an_arm", "more", "[strong] = '1'"),
]
PERSON = {"sex": "1", "kg": "60", "cm": "180", "obese": "", "men": "x"}
MORE = {line.split('"')[1]: "" for line in ITEMS if '"more"' in line}


@pytest.fixture
def trial(tmp_path: Path) -> Iterator[op.Trial]:
    with founded(tmp_path, ITEMS) as known:
        yield known


def person(trial: op.Trial, **values: str) -> None:
    for who in (FIRST, SECOND):
        row = op.EnteredRow({**PERSON, **values})
        op.enter_pass(trial, who, entry=op.FormEntry("X-001", "base", "person", (row,)))


def single(trial: op.Trial, visit: str, form: str, *rows: Mapping[str, str]) -> tuple[str, ...]:
    entry = op.FormEntry("X-001", visit, form, tuple(op.EnteredRow(row) for row in rows))
    done = op.enter_passes(trial, COORDINATOR, entries=[entry], confirmed=True, confirmed_by="investigator")
    return tuple(str(flag) for flag in done.flags)


def states(trial: op.Trial, tmp_path: Path) -> dict[tuple[str, str, str], str]:
    """(visit, row, item) -> state, of a snapshot taken now."""
    folder = tmp_path / f"snapshot{len(list(tmp_path.iterdir()))}"
    op.write_snapshot(trial, UNBLINDED, folder=folder, blinded=False)
    with next(folder.rglob("values.csv")).open(encoding="utf-8", newline="") as handle:
        return {(row["visit"], row["row"], row["item"]): row["state"] for row in csv.DictReader(handle)}


def correct(trial: op.Trial, visit: str, form: str, item: str, value: str, row: str = "") -> op.Corrected:
    return op.correct(
        trial, COORDINATOR, subject_id="X-001", visit=visit, form=form, item=item, value=value, row=row,
        reason="misread",
    )  # fmt: skip


def asked(trial: op.Trial, check: str) -> set[tuple[str, str, str]]:
    """Where an open query of a check asks: visit, row, item."""
    op.raise_queries(trial, MANAGER)
    open_ones = op.list_queries(trial, MANAGER, check=check, status=[QueryStatus.OPEN])
    return {(query.visit, query.row, query.item) for query in open_ones}


@dataclass(frozen=True)
class Case:
    """What decides at baseline, and at which visits it makes a blank not applicable, or one asked for."""

    item: str
    person: Mapping[str, str]
    smokes: Mapping[str, str]
    not_asked: tuple[str, ...]


CASES = [
    Case("same_visit", {}, {"base": "0", "m1": "1"}, ("base",)),
    Case("same_visit", {}, {"base": "1", "m1": "0"}, ("m1",)),
    Case("one_visit", {"sex": "1"}, {}, ("base", "m1")),
    Case("one_visit", {"sex": "2"}, {}, ()),
    Case("one_visit", {"sex": "@unknown"}, {}, ()),
    Case("named_visit", {}, {"base": "0", "m1": "1"}, ("base", "m1")),
    Case("named_visit", {}, {"base": "1", "m1": "0"}, ()),
    Case("calculated", {"kg": "60"}, {}, ("base", "m1")),
    Case("calculated", {"kg": "120", "obese": "x"}, {}, ()),
    Case("calculated", {"kg": "@unknown"}, {}, ()),
    Case("filled", {"sex": "1"}, {}, ()),
    Case("both", {"sex": "1"}, {}, ("base", "m1")),
    Case("of_lines", {}, {}, ()),  # several lines: nobody can tell which is meant
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.item}-{case.person}-{case.smokes}")
def test_a_blank_means_what_branching_elsewhere_says(trial: op.Trial, tmp_path: Path, case: Case) -> None:
    for visit in ("base", "m1"):
        single(trial, visit, "more", {**MORE, "keep": "y"})
        single(trial, visit, "habits", {"smokes": case.smokes.get(visit, "0")})
    person(trial, **case.person)
    found = states(trial, tmp_path)
    for visit in ("base", "m1"):
        expected = "not_applicable" if visit in case.not_asked else "blank"
        assert found[visit, "", case.item] == expected, visit
    if case.item not in ("both", "of_lines"):
        wanted = {visit for visit in ("base", "m1") if visit not in case.not_asked}
        assert {visit for visit, _, item in asked(trial, "required") if item == case.item} == wanted


def test_what_is_not_there_yet_neither_refuses_nor_flags(trial: op.Trial, tmp_path: Path) -> None:
    flags = single(trial, "m1", "more", MORE)
    assert not [flag for flag in flags if "required" in flag or "branching" in flag]
    assert {state for (_, _, item), state in states(trial, tmp_path).items() if item in MORE} == {"blank"}
    assert {item for _, _, item in asked(trial, "required")} == {"of_lines"}


def test_half_of_what_decides_decides_where_it_is_false(trial: op.Trial, tmp_path: Path) -> None:
    single(trial, "base", "more", {**MORE, "keep": "n"})
    assert states(trial, tmp_path)["base", "", "both"] == "not_applicable"


def test_an_open_discrepancy_decides_nothing_until_somebody_did(trial: op.Trial, tmp_path: Path) -> None:
    for who, sex in ((FIRST, "1"), (SECOND, "2")):
        row = op.EnteredRow({**PERSON, "sex": sex, "men": ""})
        op.enter_pass(trial, who, entry=op.FormEntry("X-001", "base", "person", (row,)))
    single(trial, "base", "more", MORE)
    assert states(trial, tmp_path)["base", "", "one_visit"] == "blank"
    assert not {("base", "", "one_visit"), ("base", "", "men")} & asked(trial, "required")
    verdict = op.Verdict(
        "X-001", "base", "person", "", "sex", AdjudicationChoice.FIRST, ReasonCode.TYPING_ERROR
    )
    op.adjudicate(trial, ADJUDICATOR, verdicts=[verdict])
    found = states(trial, tmp_path)
    assert found["base", "", "one_visit"] == "not_applicable"
    assert found["base", "", "men"] == "blank"
    assert ("base", "", "men") in asked(trial, "required")


def test_the_second_entry_decides_on_the_same_form_too(trial: op.Trial, tmp_path: Path) -> None:
    """The first pass did not ask, by a slip: what was left blank is asked for once the slip is put right."""
    for who, sex in ((FIRST, "2"), (SECOND, "1")):
        row = op.EnteredRow({**PERSON, "sex": sex, "men": ""})
        op.enter_pass(trial, who, entry=op.FormEntry("X-001", "base", "person", (row,)))
    verdict = op.Verdict(
        "X-001", "base", "person", "", "sex", AdjudicationChoice.SECOND, ReasonCode.TYPING_ERROR
    )
    op.adjudicate(trial, ADJUDICATOR, verdicts=[verdict])
    assert states(trial, tmp_path)["base", "", "men"] == "blank"


def test_a_correction_elsewhere_asks_at_once_and_settles(trial: op.Trial, tmp_path: Path) -> None:
    single(trial, "m1", "more", MORE)
    person(trial, sex="1")
    assert states(trial, tmp_path)["m1", "", "one_visit"] == "not_applicable"
    corrected = correct(trial, "base", "person", "sex", "2")
    about = {query.item for query in op.list_queries(trial, MANAGER) if query.number in corrected.asked_again}
    assert "one_visit" in about and "same_visit" not in about
    assert states(trial, tmp_path)["m1", "", "one_visit"] == "blank"
    correct(trial, "base", "person", "sex", "1")
    settled = op.raise_queries(trial, MANAGER).settled
    items = {query.item for query in op.list_queries(trial, MANAGER) if query.number in settled}
    assert "one_visit" in items
    assert states(trial, tmp_path)["m1", "", "one_visit"] == "not_applicable"


def test_a_value_that_was_not_asked_for_is_taken_and_asked_about(trial: op.Trial, tmp_path: Path) -> None:
    assert not [
        flag for flag in single(trial, "m1", "more", {**MORE, "one_visit": "x"}) if "one_visit" in flag
    ]
    assert ("m1", "", "one_visit") not in asked(trial, "not_asked")
    person(trial, sex="1")
    assert ("m1", "", "one_visit") in asked(trial, "not_asked")
    assert states(trial, tmp_path)["m1", "", "one_visit"] == "value"
    flags = single(trial, "base", "more", {**MORE, "one_visit": "x"})  # nobody who types is told of the other
    assert not [flag for flag in flags if "one_visit" in flag]


def test_an_adjudicated_blank_is_odd_only_where_its_own_form_asks_for_it(trial: op.Trial) -> None:
    for who, text in ((FIRST, "x"), (SECOND, "y")):
        row = op.EnteredRow({**PERSON, "sex": "1", "obese": text, "men": text})
        op.enter_pass(trial, who, entry=op.FormEntry("X-001", "base", "person", (row,)))
    verdicts = [
        op.Verdict(
            "X-001", "base", "person", "", item, AdjudicationChoice.NEW_VALUE, ReasonCode.TYPING_ERROR, ""
        )
        for item in ("obese", "men")
    ]
    flags = op.adjudicate(trial, ADJUDICATOR, verdicts=verdicts).flags
    assert [flag.item for flag in flags] == ["men"]


def test_a_correction_is_told_what_the_record_asks_for(trial: op.Trial) -> None:
    single(trial, "m1", "more", {**MORE, "one_visit": "x"})
    person(trial, sex="1")
    (flag,) = correct(trial, "m1", "more", "one_visit", "y").flags
    assert "entered although branching does not ask for it" in str(flag)
    assert not correct(trial, "m1", "more", "one_visit", "").flags
    correct(trial, "base", "person", "sex", "2")
    correct(trial, "m1", "more", "one_visit", "z")
    (flag,) = correct(trial, "m1", "more", "one_visit", "").flags
    assert "required, and blank" in str(flag)


def test_each_line_has_its_own(trial: op.Trial, tmp_path: Path) -> None:
    person(trial, sex="1")
    single(
        trial, "base", "drugs",
        {"line": "1", "drug": "aspirin", "other": "", "woman": ""},
        {"line": "2", "drug": "other", "other": "", "woman": "x"},
    )  # fmt: skip
    found = states(trial, tmp_path)
    assert found["base", "1", "other"] == "not_applicable" and found["base", "2", "other"] == "blank"
    assert found["base", "1", "woman"] == "not_applicable" and found["base", "2", "woman"] == "value"
    assert ("base", "2", "other") in asked(trial, "required")
    assert ("base", "2", "woman") in asked(trial, "not_asked")
    correct(trial, "base", "drugs", "drug", "other", row="1")
    assert states(trial, tmp_path)["base", "1", "other"] == "blank"


def test_a_value_kept_as_written_is_missing_and_decides_nothing(trial: op.Trial, tmp_path: Path) -> None:
    person(trial, sex="@as_written:M?")
    single(trial, "base", "more", MORE)
    assert states(trial, tmp_path)["base", "", "one_visit"] == "blank"


def test_a_form_that_is_gone_decides_no_more(trial: op.Trial, tmp_path: Path) -> None:
    single(trial, "base", "more", MORE)
    single(trial, "base", "habits", {"smokes": "0"})
    assert states(trial, tmp_path)["base", "", "same_visit"] == "not_applicable"
    op.void_pass(trial, MANAGER, subject_id="X-001", visit="base", form="habits", reason="of somebody else")
    assert states(trial, tmp_path)["base", "", "same_visit"] == "blank"


def test_both_doors_out_say_that_it_was_not_asked(trial: op.Trial, tmp_path: Path) -> None:
    single(trial, "base", "more", MORE)
    person(trial, sex="1")
    op.write_snapshot(trial, MANAGER, folder=tmp_path / "snapshot", blinded=True)
    with next((tmp_path / "snapshot").rglob("values.csv")).open(encoding="utf-8", newline="") as handle:
        table = form_table(trial.study, trial.rules.forms["more"], list(csv.DictReader(handle)))
    at = [column.name for column in table.columns].index("one_visit")
    assert table.rows[0][1][at].not_asked is NotAsked.BY_BRANCHING
    record = form_record(trial, MANAGER, subject_id="X-001", visit="base", form="more")
    assert "one_visit" in record.lines[0].not_asked


def test_what_tells_an_arm_and_what_hangs_on_it_were_never_there(trial: op.Trial, tmp_path: Path) -> None:
    single(trial, "base", "more", MORE)
    person(trial)

    assessor = of_role("assessor", Role.OUTCOME_ASSESSOR)
    op.add_account(trial, ADMIN, login="assessor", person_name="Asa", role=assessor.role)

    def to_the_blinded() -> object:
        return form_record(trial, assessor, subject_id="X-001", visit="base", form="more")

    before = to_the_blinded()
    single(trial, "base", "dose", {"strong": "0"})
    assert to_the_blinded() == before and "of_an_arm" not in repr(before)
    assert states(trial, tmp_path)["base", "", "of_an_arm"] == "not_applicable"


def test_a_signature_holds_while_nobody_wrote_on_its_form(trial: op.Trial) -> None:
    """It is bound to what was entered; what another form makes of a blank is computed, as a score is."""
    single(trial, "base", "more", MORE)
    person(trial, sex="1")
    before = form_record(trial, MANAGER, subject_id="X-001", visit="base", form="more")
    correct(trial, "base", "person", "sex", "2")
    after = form_record(trial, MANAGER, subject_id="X-001", visit="base", form="more")
    assert before.content_sha256 == after.content_sha256
    assert before.lines[0].not_asked != after.lines[0].not_asked


def test_a_required_blank_stands_against_a_lock_once_the_checks_asked(trial: op.Trial) -> None:
    single(trial, "m1", "more", {**dict.fromkeys(MORE, "x"), "one_visit": ""})
    person(trial, sex="1", obese="", men="")

    def against() -> set[str]:
        return {line for line in op.obstacles(trial, MANAGER) if "open query" in line}

    (number,) = (one for one in op.raise_queries(trial, MANAGER).raised if not _not_asked(trial, one))
    assert "X-001/base/person: open query (1)" in against()
    op.answer_query(trial, COORDINATOR, number=number, text="the source does not say")
    op.close_query(trial, MANAGER, number=number)
    assert not [line for line in against() if "/person" in line]
    correct(trial, "base", "person", "sex", "2")  # asks about the other form at once
    assert any("/m1/more" in line for line in against())


def _not_asked(trial: op.Trial, number: int) -> bool:
    (one,) = (query for query in op.list_queries(trial, MANAGER) if query.number == number)
    return one.check != "required"


def test_a_form_of_another_arm_asks_nothing_of_whoever_cannot_have_it(
    trial: op.Trial, tmp_path: Path
) -> None:
    """The dose form is of arm a alone: in arm b what hangs on it is not asked, in arm a it waits."""
    people = ["X-001", "X-002", "X-003", "X-004"]
    for number in people[1:]:
        op.enrol(trial, COORDINATOR, site="X", consent_date=date(2024, 1, 1), subject_id=number)
    for number in people:
        line = op.EnteredRow({**MORE, "of_an_arm": ""})
        entry = op.FormEntry(number, "base", "more", (line,))
        op.enter_passes(trial, COORDINATOR, entries=[entry], confirmed=True, confirmed_by="investigator")
    assert set(_of_an_arm(trial, tmp_path).values()) == {"blank"}  # nobody knows yet which arm it will be

    (tmp_path / "definition" / "randomization.toml").write_text(
        'block_lengths = [4]\nsalt = "7fd080ebe4d3ce87f7544ed5209adfdd"\n', encoding="utf-8"
    )
    files = make_list(trial.study, tmp_path / "list", tmp_path / "definition")
    op.load_schedule(trial, ADMIN, bundle=files.bundle, commitment=files.commitment, allocation_key=files.key)
    arms = {
        number: op.randomize(trial, COORDINATOR, subject_id=number, stratum_values={}).arm
        for number in people
    }
    expected = {number: "blank" if arm == "a" else "not_applicable" for number, arm in arms.items()}
    assert _of_an_arm(trial, tmp_path) == expected and set(arms.values()) == {"a", "b"}


def _of_an_arm(trial: op.Trial, tmp_path: Path) -> dict[str, str]:
    folder = tmp_path / f"snapshot{len(list(tmp_path.iterdir()))}"
    op.write_snapshot(trial, UNBLINDED, folder=folder, blinded=False)
    with next(folder.rglob("values.csv")).open(encoding="utf-8", newline="") as handle:
        rows = [row for row in csv.DictReader(handle) if row["item"] == "of_an_arm"]
    return {row["subject_id"]: row["state"] for row in rows}


@pytest.mark.parametrize("form", ["habits", None])
def test_what_was_not_done_is_missing_and_asks_what_hangs_on_it(
    trial: op.Trial, tmp_path: Path, form: str | None
) -> None:
    single(trial, "m1", "more", {**MORE, "keep": "y"})
    assert "named_visit" not in {item for _, _, item in asked(trial, "required")}
    stated = op.NotDone("X-001", "base", "refused by the subject", form)
    op.mark_not_done(trial, MANAGER, entries=[stated])
    assert states(trial, tmp_path)["m1", "", "named_visit"] == "blank"
    assert ("m1", "", "named_visit") in asked(trial, "required")
