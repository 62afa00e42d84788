"""Visits and forms that took place, or did not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from trialkit.access import Actor
from trialkit.access.acts.subjects import MARK_NOT_DONE, RECORD_VISITS
from trialkit.entry.checking import Flag
from trialkit.entry.errors import EntryError
from trialkit.operations.binding import bound_versions, today_at
from trialkit.operations.gate import OpenAct, acting
from trialkit.operations.import_claims import require_no_import_of
from trialkit.operations.plausible_days import of_visit, of_visit_not_done
from trialkit.operations.stored_pass import new_instance
from trialkit.operations.subjects import require_possible_day
from trialkit.operations.trial import Trial
from trialkit.operations.visits_expected import deaths_of
from trialkit.store.audit_chain import AuditStamp
from trialkit.store.models import FormNotDone, VisitOccurrence
from trialkit.store.reading.forms import FormState
from trialkit.store.reading.subjects import VisitState
from trialkit.study.model import Visit
from trialkit.wording import said


@dataclass(frozen=True, slots=True)
class VisitDone:
    """A visit that took place on a day."""

    subject_id: str
    visit: str
    date: date
    reason: str = ""
    """Why another day than the one recorded before, or a day where "not done" was stated."""

    @property
    def where(self) -> str:
        return f"{self.subject_id}/{self.visit}"


@dataclass(frozen=True, slots=True)
class NotDone:
    """A visit that did not take place (``form`` None), or one form of it that was not done."""

    subject_id: str
    visit: str
    reason: str
    form: str | None = None

    @property
    def where(self) -> str:
        return f"{self.subject_id}/{self.visit}" + (f"/{self.form}" if self.form else "")


@dataclass(frozen=True, slots=True)
class Recorded:
    """How many entries were recorded, the audit record of them, and what to look at: it was taken."""

    count: int
    stamp: AuditStamp
    flags: tuple[Flag, ...] = ()


def record_visits(trial: Trial, actor: Actor, *, visits_done: Sequence[VisitDone]) -> Recorded:
    """Record when visits took place; a visit recorded before is corrected, with a reason.

    Old and new stand in the audit trail. The same day again changes nothing.

    Raises
    ------
    AccessError, EntryError
        No right at a site; an unknown subject or visit, or one visit twice; a day in the future, before
        consent, or before the randomization that the visit is counted from; another day than the one on
        record, without a reason. A day out of the visit's window is taken and flagged.
    """
    _refuse_repeats([entry.where for entry in visits_done])
    with acting(trial, actor, RECORD_VISITS) as progress:
        _check_visits(trial, visits_done)
        ids = [entry.subject_id for entry in visits_done]
        people = progress.known_subjects(ids)
        present, deaths = progress.visits(ids), deaths_of(progress, ids)
        changes = []
        flags: list[Flag] = []
        for entry in visits_done:
            require_possible_day(trial, people[entry.subject_id], entry.date, progress.at, entry.where)
            planned = _require_planned(progress, people[entry.subject_id].site, entry)
            died_on = deaths.get(entry.subject_id)
            flags += of_visit(trial, people[entry.subject_id], planned, entry.date, entry.where, died_on)
            progress.require_no_arm_named(entry.reason, where=entry.where)
            before = present.get((entry.subject_id, entry.visit))
            if before is not None and before.date == entry.date:
                continue
            if before is not None:
                changes.append(_change(progress, before, entry))
            _write_visit(progress, present, entry.subject_id, entry.visit, "done", entry.date, entry.reason)
        progress.state(visits=len(visits_done), subjects=len(set(ids)))
        if changes:
            progress.state(changes=changes)
    return Recorded(len(visits_done), progress.stamp, tuple(flags))


def mark_not_done(trial: Trial, actor: Actor, *, entries: Sequence[NotDone]) -> Recorded:
    """State that visits or forms were not done, each with its reason.

    Of a visit whose day was on record, old and new stand in the audit trail.

    Raises
    ------
    AccessError, EntryError
        No right at a site; an unknown subject, visit or form, no reason, or something was entered there.
    """
    _refuse_repeats([entry.where for entry in entries])
    reason = "; ".join(sorted({entry.reason.strip() for entry in entries}))
    with acting(trial, actor, MARK_NOT_DONE, reason=reason) as progress:
        _check_visits(trial, entries)
        ids = [entry.subject_id for entry in entries]
        people = progress.known_subjects(ids)
        flags: list[Flag] = []
        changes: list[dict[str, str]] = []
        progress.require_not_frozen([(e.subject_id, e.visit, e.form or "") for e in entries])
        require_no_import_of(progress, {(e.subject_id, e.visit, e.form) for e in entries})
        present_visits, present_forms = progress.visits(ids), progress.forms(ids)
        entered = {
            (form.subject_id, form.visit)
            for form in present_forms.values()
            if form.passes and not progress.rules.forms[form.form].optional
        }
        for entry in entries:
            if not entry.reason.strip():
                raise EntryError(expected="a reason", found="none", where=entry.where)
            if entry.form is not None:
                _write_form(progress, present_forms, entry)
            elif (entry.subject_id, entry.visit) in entered:
                raise _entered(entry)
            else:
                person = people[entry.subject_id]
                visit = trial.study.visit(entry.visit)
                before = present_visits.get((entry.subject_id, entry.visit))
                if before is not None and before.date is not None:
                    changes.append({"field": entry.where, "old": before.date.isoformat(), "new": "not done"})
                flags += of_visit_not_done(trial, person, visit, today_at(progress, person.site), entry.where)
                _write_visit(
                    progress, present_visits, entry.subject_id, entry.visit, "not_done", None, entry.reason
                )
        progress.state(entries=len(entries), subjects=len(set(ids)))
        if changes:
            progress.state(changes=changes)
    return Recorded(len(entries), progress.stamp, tuple(flags))


def _require_planned(progress: OpenAct, site: str, entry: VisitDone) -> Visit:
    """A visit of the version that was in force at the site on that day."""
    version = progress.trial.definitions.in_force(site, entry.date)
    visits = progress.asked_by(version.number).visits
    if entry.visit not in visits:
        raise EntryError(
            expected=said(
                "a visit of version {version}, in force at {site} on that day: {visits}",
                version=version.study.version,
                site=site,
                visits=", ".join(visits),
            ),
            found=repr(entry.visit),
            where=entry.where,
            next_step="Check the day on the form, and from when the site works by which version.",
        )
    return version.study.visit(entry.visit)


def _change(progress: OpenAct, before: VisitState, entry: VisitDone) -> dict[str, str]:
    """Old and new for the audit trail, or a refusal where nobody says why."""
    old = before.date.isoformat() if before.date else "not done"
    if not entry.reason.strip():
        raise EntryError(
            expected=said("the day on record, {old}, or a reason for another", old=old),
            found=entry.date.isoformat(),
            where=entry.where,
            next_step="Look at the form; say why the record is wrong, if it is.",
        )
    progress.require_no_arm_named(entry.reason, where=entry.where)
    reason = entry.reason.strip()
    return {"field": entry.where, "old": old, "new": entry.date.isoformat(), "reason": reason}


def _write_visit(
    progress: OpenAct,
    present: dict[tuple[str, str], VisitState],
    subject_id: str,
    visit: str,
    status: str,
    day: date | None,
    reason: str,
) -> None:
    before = present.get((subject_id, visit))
    progress.add(
        VisitOccurrence,
        id=next(progress.next_ids(VisitOccurrence)),
        subject_id=subject_id,
        visit=visit,
        revision=before.revision + 1 if before else 1,
        date=day.isoformat() if day else "",
        status=status,
        reason=reason.strip(),
    )


def _write_form(
    progress: OpenAct,
    present: dict[tuple[str, str, str], FormState],
    entry: NotDone,
) -> None:
    assert entry.form is not None
    place = (entry.subject_id, entry.visit, entry.form)
    version = bound_versions(progress, [place])[place]
    known = progress.asked_by(version).forms.get(entry.form)
    if known is None or entry.visit not in known.visits:
        raise EntryError(expected="a form of this visit", found=repr(entry.form), where=entry.where)
    state = present.get((entry.subject_id, entry.visit, entry.form))
    if state is not None:
        raise _entered(entry)
    instance = new_instance(progress, entry.subject_id, entry.visit, entry.form, version)
    progress.add(FormNotDone, form_instance=instance, reason=entry.reason.strip())


def _check_visits(trial: Trial, entries: Sequence[VisitDone] | Sequence[NotDone]) -> None:
    for entry in entries:
        if entry.visit not in trial.rules.visits:
            raise EntryError(
                expected=said("a visit of the study: {visits}", visits=", ".join(trial.rules.visits)),
                found=repr(entry.visit),
                where=entry.where,
            )


def _refuse_repeats(places: Sequence[str]) -> None:
    seen: set[str] = set()
    for place in places:
        if place in seen:
            raise EntryError(expected="each visit or form once", found="one twice", where=place)
        seen.add(place)


def _entered(entry: NotDone) -> EntryError:
    return EntryError(
        expected="nothing entered for what was not done",
        found="an entry, or the same statement before",
        where=entry.where,
        next_step="Look at the form: what was entered stays.",
    )
