"""The trail of the blinded: acts on forms that tell an arm leave nothing in it, and shift no number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from chain import (
    ADJUDICATOR,
    ADMIN,
    COORDINATOR,
    FIRST,
    INVESTIGATOR,
    MANAGER,
    SECOND,
    STATISTICIAN,
    UNBLINDED,
    person,
)
from test_randomize import screened

from trialkit import operations as op
from trialkit.access import ACTS, Told
from trialkit.entry import AdjudicationChoice, ReasonCode
from trialkit.errors import TrialkitError
from trialkit.operations.endorsing import endorse_correction, list_corrections, object_to_correction
from trialkit.operations.freezing import FreezeScope
from trialkit.vocabulary import Role

MONITOR = person("moni", Role.MONITOR)
WHY = "A reason"


OF_FORMS = {act.name for act in ACTS.values() if act.told_blinded is Told.BY_FORM}
NEVER_TOLD = {"vouch_for_file", "view_obstacles"}


def test_of_every_kind_of_act_that_leaves_a_record_it_was_decided_whether_the_blinded_are_told() -> None:
    """A new one is hidden from them until it says so, or is named here."""
    done_by_nobody = {"confirm_critical"}  # a second person's, on the record of the first's act
    untold = {act.name for act in ACTS.values() if act.told_blinded is Told.NEVER}
    read_on_record = {"view_obstacles"}
    assert untold >= NEVER_TOLD
    assert {n for n in untold if not ACTS[n].reads} == NEVER_TOLD - read_on_record | done_by_nobody


@pytest.fixture
def place(trial: op.Trial) -> dict[str, str]:
    """Of a form that the blinded do not have."""
    op.add_account(trial, ADMIN, login="moni", person_name="M", role=Role.MONITOR)
    return {"subject_id": screened(trial), "visit": "week_6", "form": "treatment_stop"}


def _captured(trial: op.Trial, place: dict[str, str]) -> Iterator[object]:
    """A line typed twice and put right, and one that the second typist left out."""
    fields = {"ts_line": "1", "ts_treatment": "exercise", "ts_date": "2024-03-01", "ts_reason": "1"}
    lines = [op.EnteredRow(fields, "1"), op.EnteredRow(fields | {"ts_line": "2"}, "2")]
    for who, reason, rows in ((FIRST, "1", lines), (SECOND, "2", lines[:1])):
        typed = tuple(op.EnteredRow(row.values | {"ts_reason": reason}, row.row) for row in rows)
        yield op.enter_pass(trial, who, entry=op.FormEntry(*place.values(), typed))
    verdict = op.Verdict(*place.values(), "1", "ts_reason", AdjudicationChoice.FIRST, ReasonCode.MISREAD)
    yield op.adjudicate(trial, ADJUDICATOR, verdicts=[verdict])
    yield op.decide_rows(trial, ADJUDICATOR, **place, verdicts=[op.RowVerdict(1, "2")])
    for value, answer in (("3", endorse_correction), ("2", object_to_correction)):
        field = {**place, "row": "1", "item": "ts_reason"}
        asked = op.open_query(trial, MANAGER, **field, text="Is it?").number
        yield op.answer_query(trial, COORDINATOR, number=asked, text="No")
        yield op.correct(trial, MANAGER, **field, value=value, reason=WHY, query=asked)
        yield answer(trial, COORDINATOR, number=list_corrections(trial, COORDINATOR)[-1].number, text=WHY)


def _reviewed(trial: op.Trial, place: dict[str, str]) -> Iterator[object]:
    query = op.open_query(trial, MANAGER, **place, text="Who is Zhang Wei?")
    yield query
    yield op.answer_query(trial, COORDINATOR, number=query.number, text="Nobody")
    yield op.reopen_query(trial, MANAGER, number=query.number, text="Who then?")
    yield op.redact(trial, MANAGER, text="Zhang Wei", reason=WHY)
    for one in op.list_queries(trial, MANAGER):
        if one.status != "closed":
            yield op.close_query(trial, MANAGER, number=one.number, text="Settled")
    yield op.verify_source(trial, MONITOR, **place)
    yield op.sign_form(trial, INVESTIGATOR, **place, meaning="approved")
    form = {"scope": FreezeScope.FORM, "place": "/".join(place.values()), "reason": WHY}
    for act in (op.freeze, op.lift_freeze, op.lock_place, op.unlock_place):
        yield act(trial, MANAGER, **form)
    yield op.void_pass(trial, MANAGER, **place, reason=WHY)
    yield op.mark_not_done(
        trial, COORDINATOR, entries=[op.NotDone(place["subject_id"], "month_3", WHY, form=place["form"])]
    )
    yield op.obstacles(trial, MANAGER)


def _imported(trial: op.Trial, place: dict[str, str]) -> Iterator[object]:
    path = trial.folder.parent / "stops.csv"
    path.write_text(
        "subject_id,ts_line,ts_treatment,ts_date,ts_reason\n"
        f"{place['subject_id']},1,exercise,2024-03-01,1\n", "utf-8",
    )  # fmt: skip
    yield op.vouch_for_file(trial, SECOND, path=path)
    yield op.import_pass(trial, FIRST, path=path, form=place["form"], visit="month_1")


def test_no_act_on_a_hidden_form_is_in_the_trail_of_the_blinded_or_shifts_its_numbers(
    trial: op.Trial, place: dict[str, str]
) -> None:
    before = [(line.number, line.hash) for line in op.read_trail(trial, STATISTICIAN)]
    stored = len(op.read_trail(trial, UNBLINDED))
    for does in (_captured, _reviewed, _imported):
        for done in does(trial, place):
            assert [(line.number, line.hash) for line in op.read_trail(trial, STATISTICIAN)] == before, done
    acts = {line.operation for line in op.read_trail(trial, UNBLINDED)[stored:]}
    untried = {
        "end_import",
        "raise_queries",
        "record_mistake",
    }  # tests/web/test_twin_worlds.py, test_raising.py
    assert acts == (OF_FORMS | NEVER_TOLD) - untried


def test_who_imports_a_file_again_is_told_the_own_number_of_the_first_time(
    trial: op.Trial, place: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in _captured(trial, place):
        pass
    path = trial.folder.parent / "vas.csv"
    path.write_text(f"subject_id,vas_mm\n{place['subject_id']},50\n", "utf-8")
    blinding = trial.study.blinding
    blinded = (*blinding.blinded_roles, Role.SECOND_ENTRY)
    study = replace(trial.study, blinding=replace(blinding, blinded_roles=blinded))
    monkeypatch.setattr(type(trial), "study", study)
    op.import_pass(trial, SECOND, path=path, form="vas", visit="week_6")
    with pytest.raises(TrialkitError) as again:
        op.import_pass(trial, SECOND, path=path, form="vas", visit="week_6")
    stored, own = (
        next(line.number for line in op.read_trail(trial, who) if line.operation == "import_pass")
        for who in (UNBLINDED, SECOND)
    )
    assert own < stored
    assert f"audit record {own}" in str(again.value)
