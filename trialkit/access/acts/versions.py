"""The study's definition amended, and the consent that subjects give to it again."""

from __future__ import annotations

from trialkit.access.act import Act, Told
from trialkit.access.groups import DATA, EVERYBODY, SITE, SITE_AND_DATA
from trialkit.vocabulary import Role
from trialkit.wording import said

AMEND_STUDY = Act(
    "amend_study",
    said("Record a new version of dictionary or visit plan; no site works by it yet."),
    DATA,
    needs_reason=True,
    whole_study=True,
    told_blinded=Told.ALWAYS,
    closed_by_lock=True,
)
ACTIVATE_VERSION = Act(
    "activate_version",
    said("State from which day on a site works by a version, and by whose approval."),
    DATA,
    told_blinded=Told.ALWAYS,
    closed_by_lock=True,
)
LIST_VERSIONS = Act(
    "list_versions",
    said("See the versions of the study, and by which each site works."),
    EVERYBODY,
    reads=True,
)
RECORD_CONSENT = Act(
    "record_consent",
    said("Record that a subject signed a further version of the consent form."),
    SITE,
    told_blinded=Told.ALWAYS,
    closed_by_lock=True,
)
LIST_RECONSENT = Act(
    "list_reconsent",
    said("List the subjects who are to sign the consent form again."),
    SITE_AND_DATA | {Role.MONITOR},
    reads=True,
)
