"""Subjects come, are allocated, and leave."""

from __future__ import annotations

from trialkit.access.act import Act, Told
from trialkit.access.groups import ENTRY, SITE, SITE_AND_DATA
from trialkit.wording import said

ENROL = Act(
    "enrol",
    said("Enter a consenting person into screening."),
    SITE,
    told_blinded=Told.ALWAYS,
    closed_by_lock=True,
)
SCREEN_FAIL = Act(
    "screen_fail",
    said("Record that a screened person does not enter the trial."),
    SITE,
    needs_reason=True,
    told_blinded=Told.ALWAYS,
    closed_by_lock=True,
)
RANDOMIZE = Act(
    "randomize",
    said("Allocate the next slot to an eligible subject."),
    SITE,
    reveals_arm=True,
    told_blinded=Told.ALWAYS,
    closed_by_lock=True,
)
TELL_ALLOCATION = Act(
    "tell_allocation",
    said("Tell again the arm that a subject was allocated."),
    SITE,
    reveals_arm=True,
    reads=True,
    told_blinded=Told.ALWAYS,
)
RECORD_MISTAKE = Act(
    "record_mistake",
    said("Record what went wrong at a randomization; nothing is undone."),
    SITE_AND_DATA,
    needs_reason=True,
    told_blinded=Told.BY_FORM,
    closed_by_lock=True,
)
RECORD_VISITS = Act(
    "record_visits",
    said("Record that visits took place, and when."),
    SITE_AND_DATA | ENTRY,
    told_blinded=Told.ALWAYS,
    closed_by_lock=True,
)
MARK_NOT_DONE = Act(
    "mark_not_done",
    said("State that a visit or form was not done."),
    SITE_AND_DATA,
    needs_reason=True,
    told_blinded=Told.BY_FORM,
    closed_by_lock=True,
)
CORRECT_DEPARTURE = Act(
    "correct_departure",
    said("Correct a withdrawal or screening failure that was recorded wrongly."),
    SITE_AND_DATA,
    needs_reason=True,
    told_blinded=Told.ALWAYS,
    closed_by_lock=True,
)
WITHDRAW = Act(
    "withdraw",
    said("Record that a subject leaves the study."),
    SITE_AND_DATA,
    needs_reason=True,
    told_blinded=Told.ALWAYS,
    closed_by_lock=True,
)
