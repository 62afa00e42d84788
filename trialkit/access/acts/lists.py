"""The randomization list, recruitment, and what follows a restore."""

from __future__ import annotations

from trialkit.access.act import Act, Told
from trialkit.access.groups import ADMINISTRATOR, DATA
from trialkit.vocabulary import Role
from trialkit.wording import said

LOAD_SCHEDULE = Act(
    "load_schedule",
    said("Load a sealed randomization list."),
    ADMINISTRATOR,
    whole_study=True,
    told_blinded=Told.ALWAYS,
    closed_by_lock=True,
)
LOAD_EXTENSION = Act(
    "load_extension",
    said("Load the list that follows one that runs out."),
    ADMINISTRATOR,
    whole_study=True,
    told_blinded=Told.ALWAYS,
    closed_by_lock=True,
)
LOAD_RESEALED = Act(
    "load_resealed",
    said("After a lost allocation key: load the list sealed again under a new key."),
    ADMINISTRATOR,
    needs_reason=True,
    needs_signature=True,
    whole_study=True,
    told_blinded=Told.ALWAYS,
)
SET_RECRUITMENT = Act(
    "set_recruitment",
    said("Open, pause or close recruitment."),
    ADMINISTRATOR | DATA,
    needs_reason=True,
    told_blinded=Told.ALWAYS,
)
SUSPEND_RANDOMIZATION = Act(
    "suspend_randomization",
    said("Declare an anchor that the database is behind: nobody is randomized."),
    ADMINISTRATOR | DATA,
    needs_reason=True,
    needs_signature=True,
    whole_study=True,
    told_blinded=Told.ALWAYS,
)
REENTER_ALLOCATION = Act(
    "reenter_allocation",
    said("After a restore: re-enter an allocation from its paper confirmation."),
    ADMINISTRATOR,
    needs_reason=True,
    needs_signature=True,
    told_blinded=Told.ALWAYS,
    closed_by_lock=True,
)
RESUME_RANDOMIZATION = Act(
    "resume_randomization",
    said("After a restore: declare that every allocation told is in the database again."),
    ADMINISTRATOR,
    needs_reason=True,
    needs_signature=True,
    whole_study=True,
    told_blinded=Told.ALWAYS,
)
RECORD_EXTERNAL_ALLOCATIONS = Act(
    "record_external_allocations",
    said("Record allocations that were made outside trialkit."),
    ADMINISTRATOR | {Role.UNBLINDED_STATISTICIAN},
    needs_reason=True,
    told_blinded=Told.ALWAYS,
    closed_by_lock=True,
)
