"""Screening: people enter it, by number and day of consent."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from trialkit.access import Actor
from trialkit.access.acts.subjects import ENROL
from trialkit.entry.checking import Flag
from trialkit.operations.anchoring import require_not_suspended
from trialkit.operations.consent_days import of_consent, of_consent_version
from trialkit.operations.errors import OperationError
from trialkit.operations.gate import OpenAct, acting, reading
from trialkit.operations.numbers import far_from_series, next_number, require_free
from trialkit.operations.recruitment import require_never_unblinded
from trialkit.operations.trial import Trial
from trialkit.operations.unnamed_arms import require_number_without_arm
from trialkit.store.audit_chain import AuditStamp
from trialkit.store.models import Consent, Subject
from trialkit.store.reading.subjects import SubjectState, subject_numbers
from trialkit.wording import said

_LONG_RUN = re.compile(r"\d{13}", re.ASCII)
_EARLIEST_ZONE = timedelta(hours=14)  # ahead of UTC: where a day begins first
_SUBJECT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}")


@dataclass(frozen=True, slots=True)
class Enrolment:
    subject_id: str
    site: str
    stamp: AuditStamp
    flags: tuple[Flag, ...] = ()  # what to look at; it was taken


def enrol(
    trial: Trial,
    actor: Actor,
    *,
    site: str,
    consent_date: date,
    consent_version: str = "",
    subject_id: str | None = None,
) -> Enrolment:
    """Enter a consenting person into screening.

    Parameters
    ----------
    site
        Of the study.
    consent_date
        Signed on this day, not in the future; refused where it is a generation ago, flagged over a year.
    consent_version
        Of the consent form signed.
    subject_id
        None: the site's next number, ``A-001``. Else a number given elsewhere: letters, digits, ``. _ -``.
        After a restore, until randomization is resumed, only given numbers: the next may be somebody's.

    Raises
    ------
    AccessError, OperationError
        No right at this site; unknown site, a date in the future, a number in use; no number after a
        restore.
    """
    if site not in trial.rules.sites:
        raise OperationError(
            expected=said("a site of the study: {sites}", sites=", ".join(sorted(trial.rules.sites))),
            found=repr(site),
        )
    with acting(trial, actor, ENROL, sites=(site,)) as progress:
        person = Screened(site, consent_date, consent_version, subject_id)
        (number,), flags = write_screened(trial, progress, [person])
        progress.state(subject=number, site=site, consent_date=consent_date.isoformat())
    return Enrolment(number, site, progress.stamp, flags)


@dataclass(frozen=True, slots=True)
class Screened:
    """A consenting person; ``place`` is where it stands in a file, for errors."""

    site: str
    consent_date: date
    consent_version: str = ""
    subject_id: str | None = None
    place: str = ""


def write_screened(
    trial: Trial, progress: OpenAct, people: Sequence[Screened]
) -> tuple[list[str], tuple[Flag, ...]]:
    """Their numbers, given or the site's next ones, in order; and what to look at.

    Raises
    ------
    OperationError
        Everything that cannot be: a number in use, a day in the future or a generation ago.
    """
    require_never_unblinded(progress.reader)
    if any(person.subject_id is None for person in people):
        require_not_suspended(trial, progress.reader)
    for version in {person.consent_version for person in people if person.consent_version}:
        progress.require_no_arm_named(version)
    consents = progress.next_ids(Consent)
    ids = [next(consents) for _ in people]  # holds the head: two desks cannot draw one number
    taken = set(subject_numbers(progress.reader))
    numbers, flags, problems = [], list[Flag](), list[OperationError]()
    for consent, person in zip(ids, people, strict=True):
        number = person.subject_id or next_number(person.site, taken)
        try:
            flags += _odd_about(trial, progress.at, person, number, taken)
        except OperationError as problem:
            problems.append(problem)
        taken.add(number)
        numbers.append(number)
        progress.add(Subject, subject_id=number, site=person.site)
        progress.add(
            Consent,
            id=consent,
            subject_id=number,
            consent_version=person.consent_version,
            signed_date=person.consent_date.isoformat(),
        )
    if problems:
        raise OperationError.all_of(problems)
    return numbers, tuple(flags)


def _odd_about(trial: Trial, at: str, person: Screened, number: str, taken: Collection[str]) -> list[Flag]:
    """What to look at; everything that cannot be is raised together."""
    place = person.place or number
    flags, problems = list[Flag](), list[OperationError]()
    for check in (_consent_day, _consent_version, _number_given):
        try:
            flags += check(trial, at, person, place, taken)
        except OperationError as problem:
            problems.append(problem)
    if problems:
        raise OperationError.all_of(problems)
    return flags


def _consent_day(trial: Trial, at: str, person: Screened, place: str, _taken: Collection[str]) -> list[Flag]:
    _refuse_future(trial, person.site, person.consent_date, at, "a consent date", person.place)
    today = local_date(trial, person.site, datetime.fromisoformat(at))
    return of_consent(person.consent_date, today, place)


def _consent_version(
    trial: Trial, _at: str, person: Screened, place: str, _taken: Collection[str]
) -> list[Flag]:
    return of_consent_version(trial, person.consent_version.strip(), place)


def _number_given(trial: Trial, _at: str, person: Screened, place: str, taken: Collection[str]) -> list[Flag]:
    if person.subject_id is None:
        return []
    require_subject_id(person.subject_id, person.place)
    require_number_without_arm(trial, person.subject_id, person.site, where=person.place)
    require_free(person.subject_id, person.site, trial.rules.sites, taken, person.place)
    far = far_from_series(person.subject_id, person.site, taken)
    return [Flag(place, far)] if far else []


@dataclass(frozen=True, slots=True)
class HalfRead:
    """A line of a file that is refused anyway, as far as it can be read."""

    site: str | None
    consent_date: date | None
    subject_id: str | None
    place: str


def faults_of_lines(trial: Trial, actor: Actor, lines: Sequence[HalfRead]) -> list[OperationError]:
    """What else is wrong with a file that is refused anyway: days and numbers that can be none."""
    with reading(trial, actor, ENROL) as gate:
        taken = set(subject_numbers(gate.reader))
    at, problems = trial.clock.now(), list[OperationError]()
    for line in lines:
        for fault in (_fault_of_day, _fault_of_number):
            try:
                fault(trial, line, at, taken)
            except OperationError as problem:
                problems.append(problem)
    return problems


def _fault_of_day(trial: Trial, line: HalfRead, at: datetime, _taken: Collection[str]) -> None:
    if line.consent_date is None:
        return
    today = latest_date(at) if line.site is None else local_date(trial, line.site, at)
    _refuse_after(today, line.consent_date, "a consent date", line.place)
    of_consent(line.consent_date, today, line.place)


def _fault_of_number(trial: Trial, line: HalfRead, _at: datetime, taken: Collection[str]) -> None:
    if line.subject_id is None:
        return
    require_subject_id(line.subject_id, line.place)
    require_number_without_arm(trial, line.subject_id, line.site or "", where=line.place)
    if line.site is not None:
        require_free(line.subject_id, line.site, trial.rules.sites, taken, line.place)


def require_possible_day(
    trial: Trial, state: SubjectState, day: date, at: str, where: str, as_known: str = ""
) -> None:
    """Refuse a day on which nothing can have happened to a subject: in the future, or before consent.

    ``as_known``: what is written, where the day is one that a partial date could be.
    """
    _refuse_future(trial, state.site, day, at, "a date", where, as_known)
    if state.consent_date is not None and day < state.consent_date:
        raise OperationError(
            expected=said("a date not before consent ({consent})", consent=state.consent_date.isoformat()),
            found=as_known or day.isoformat(),
            where=where,
            next_step="Check the year, on this form and on the consent.",
        )


def require_subject_id(subject_id: str, where: str = "") -> None:
    """Refuse a number that could not be part of a file name or a place in an error."""
    if not _SUBJECT_ID.fullmatch(subject_id):
        raise OperationError(
            expected="a subject number of up to 32 letters, digits, '.', '_' or '-'",
            found=repr(subject_id),
            where=where,
        )
    if _LONG_RUN.search(subject_id):
        raise OperationError(
            expected="a subject number with at most 12 digits in a row",
            found=repr(subject_id),
            where=where,
            next_step="Check the number; one that a state or a hospital gave names a person.",
        )


def latest_date(moment: datetime) -> date:
    """The day where it begins first: what is after it is in the future wherever it was written."""
    return (moment.astimezone(UTC) + _EARLIEST_ZONE).date()


def local_date(trial: Trial, site: str, moment: datetime) -> date:
    """The day at a site; a trial may span time zones."""
    return moment.astimezone(ZoneInfo(trial.study.site(site).time_zone)).date()


def _refuse_future(
    trial: Trial, site: str, day: date, at: str, what: str, where: str = "", as_known: str = ""
) -> None:
    _refuse_after(local_date(trial, site, datetime.fromisoformat(at)), day, what, where, as_known)


def _refuse_after(today: date, day: date, what: str, where: str, as_known: str = "") -> None:
    if day > today:
        raise OperationError(
            expected=said("{what} not after today ({today})", what=what, today=today.isoformat()),
            found=as_known or day.isoformat(),
            where=where,
            next_step="Check the year.",
        )
