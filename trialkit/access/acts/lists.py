"""The randomization list, recruitment, and what follows a restore."""

from __future__ import annotations

from trialkit.access.act import Act
from trialkit.access.groups import ADMINISTRATOR, DATA
from trialkit.vocabulary import Role

LOAD_SCHEDULE = Act("load_schedule", "Load a sealed randomization list.", ADMINISTRATOR, whole_study=True)
LOAD_EXTENSION = Act(
    "load_extension", "Load the list that follows one that runs out.", ADMINISTRATOR, whole_study=True
)
LOAD_RESEALED = Act(
    "load_resealed",
    "After a lost allocation key: load the list sealed again under a new key.",
    ADMINISTRATOR,
    needs_reason=True,
    needs_signature=True,
    whole_study=True,
)
SET_RECRUITMENT = Act(
    "set_recruitment", "Open, pause or close recruitment.", ADMINISTRATOR | DATA, needs_reason=True
)
SUSPEND_RANDOMIZATION = Act(
    "suspend_randomization",
    "Declare an anchor that the database is behind: nobody is randomized.",
    ADMINISTRATOR | DATA,
    needs_reason=True,
    needs_signature=True,
    whole_study=True,
)
REENTER_ALLOCATION = Act(
    "reenter_allocation",
    "After a restore: re-enter an allocation from its paper confirmation.",
    ADMINISTRATOR,
    needs_reason=True,
    needs_signature=True,
)
RESUME_RANDOMIZATION = Act(
    "resume_randomization",
    "After a restore: declare that every allocation told is in the database again.",
    ADMINISTRATOR,
    needs_reason=True,
    needs_signature=True,
    whole_study=True,
)
RECORD_EXTERNAL_ALLOCATIONS = Act(
    "record_external_allocations",
    "Record allocations that were made outside trialkit.",
    ADMINISTRATOR | {Role.UNBLINDED_STATISTICIAN},
    needs_reason=True,
)
