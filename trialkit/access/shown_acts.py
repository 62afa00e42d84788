"""Which acts the blinded are told of: decided here for every kind, and for one that is new."""

from __future__ import annotations

from trialkit.access import Act
from trialkit.access.acts import (
    accounts,
    capture,
    closing,
    lists,
    queries,
    reading,
    redaction,
    safety,
    subjects,
    versions,
)

OF_FORMS: frozenset[Act] = frozenset(
    {
        *(capture.ENTER_PASSES, capture.IMPORT_PASS, capture.END_IMPORT, capture.VOID_PASS),
        *(capture.ADJUDICATE, capture.DECIDE_ROWS, capture.CORRECT),
        *(capture.ENDORSE_CORRECTION, capture.OBJECT_TO_CORRECTION),
        *(queries.OPEN_QUERY, queries.ANSWER_QUERY, queries.CLOSE_QUERY, queries.REOPEN_QUERY),
        queries.RAISE_QUERIES,
        *(closing.VERIFY_SOURCE, closing.SIGN_FORM, closing.FREEZE, closing.LIFT_FREEZE),
        *(closing.LOCK_PLACE, closing.UNLOCK_PLACE),
        *(subjects.MARK_NOT_DONE, subjects.RECORD_MISTAKE, redaction.REDACT),
    }
)
"""Acts on forms: hidden where every form that they wrote to is."""

OF_NO_FORM: frozenset[Act] = frozenset(
    {
        accounts.CREATE_STUDY,
        *(accounts.ADD_ACCOUNT, accounts.CLOSE_ACCOUNT, accounts.REOPEN_ACCOUNT),
        *(accounts.GRANT_ROLE, accounts.WITHDRAW_ROLE, accounts.SET_PASSWORD, accounts.CHANGE_OWN_PASSWORD),
        *(accounts.SET_SECOND_FACTOR, accounts.REMOVE_SECOND_FACTOR),
        *(accounts.ISSUE_TOKEN, accounts.REVOKE_TOKEN),
        *(lists.LOAD_SCHEDULE, lists.LOAD_EXTENSION, lists.LOAD_RESEALED, lists.SET_RECRUITMENT),
        *(lists.SUSPEND_RANDOMIZATION, lists.REENTER_ALLOCATION, lists.RESUME_RANDOMIZATION),
        *(lists.RECORD_EXTERNAL_ALLOCATIONS, capture.IMPORT_OUTSIDE_DATA),
        *(subjects.ENROL, subjects.SCREEN_FAIL, subjects.RANDOMIZE, subjects.TELL_ALLOCATION),
        *(subjects.RECORD_VISITS, subjects.WITHDRAW, subjects.CORRECT_DEPARTURE),
        *(versions.AMEND_STUDY, versions.ACTIVATE_VERSION, versions.RECORD_CONSENT),
        *(safety.EMERGENCY_UNBLIND, safety.NOTE_SERIOUS_EVENT, safety.REPORT_SERIOUS_EVENT),
        safety.LIST_SERIOUS_EVENTS_BY_ARM,
        *(closing.LOCK, closing.UNLOCK, closing.UNBLIND, closing.LOOK_AT_TEST_SET, closing.DECIDE_SET),
        *(closing.BACK_UP, closing.ARCHIVE),
        *(reading.VIEW_BALANCE, reading.COUNT_SUPPLY, reading.EXPORT_ALLOCATIONS),
        *(reading.WRITE_SNAPSHOT, reading.WRITE_UNBLINDED_SNAPSHOT),
        *(reading.VIEW_MASKED_ANALYSIS, reading.VIEW_CLOSED_ANALYSIS, reading.VIEW_UNBLINDED_ANALYSIS),
    }
)
"""Shown, where something is hidden too."""

OUT_OF_SIGHT: frozenset[Act] = frozenset({capture.VOUCH_FOR_FILE, reading.VIEW_OBSTACLES})
"""Hidden where a form or item is: whose forms a file holds nobody knows before it is imported, and the trail
says how many obstacles were looked at, those of hidden forms among them."""

SHOWN = frozenset(act.name for act in OF_FORMS | OF_NO_FORM)
