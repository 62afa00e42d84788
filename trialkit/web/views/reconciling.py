"""Deciding what two entries disagree about: side by side, nothing written until confirmed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from http import HTTPStatus

from starlette.responses import Response

from trialkit.entry import AdjudicationChoice, ReasonCode
from trialkit.entry.errors import EntryError
from trialkit.errors import TrialkitError
from trialkit.operations import RowVerdict, Verdict, adjudicate, decide_rows
from trialkit.operations.differences import form_differences
from trialkit.operations.same_files import files_as_both_entries
from trialkit.operations.study_shown import study_shown
from trialkit.operations.worklist import discrepancy_worklist
from trialkit.web.asking import Asked, NotHereError, new_request_key
from trialkit.web.entry_fields import numbers_beside
from trialkit.web.flags_told import flags_in_form
from trialkit.web.once import Done, once
from trialkit.web.second_person import second_person
from trialkit.web.typed_days import as_stored
from trialkit.web.views.form_place import form_key
from trialkit.wording import said, said_count

REASONS = tuple(reason for reason in ReasonCode if reason is not ReasonCode.CANNOT_DECIDE)


def listed(asked: Asked) -> Response:
    """Forms with something undecided, by subject."""
    waiting = Counter(_place(row) for row in discrepancy_worklist(asked.trial, asked.actor, only_open=True))
    forms = [(*place, n) for place, n in sorted(waiting.items())]
    return asked.page(
        "discrepancies.html",
        forms=forms,
        total=sum(waiting.values()),
        same_files=files_as_both_entries(asked.trial, asked.actor),
    )


def ask(asked: Asked) -> Response:
    return _page(asked)


def _page(asked: Asked, error: TrialkitError | None = None) -> Response:
    subject_id, visit, form = form_key(asked)
    try:
        found = form_differences(asked.trial, asked.actor, subject_id=subject_id, visit=visit, form=form)
    except EntryError:
        raise NotHereError from None
    study = asked.trial.study
    known = study.form(form)
    return asked.page(
        "reconcile.html",
        subject_id=subject_id,
        visit=study.visit(visit),
        form=known,
        numbers=numbers_beside(study_shown(asked.trial, asked.actor).form(form)),
        found=found,
        typed=asked.form,
        error=error,
        reasons=REASONS,
        keys=(new_request_key(), new_request_key()),
        status=HTTPStatus.CONFLICT if error else HTTPStatus.OK,
    )


def decided(asked: Asked) -> Response:
    """All decisions of the form at once, or none; what was left alone stays open."""

    def act() -> Done:
        verdicts = _verdicts(asked)
        if not verdicts:
            raise TrialkitError(
                expected="at least one decision", found="none", next_step="Choose a value, then confirm."
            )
        done = adjudicate(asked.trial, asked.actor, verdicts=verdicts, second_person=second_person(asked))
        lines = [said("{n} decided", n=done.decided)]
        if done.undecided:
            lines.append(
                said_count(
                    "{n} stays open: the site is asked", "{n} stay open: the site is asked", done.undecided
                )
            )
        return _done(asked, (*lines, *flags_in_form(asked.trial.study, done.flags)))

    return _once(asked, act)


def lines_decided(asked: Asked) -> Response:
    """Leftover lines: paired, kept, or entered in error."""
    subject_id, visit, form = form_key(asked)

    def act() -> Done:
        verdicts = _row_verdicts(asked)
        done = decide_rows(
            asked.trial, asked.actor, subject_id=subject_id, visit=visit, form=form, verdicts=verdicts
        )
        lines = [said_count("{n} line decided", "{n} lines decided", done.rows)]
        if done.discrepancies:
            lines.append(
                said_count(
                    "The paired lines differ in {n} value: decide it next",
                    "The paired lines differ in {n} values: decide them next",
                    done.discrepancies,
                )
            )
        return _done(asked, tuple(lines), stay=True)

    return _once(asked, act)


def _once(asked: Asked, act: Callable[[], Done]) -> Response:
    try:
        return once(asked, act)
    except TrialkitError as error:
        return _page(asked, error)


def _verdicts(asked: Asked) -> list[Verdict]:
    subject_id, visit, form = form_key(asked)
    known = asked.trial.study.form(form)
    verdicts = []
    number = 0
    while (item := asked.form.get(f"d{number}.item")) is not None:
        choice = asked.form.get(f"d{number}.choice", "")
        if choice in set(AdjudicationChoice):
            chosen = AdjudicationChoice(choice)
            undecided = chosen is AdjudicationChoice.CANNOT_DECIDE
            reason = (
                ReasonCode.CANNOT_DECIDE if undecided else _reason(asked.form.get(f"d{number}.reason", ""))
            )
            typed = as_stored(known, item, asked.form.get(f"d{number}.new", ""))
            new = typed if chosen is AdjudicationChoice.NEW_VALUE else None
            row = asked.form.get(f"d{number}.row", "")
            verdicts.append(Verdict(subject_id, visit, form, row, item, chosen, reason, new))
        number += 1
    return verdicts


def _reason(text: str) -> ReasonCode:
    if text not in set(REASONS):
        raise TrialkitError(
            expected="why the two entries differ, for each decision",
            found="no reason",
            next_step="Choose one; nothing was written.",
        )
    return ReasonCode(text)


def _row_verdicts(asked: Asked) -> list[RowVerdict]:
    """``l0.place`` is ``pass:row``; ``l0.fate`` is ``keep``, ``error``, ``pair:row`` or empty."""
    verdicts = []
    number = 0
    while (place := asked.form.get(f"l{number}.place")) is not None:
        pass_number, _, row = place.partition(":")
        fate, _, partner = asked.form.get(f"l{number}.fate", "").partition(":")
        if fate and pass_number in ("1", "2"):
            paired = partner if fate == "pair" else None
            said_from_there = RowVerdict(3 - int(pass_number), paired or "", row)
            if paired is None or said_from_there not in verdicts:  # a pair stated at both of its lines is one
                verdicts.append(RowVerdict(int(pass_number), row, paired, entered_in_error=fate == "error"))
        number += 1
    if not verdicts:
        raise TrialkitError(expected="at least one decision", found="none", next_step="Decide a line first.")
    return verdicts


def _done(asked: Asked, lines: tuple[str, ...], *, stay: bool = False) -> Done:
    subject_id, visit, form = form_key(asked)
    study = asked.trial.study
    heading = said("{form} of {subject}: recorded", form=study.form(form).label, subject=subject_id)
    worklist = discrepancy_worklist(asked.trial, asked.actor, only_open=True)
    waiting = [_place(row) for row in worklist]
    here = (subject_id, visit, form)
    lines_left = any(not row["item"] for row in worklist if _place(row) == here)
    following = (
        here if lines_left or (here in waiting and stay) else next((p for p in waiting if p != here), None)
    )
    if following is None:
        return Done(heading, lines, "/discrepancies", said("To the list"))
    path = "/subjects/{}/visits/{}/forms/{}/discrepancies".format(*following)
    label = said("Next: {form} of {subject}", form=study.form(following[2]).label, subject=following[0])
    return Done(heading, lines, path, label)


def _place(row: dict[str, str]) -> tuple[str, str, str]:
    return row["subject_id"], row["visit"], row["form"]
