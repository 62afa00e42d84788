"""A consent: refused where its day was for no trial of today, flagged where day or version is odd."""

from __future__ import annotations

from datetime import date, timedelta

from trialkit.entry.checking import Flag
from trialkit.operations.errors import OperationError
from trialkit.operations.trial import Trial
from trialkit.wording import said

LONGEST_TRIAL_YEARS = 30
_RECENT = timedelta(days=366)


def of_consent(day: date, today: date, where: str) -> list[Flag]:
    """That a consent was signed long before it is entered.

    Raises
    ------
    OperationError
        So long ago that it was for no trial of today.
    """
    if day.year < today.year - LONGEST_TRIAL_YEARS:
        raise OperationError(
            expected=said("a consent date within the last {years} years", years=LONGEST_TRIAL_YEARS),
            found=day.isoformat(),
            where=where,
            next_step="Check the year.",
        )
    if today - day <= _RECENT:
        return []
    return [Flag(where, said("consent was signed on {day}, more than a year ago", day=day.isoformat()))]


def of_consent_version(trial: Trial, version: str, where: str) -> list[Flag]:
    """That a consent form was signed in a version that no version of the study asks for."""
    consents = [one.study.consent for one in trial.definitions.versions]
    known = dict.fromkeys(name for one in consents for name in (*one.still_valid, one.version) if name)
    if not known or version in known:
        return []
    text = said("version {version!r} of the consent form is none the study asks for: {known}",
                version=version, known=", ".join(known))  # fmt: skip
    return [Flag(where, text if version else said("no version of the consent form is stated"))]
