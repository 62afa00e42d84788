"""Serious events, and an arm opened for one subject in an emergency."""

from __future__ import annotations

from trialkit.access.act import Act, Told
from trialkit.access.groups import DATA, SITE, SITE_AND_DATA
from trialkit.vocabulary import Role
from trialkit.wording import said

EMERGENCY_UNBLIND = Act(
    "emergency_unblind",
    said("Open one subject's arm in an emergency; nobody else's."),
    frozenset({Role.INVESTIGATOR, Role.UNBLINDED_STATISTICIAN}),
    needs_reason=True,
    needs_signature=True,
    # Not reveals_arm: an emergency is what opens one arm to somebody who is blinded.
    told_blinded=Told.ALWAYS,
)
NOTE_SERIOUS_EVENT = Act(
    "note_serious_event",
    said("Note that the site knows of a serious adverse event: the clock runs."),
    SITE_AND_DATA | {Role.MONITOR, Role.OUTCOME_ASSESSOR},
    told_blinded=Told.ALWAYS,
)
REPORT_SERIOUS_EVENT = Act(
    "report_serious_event",
    said("Report a serious adverse event, or follow it up."),
    SITE,
    told_blinded=Told.ALWAYS,
)
LIST_SERIOUS_EVENTS = Act(
    "list_serious_events",
    said("List serious adverse events with their clock and reports, no arm."),
    SITE | DATA | {Role.MONITOR, Role.DSMB, Role.STATISTICIAN, Role.UNBLINDED_STATISTICIAN},
    reads=True,
)
LIST_SERIOUS_EVENTS_BY_ARM = Act(
    "list_serious_events_by_arm",
    said("List serious adverse events with everybody's arm, for the DSMB."),
    frozenset({Role.DSMB, Role.UNBLINDED_STATISTICIAN}),
    reveals_arm=True,
    whole_study=True,
    reads=True,
    told_blinded=Told.ALWAYS,
)
