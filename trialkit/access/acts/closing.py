"""The end of data capture, and the opening for the analysis."""

from __future__ import annotations

from trialkit.access.act import Act, Told
from trialkit.access.groups import ADMINISTRATOR, DATA, STATISTICIANS
from trialkit.vocabulary import Role
from trialkit.wording import said

# Where the data manager is blinded, a form that only one arm has is open to the other's eyes alone.
_LOCKS = DATA | {Role.UNBLINDED_STATISTICIAN}

LOCK = Act(
    "lock",
    said("Lock the study's data."),
    _LOCKS,
    needs_reason=True,
    needs_signature=True,
    whole_study=True,
    told_blinded=Told.ALWAYS,
)
UNLOCK = Act(
    "unlock",
    said("Lift the lock of the study's data."),
    _LOCKS,
    needs_reason=True,
    needs_signature=True,
    whole_study=True,
    told_blinded=Told.ALWAYS,
)
LOCK_PLACE = Act(
    "lock_place",
    said("Lock the data of a form, a subject or a site."),
    _LOCKS,
    needs_reason=True,
    needs_signature=True,
    told_blinded=Told.BY_FORM,
    closed_by_lock=True,
)
UNLOCK_PLACE = Act(
    "unlock_place",
    said("Lift the lock of a form, a subject or a site."),
    _LOCKS,
    needs_reason=True,
    needs_signature=True,
    told_blinded=Told.BY_FORM,
    closed_by_lock=True,
)
UNBLIND = Act(
    "unblind",
    said("Declare the locked study open for its analysis."),
    DATA,
    needs_reason=True,
    needs_signature=True,
    whole_study=True,
    told_blinded=Told.ALWAYS,
)
# It takes a reason from the second time on, which the act itself asks for.
LOOK_AT_TEST_SET = Act(
    "look_at_test_set",
    said("Open the test set of a prediction model: once, or again with a reason."),
    STATISTICIANS,
    whole_study=True,
    told_blinded=Told.ALWAYS,
)
VERIFY_SOURCE = Act(
    "verify_source",
    said("State that a form was held against its source."),
    frozenset({Role.MONITOR}),
    told_blinded=Told.BY_FORM,
    closed_by_lock=True,
)
SIGN_FORM = Act(
    "sign_form",
    said("Sign a complete form: name, meaning, time and content are bound together."),
    frozenset({Role.INVESTIGATOR}),
    needs_signature=True,
    told_blinded=Told.BY_FORM,
    closed_by_lock=True,
)
FREEZE = Act(
    "freeze",
    said("Freeze the data of a form, a subject, a site or the study."),
    DATA,
    needs_reason=True,
    told_blinded=Told.BY_FORM,
    closed_by_lock=True,
)
LIFT_FREEZE = Act(
    "lift_freeze",
    said("Lift a freeze."),
    DATA,
    needs_reason=True,
    told_blinded=Told.BY_FORM,
    closed_by_lock=True,
)
DECIDE_SET = Act(
    "decide_set",
    said("Leave a subject out of an analysis set at the blind data review, or keep it, before the lock."),
    DATA | {Role.STATISTICIAN},
    needs_reason=True,
    whole_study=True,
    told_blinded=Told.ALWAYS,
    closed_by_lock=True,
)
BACK_UP = Act(
    "back_up",
    said("Write a backup of the study, as it is at this moment."),
    ADMINISTRATOR,
    whole_study=True,
    told_blinded=Told.ALWAYS,
)
ARCHIVE = Act(
    "archive",
    said("Write an archive that opens without trialkit: data, trail, definition, a PDF a subject."),
    STATISTICIANS,
    reveals_arm=True,
    whole_study=True,
    told_blinded=Told.ALWAYS,
)
