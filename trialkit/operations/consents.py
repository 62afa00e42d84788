"""Which version of the consent form each subject signed, and who is to sign again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date

from trialkit.access import Actor
from trialkit.access.acts.versions import LIST_RECONSENT, RECORD_CONSENT
from trialkit.operations.binding import today_at
from trialkit.operations.errors import OperationError
from trialkit.operations.gate import Gate, acting, reading
from trialkit.operations.plan_in_force import planned_visits
from trialkit.operations.reported_deaths import reported_deaths
from trialkit.operations.subjects import require_possible_day
from trialkit.operations.trial import Trial
from trialkit.operations.visits_expected import deaths_of
from trialkit.store.audit_chain import AuditStamp
from trialkit.store.models import Consent
from trialkit.store.reading.finals import final_values
from trialkit.store.reading.subjects import SubjectState, VisitState
from trialkit.wording import said

VERSION = "consent_version"
"""The item by which a form says what was signed, and the column of a file of people."""


@dataclass(frozen=True, slots=True)
class ConsentRecorded:
    subject_id: str
    consent_version: str
    stamp: AuditStamp


@dataclass(frozen=True, slots=True)
class ToConsentAgain:
    """A subject whose consent the site's version of the study does not cover.

    ``since`` is the day from which the site works by a version that asks for it; None where the version
    founded on does. ``signed_version`` is empty where none is on record. ``days_waiting`` counts from that
    day, or from the consent signed last where that is later. ``form_says``: the version in the item
    ``consent_version`` of the subject's forms, where that is another than ``signed_version``.
    """

    subject_id: str
    site: str
    signed_version: str
    signed_on: date | None
    required_version: str
    since: date | None
    days_waiting: int
    form_says: str = ""


def record_consent(
    trial: Trial, actor: Actor, *, subject_id: str, consent_version: str, signed_on: date
) -> ConsentRecorded:
    """Record that a subject signed a further version of the consent form. Earlier ones stay on record.

    The day that visits are counted from is that of the first consent, and stays.

    Raises
    ------
    AccessError, StoreError
        No right at the site; a locked study.
    OperationError
        No version named, or one that no version of the study asks for; the one signed last; a day in the
        future, or before the last consent; a subject who left.
    """
    version = consent_version.strip()
    with acting(trial, actor, RECORD_CONSENT) as progress:
        state = progress.known_subjects([subject_id])[subject_id]
        _require_known(trial, version, subject_id)
        progress.require_no_arm_named(version, where=subject_id)
        require_possible_day(trial, state, signed_on, progress.at, subject_id)
        if state.withdrawn or state.screen_failed:
            raise OperationError(
                expected="a subject who is still in the study", found="one who left", where=subject_id
            )
        if version == state.consent_version:
            raise OperationError(
                expected="another version than the one signed last",
                found=repr(version),
                where=subject_id,
                next_step="Look at the signed form again.",
            )
        if state.consent_signed is not None and signed_on < state.consent_signed:
            raise OperationError(
                expected=said(
                    "a date not before the last consent ({signed})", signed=state.consent_signed.isoformat()
                ),
                found=signed_on.isoformat(),
                where=subject_id,
                next_step="Check the date on the signed form.",
            )
        progress.add(
            Consent,
            id=next(progress.next_ids(Consent)),
            subject_id=subject_id,
            consent_version=version,
            signed_date=signed_on.isoformat(),
        )
        progress.state(subject=subject_id, consent_version=version, signed_on=signed_on.isoformat())
    return ConsentRecorded(subject_id, version, progress.stamp)


def list_reconsent(trial: Trial, actor: Actor) -> list[ToConsentAgain]:
    """The subjects in follow-up whose consent is older than what the site's version asks for.

    Not among them are those who left, died by the record or a report, or have no visit to come.

    Raises
    ------
    AccessError
        No right.
    """
    with reading(trial, actor, LIST_RECONSENT) as gate:
        recorded, deaths, people = gate.visits(), deaths_of(gate), gate.subjects()
        reported = reported_deaths(gate, people.keys())
        found = []
        for subject in people.values():
            if subject.subject_id in reported:
                continue
            line = _line(gate, subject)
            if line and _is_in_follow_up(gate, subject, recorded, deaths.get(subject.subject_id)):
                found.append(line)
        said_there = _on_forms(gate, [one.subject_id for one in found])
    found = [
        replace(one, form_says=said_there[one.subject_id])
        if said_there.get(one.subject_id, one.signed_version) != one.signed_version
        else one
        for one in found
    ]
    return sorted(found, key=lambda one: (one.site, one.subject_id))


def _on_forms(gate: Gate, subject_ids: Collection[str]) -> dict[str, str]:
    """Subject -> the version of the consent form that the final record last says, where it has that item."""
    item = gate.rules.items.get(VERSION)
    if item is None or not subject_ids:
        return {}
    finals = final_values(gate.reader, subject_ids, [item.form])
    return {one.subject_id: one.value.text for one in finals if one.item == VERSION and one.value.text}


def _require_known(trial: Trial, version: str, where: str) -> None:
    known = list(
        dict.fromkeys(
            name
            for one in trial.definitions.versions
            for name in (*one.study.consent.still_valid, one.study.consent.version)
            if name
        )
    )
    if not version or (known and version not in known):
        raise OperationError(
            expected=said("a version of the consent form: {known}", known=", ".join(known))
            if known
            else "the version of the consent form",
            found=repr(version),
            where=where,
            next_step="Look at the foot of the signed form.",
        )


def _line(gate: Gate, subject: SubjectState) -> ToConsentAgain | None:
    definitions = gate.trial.definitions
    today = today_at(gate, subject.site)
    wanted = definitions.in_force(subject.site, today).study.consent
    if wanted.covers(subject.consent_version or None):
        return None
    since = None
    for one in reversed(definitions.at_site(subject.site)):  # the first of the last that ask for it
        asks = not definitions.version(one.number).study.consent.covers(subject.consent_version or None)
        if one.effective_on <= today and not asks:
            break
        since = one.effective_on if one.effective_on <= today else since
    begin = max(
        (day for day in (since, subject.consent_signed or subject.consent_date) if day), default=today
    )
    return ToConsentAgain(
        subject.subject_id,
        subject.site,
        subject.consent_version,
        subject.consent_signed,
        wanted.version,
        since,
        (today - begin).days,
    )


def _is_in_follow_up(
    gate: Gate,
    subject: SubjectState,
    recorded: Mapping[tuple[str, str], VisitState],
    died_on: date | None,
) -> bool:
    if subject.withdrawn or subject.screen_failed or died_on is not None:
        return False
    if not subject.allocated:
        return True  # in screening
    planned = planned_visits(gate, subject, recorded, died_on)
    return any((subject.subject_id, one.visit.name) not in recorded for one in planned)
