"""Error rates of a whole simulated trial against a count over what the simulator typed."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import chain
import pytest
from chain import ADJUDICATOR, COORDINATOR, FIRST, INVESTIGATOR, MANAGER, SECOND
from openpyxl import load_workbook
from test_randomize import screened

from trialkit import operations as op
from trialkit.access import AccessError, Authentication
from trialkit.errors import OperationError
from trialkit.operations import rates
from trialkit.operations.sight import Sight
from trialkit.report.error_rates import rates_json, write_rates_html, write_rates_xlsx


def test_rates_of_a_trial_are_those_of_a_count_over_what_was_typed(finished: chain.ChainRun) -> None:
    """The second, obvious implementation: texts beside each other, and the simulator's own decisions."""
    trial = finished.trial
    typed = []
    for rows in (finished.passes.first, finished.passes.second):
        typed.append({(r.subject_id, r.visit, r.form, r.row): r.values for r in rows})
    fields = errors = 0
    by_form: Counter[str] = Counter()
    for place in typed[0].keys() & typed[1].keys():
        items = [item.name for item in trial.study.form(place[2]).items if item.type != "derived"]
        fields += len(items)
        for item in items:
            differ = typed[0][place].get(item, "").strip() != typed[1][place].get(item, "").strip()
            errors += differ
            by_form[place[2]] += differ
    found = op.error_rates(trial, MANAGER)
    whole = found.between[0]
    assert whole.errors == errors > 0
    assert {rate.group: rate.errors for rate in found.between if rate.by == "form" and rate.errors} == {
        form: n for form, n in by_form.items() if n
    }
    lines_paired_by_hand = sum(table.common_records for table in found.epidata) - len(
        typed[0].keys() & typed[1].keys()
    )
    assert 0 <= lines_paired_by_hand < 10
    assert whole.fields >= fields
    for by in ("form", "item", "site", "month", "clerks"):
        parts = [rate for rate in found.between if rate.by == by]
        assert sum(rate.errors for rate in parts) == whole.errors
        assert sum(rate.fields for rate in parts) == whole.fields
    assert found.undecided == 0
    wrong = Counter(
        clerk.account
        for decision in finished.decisions
        for clerk, side in ((FIRST, "first"), (SECOND, "second"))
        if decision.choice != side
    )
    clerks = {rate.clerk: rate for rate in found.clerks if rate.by == "all"}
    assert {clerk: rate.errors for clerk, rate in clerks.items()} == wrong
    assert {rate.fields for rate in clerks.values()} == {whole.fields}
    assert sum(rate.errors for rate in found.between if rate.by == "form") == sum(
        table.field_entries_with_errors for table in found.epidata
    )


def _type(trial: op.Trial, number: str, form: str, visit: str, *passes: tuple[dict[str, str], ...]) -> None:
    for who, rows in zip((FIRST, SECOND), passes, strict=False):
        entry = op.FormEntry(number, visit, form, tuple(op.EnteredRow(row) for row in rows))
        op.enter_pass(trial, who, entry=entry)


def test_errors_of_both_and_lines_of_one(trial: op.Trial) -> None:
    numbers = [screened(trial) for _ in range(4)]
    for number, values in zip(numbers, (("55", "55"), ("20", "21"), ("30", "30"), ("40",)), strict=True):
        _type(trial, number, "vas", "baseline", *(({"vas_mm": value},) for value in values))
    drug = {"cm_drug": "paracetamol"}
    _type(
        trial, numbers[0], "conmed", "week_6",
        ({"cm_line": "1", **drug}, {"cm_line": "2", **drug}), ({"cm_line": "1", **drug},),
    )  # fmt: skip
    place = {"visit": "baseline", "form": "vas", "item": "vas_mm"}
    op.correct(
        trial,
        COORDINATOR,
        subject_id=numbers[0],
        **place,
        value="50",
        reason="Both misread",
        second_person=INVESTIGATOR,
    )
    found = op.error_rates(trial, MANAGER)
    vas = {(rate.clerk, rate.by): rate for rate in (*found.between, *found.clerks) if rate.group == "vas"}
    assert (vas["", "form"].errors, vas["", "form"].fields) == (1, 3)
    for clerk in (FIRST.account, SECOND.account):
        assert (vas[clerk, "form"].errors, vas[clerk, "form"].fields) == (1, 2), "corrected: both were wrong"
    assert found.undecided == 1
    tables = {table.form: table for table in found.epidata}
    assert (tables["vas"].missing_in_second, tables["vas"].common_records) == (1, 3)
    assert (tables["vas"].records_with_errors, tables["vas"].percent_records) == (1, pytest.approx(100 / 3))
    assert (tables["conmed"].missing_in_second, tables["conmed"].common_records) == (1, 1)
    assert tables["odi"].percent_fields is None
    op.void_pass(trial, MANAGER, subject_id=numbers[3], visit="baseline", form="vas", reason="Wrong person")
    tables = {table.form: table for table in op.error_rates(trial, ADJUDICATOR).epidata}
    assert tables["vas"].missing_in_second == 0, "a void form is in no count"
    with pytest.raises(AccessError):
        op.error_rates(trial, FIRST)
    with pytest.raises(OperationError, match="between 0 and 1"):
        op.error_rates(trial, MANAGER, confidence_level=1.0)


@pytest.mark.parametrize(
    ("proofs", "hosts", "alone", "proved"),
    [
        (("declared", "declared"), ("desk", "desk"), True, 0),
        (("declared", "declared"), ("desk", "other"), False, 0),
        (("password", "declared"), ("desk", "desk"), True, 1),  # a password proves one, the desk is one
        (("session", "session"), ("server", "server"), False, 2),  # all sessions come from the server
        (("simulated", "simulated"), ("desk", "desk"), False, 0),
    ],
)
def test_it_says_what_is_established_of_who_typed(
    trial: op.Trial, proofs: tuple[str, str], hosts: tuple[str, str], *, alone: bool, proved: int
) -> None:
    number = screened(trial)
    before = op.error_rates(trial, MANAGER)
    for who, proof, host in zip((FIRST, SECOND), proofs, hosts, strict=True):
        actor = replace(who, authentication=Authentication(proof), host=host)
        op.enter_pass(
            trial, actor, entry=op.FormEntry(number, "baseline", "vas", (op.EnteredRow({"vas_mm": "5"}),))
        )
    found = op.error_rates(trial, MANAGER)
    assert found.one_desk == ((f"{number}/baseline/vas",) if alone else ())
    assert (found.passes - before.passes, found.authenticated - before.authenticated) == (2, proved)


def test_the_groups_are_in_order(finished: chain.ChainRun) -> None:
    rates = op.error_rates(finished.trial, MANAGER).between
    assert [by for by, _ in groupby(rates, key=lambda rate: rate.by)] == [
        "all", "form", "item", "site", "month", "clerks",
    ]  # fmt: skip


def test_a_clerk_is_told_by_name_where_people_read_and_by_login_where_it_identifies(
    finished: chain.ChainRun, tmp_path: Path
) -> None:
    found = op.error_rates(finished.trial, MANAGER)
    names = {FIRST.account: found.person(FIRST.account), SECOND.account: found.person(SECOND.account)}
    assert found.people == names and not names.keys() & {*names.values()}
    write_rates_html(found, finished.trial.study.id, tmp_path / "rates.html")
    picture = (tmp_path / "rates.html").read_text("utf-8").partition("<table")[0]
    for login, name in names.items():
        assert name in picture and f">{login}<" not in picture
    write_rates_xlsx(found, tmp_path / "rates.xlsx")
    heads, first = list(load_workbook(tmp_path / "rates.xlsx")["Each clerk"].iter_rows(values_only=True))[:2]
    assert heads[:2] == ("Clerk", "Name") and first[1] == names[first[0]]
    assert rates_json(found)["people"] == names


def test_lines_of_a_form_out_of_sight_are_in_no_count(
    finished: chain.ChainRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of which forms entries were verified, and how many lines, would tell of a form of one arm alone."""
    with finished.trial.store.reading() as reader:
        lines = rates.compared_lines(reader)
    compliance = [replace(one, verified=one.form == "compliance") for one in lines]
    monkeypatch.setattr(rates, "compared_lines", lambda reader: compliance)
    assert op.error_rates(finished.trial, MANAGER).verified_lines > 0
    eyes = Sight(finished.trial.rules_without_arms, blinded=True)
    monkeypatch.setattr("trialkit.operations.gate.sight_of", lambda *about: eyes)
    assert op.error_rates(finished.trial, MANAGER).verified_lines == 0
