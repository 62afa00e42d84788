"""What is done to forms that the blinded are not shown, as often as wanted, and then what everybody sees."""

from __future__ import annotations

from pathlib import Path

from chain import ADJUDICATOR, COORDINATOR, FIRST, INVESTIGATOR, MANAGER, SECOND, UNBLINDED, person

from trialkit import operations as op
from trialkit.access import Actor
from trialkit.entry import AdjudicationChoice, ReasonCode
from trialkit.operations.freezing import FreezeScope
from trialkit.vocabulary import Role

MONITOR = person("monitor_a", Role.MONITOR)
OTHER_FIRST = person("first_entry_a", Role.FIRST_ENTRY)
WHY = "A reason"
_STOP = {"ts_line": "1", "ts_treatment": "exercise", "ts_date": "2024-03-01", "ts_reason": "1"}
_VISITS = ("week_6", "month_1", "month_3", "month_6", "month_12")


def done_to_hidden_forms(trial: op.Trial, subjects: list[str], times: int) -> None:
    """Every kind of act that data capture knows, ``times`` each, on forms that the blinded do not have.

    Where reviewers are blinded as well, what others can do.
    """
    seen_by_all = MANAGER.role not in trial.study.blinding.blinded_roles
    for n in range(times):
        _enter(trial, subjects[0], _VISITS[n], SECOND if seen_by_all else OTHER_FIRST)
        if seen_by_all:
            _decide(trial, subjects[0], _VISITS[n])
        _correct(trial, subjects[0], _VISITS[n])
        if seen_by_all:
            _say_of_the_form(trial, subjects[0], _VISITS[n], n)
        _import(trial, subjects[1], _VISITS[n])
        _take_out(trial, subjects[1], _VISITS[n])
    for subject in subjects[:times]:
        op.record_mistake(
            trial, COORDINATOR, subject_id=subject, kind=op.MistakeKind.WRONG_TREATMENT, reason=WHY,
            received_arm="exercise",
        )  # fmt: skip


def done_in_sight(trial: op.Trial, subjects: list[str]) -> None:
    """What every role is told of, after whatever was done out of sight."""
    subject = subjects[0]
    place = {"subject_id": subject, "visit": "week_6", "form": "vas"}
    today = trial.clock.now().date()
    visit = [op.VisitDone(one, "week_6", today) for one in subjects]
    op.record_visits(trial, COORDINATOR, visits_done=visit)
    for who, value in ((FIRST, "55"), (SECOND, "56")):
        entry = op.FormEntry(*place.values(), (op.EnteredRow({"vas_mm": value}),))
        op.enter_pass(trial, who, entry=entry)
    verdict = op.Verdict(*place.values(), "", "vas_mm", AdjudicationChoice.FIRST, ReasonCode.MISREAD)
    op.adjudicate(trial, ADJUDICATOR, verdicts=[verdict])
    op.correct(trial, COORDINATOR, **place, item="vas_mm", value="57", reason=WHY, second_person=INVESTIGATOR)
    op.freeze(trial, MANAGER, scope=FreezeScope.FORM, place="/".join(place.values()), reason=WHY)
    op.open_query(trial, MANAGER, **place, text="Who is Zhang Wei?")
    op.redact(trial, UNBLINDED, text="Zhang Wei", reason=WHY)
    op.raise_queries(trial, UNBLINDED)
    path = trial.folder.parent / "vas.csv"
    path.write_text(f"subject_id,vas_mm\n{subjects[1]},50\n", "utf-8")
    op.import_pass(trial, FIRST, path=path, form="vas", visit="week_6")


def _stops(subject: str, visit: str, **other: str) -> op.FormEntry:
    return op.FormEntry(subject, visit, "treatment_stop", (op.EnteredRow(_STOP | other, "1"),))


def _enter(trial: op.Trial, subject: str, visit: str, second: Actor) -> None:
    op.enter_pass(trial, FIRST, entry=_stops(subject, visit))
    op.enter_pass(trial, second, entry=_stops(subject, visit, ts_reason="2"))


def _decide(trial: op.Trial, subject: str, visit: str) -> None:
    place = (subject, visit, "treatment_stop")
    verdict = op.Verdict(*place, "1", "ts_reason", AdjudicationChoice.FIRST, ReasonCode.MISREAD)
    op.adjudicate(trial, ADJUDICATOR, verdicts=[verdict])


def _correct(trial: op.Trial, subject: str, visit: str) -> None:
    place = {"subject_id": subject, "visit": visit, "form": "treatment_stop", "row": "1"}
    op.correct(trial, COORDINATOR, **place, item="ts_date", value="2024-03-02", reason=WHY)


def _say_of_the_form(trial: op.Trial, subject: str, visit: str, n: int) -> None:
    place = {"subject_id": subject, "visit": visit, "form": "treatment_stop"}
    op.verify_source(trial, MONITOR, **place)
    op.sign_form(trial, INVESTIGATOR, **place, meaning="approved")
    where = "/".join(place.values())
    op.freeze(trial, MANAGER, scope=FreezeScope.FORM, place=where, reason=WHY)
    op.lift_freeze(trial, MANAGER, scope=FreezeScope.FORM, place=where, reason=WHY)
    op.open_query(trial, MANAGER, **place, text=f"Who is Wang Fang {n}?")
    op.redact(trial, MANAGER, text=f"Wang Fang {n}", reason=WHY)
    op.void_pass(trial, MANAGER, **place, reason=WHY)


def _import(trial: op.Trial, subject: str, visit: str) -> None:
    path: Path = trial.folder.parent / f"stops-{visit}.csv"
    path.write_text(",".join(["subject_id", *_STOP]) + f"\n{subject},{','.join(_STOP.values())}\n", "utf-8")
    op.import_pass(trial, FIRST, path=path, form="treatment_stop", visit=visit)


def _take_out(trial: op.Trial, subject: str, visit: str) -> None:
    place = op.FieldPlace(subject, visit, "treatment_stop", "ts_date", "1")
    op.redact(trial, UNBLINDED, place=place, reason=WHY)
