"""The acts of a trial: one file an act, one transaction an act.

Every act is called ``act(trial, actor, *, ...)`` and returns a frozen answer.
"""

from trialkit.entry.checking import EnteredRow, Flag, FormEntry
from trialkit.entry.errors import EntryError
from trialkit.operations.account_standing import (
    AccountMoved,
    change_own_password,
    close_account,
    reopen_account,
    withdraw_role,
)
from trialkit.operations.accounts import (
    AccountListed,
    AccountOpened,
    add_account,
    grant_role,
    list_accounts,
)
from trialkit.operations.adjudication import Adjudicated, Verdict, adjudicate
from trialkit.operations.allocation import Allocated, allocation_told, randomize
from trialkit.operations.allocation_export import AllocationsExported, export_allocations
from trialkit.operations.amending import Activated, Amended, activate_version, amend_study
from trialkit.operations.anchoring import (
    Resumed,
    Suspended,
    resume_randomization,
    suspend_randomization,
)
from trialkit.operations.archiving import Archived, SubjectRecord, archive
from trialkit.operations.auditing import (
    Anchor,
    AuditVerification,
    opened_for_audit,
    present_anchor,
    read_anchor,
    verify_audit,
    verify_opened,
    write_anchor,
)
from trialkit.operations.backup import BackupWritten, Restored, back_up, restore
from trialkit.operations.balance import Balance, RecruitmentCounts, balance_of, recruitment_counts
from trialkit.operations.candidate_lists import SetsDecidedFromFile, decide_sets_from_file
from trialkit.operations.consents import ConsentRecorded, ToConsentAgain, list_reconsent, record_consent
from trialkit.operations.correction import Corrected, correct
from trialkit.operations.data_review import Decision, SetDecided, decide_set
from trialkit.operations.departures import (
    DepartureCorrected,
    SubjectLeft,
    correct_departure,
    screen_fail,
    withdraw,
)
from trialkit.operations.emergency_unblinding import EmergencyUnblinded, emergency_unblind
from trialkit.operations.enrolling import ManyEnrolled, enrol_from_file
from trialkit.operations.errors import (
    EligibilityError,
    LockRefusedError,
    OperationError,
    TrialError,
)
from trialkit.operations.external_allocations import (
    ExternalAllocationsRecorded,
    record_external_allocations,
)
from trialkit.operations.flags import FlagListed, FlagStage, list_flags
from trialkit.operations.form_marks import FormMarked, MarkShown, form_marks, sign_form, verify_source
from trialkit.operations.founding import create_study, upgrade_study
from trialkit.operations.freezing import FreezeScope, FreezeSet, freeze, lift_freeze
from trialkit.operations.importing import import_pass
from trialkit.operations.locking import Locked, Unlocked, lock, obstacles, unlock
from trialkit.operations.mistakes import (
    MistakeKind,
    MistakeListed,
    MistakeRecorded,
    list_mistakes,
    record_mistake,
)
from trialkit.operations.outside_data import OutsideDataImported, import_outside_data
from trialkit.operations.passes import PassesEntered, enter_pass, enter_passes
from trialkit.operations.passwords import PasswordSet, set_password
from trialkit.operations.place_locks import PlaceLocked, lock_place, unlock_place
from trialkit.operations.place_marks import PlaceMarked, sign_place, verify_place
from trialkit.operations.queries import (
    QueryListed,
    QueryMoved,
    answer_query,
    close_query,
    list_queries,
    open_query,
    reopen_query,
)
from trialkit.operations.raising import QueriesRaised, raise_queries
from trialkit.operations.rates import ErrorRates, error_rates
from trialkit.operations.readings import ScanReading, import_reading, import_readings
from trialkit.operations.reconciliation import (
    ReconciledFromFile,
    ReconciliationRow,
    adjudicate_from_file,
    reconciliation_rows,
)
from trialkit.operations.recruitment import (
    RecruitmentScope,
    RecruitmentSet,
    RecruitmentState,
    set_recruitment,
)
from trialkit.operations.redaction import FieldPlace, Redacted, redact
from trialkit.operations.reentry import Reentered, reenter_allocation
from trialkit.operations.resealing import Resealed, load_resealed
from trialkit.operations.row_decisions import RowsDecided, RowVerdict, decide_rows
from trialkit.operations.row_files import (
    LeftoverRow,
    RowsDecidedFromFile,
    decide_rows_from_file,
    leftover_rows,
)
from trialkit.operations.safety_list import SeriousEventListed, list_serious_events
from trialkit.operations.schedule_loading import ScheduleLoaded, load_extension, load_schedule
from trialkit.operations.serious_events import (
    EventReport,
    SafetyReported,
    SeriousEventNoted,
    note_serious_event,
    report_serious_event,
)
from trialkit.operations.sign_in import list_sign_ins, log_in, prove_password
from trialkit.operations.snapshots import SnapshotWritten, write_snapshot
from trialkit.operations.source_ticks import TickShown, ValuesTicked, value_ticks, verify_values
from trialkit.operations.standing import FormNow, forms_now
from trialkit.operations.subjects import Enrolment, enrol
from trialkit.operations.supply import Supply, supply_of
from trialkit.operations.tasks import PersonWork, Task, TaskKind, todo, work_by_person
from trialkit.operations.test_set_look import SetLook, look_at_test_set, require_unseen_test_set
from trialkit.operations.text_places import TextFound, find_text
from trialkit.operations.tokens import (
    TokenIssued,
    TokenListed,
    TokenRevoked,
    actor_of_token,
    issue_token,
    list_tokens,
    revoke_token,
)
from trialkit.operations.trail import TrailLine, read_trail
from trialkit.operations.training import create_training_copy
from trialkit.operations.trial import Trial, open_trial
from trialkit.operations.unblinding import StudyUnblinded, unblind
from trialkit.operations.unfinished_imports import ImportEnded, end_import
from trialkit.operations.versions import SiteVersion, VersionRecorded, Versions, list_versions
from trialkit.operations.visits import NotDone, Recorded, VisitDone, mark_not_done, record_visits
from trialkit.operations.voiding import PassVoided, void_pass
from trialkit.operations.vouching import FileVouched, vouch_for_file
from trialkit.operations.work import MissingForms, WorkLine, list_work, missing_forms

__all__ = [
    "AccountListed",
    "AccountMoved",
    "AccountOpened",
    "Activated",
    "Adjudicated",
    "Allocated",
    "AllocationsExported",
    "Amended",
    "Anchor",
    "Archived",
    "AuditVerification",
    "BackupWritten",
    "Balance",
    "ConsentRecorded",
    "Corrected",
    "Decision",
    "DepartureCorrected",
    "EligibilityError",
    "EmergencyUnblinded",
    "Enrolment",
    "EnteredRow",
    "EntryError",
    "ErrorRates",
    "EventReport",
    "ExternalAllocationsRecorded",
    "FieldPlace",
    "FileVouched",
    "Flag",
    "FlagListed",
    "FlagStage",
    "FormEntry",
    "FormMarked",
    "FormNow",
    "FreezeScope",
    "FreezeSet",
    "ImportEnded",
    "LeftoverRow",
    "LockRefusedError",
    "Locked",
    "ManyEnrolled",
    "MarkShown",
    "MissingForms",
    "MistakeKind",
    "MistakeListed",
    "MistakeRecorded",
    "NotDone",
    "OperationError",
    "OutsideDataImported",
    "PassVoided",
    "PassesEntered",
    "PasswordSet",
    "PersonWork",
    "PlaceLocked",
    "PlaceMarked",
    "QueriesRaised",
    "QueryListed",
    "QueryMoved",
    "ReconciledFromFile",
    "ReconciliationRow",
    "Recorded",
    "RecruitmentCounts",
    "RecruitmentScope",
    "RecruitmentSet",
    "RecruitmentState",
    "Redacted",
    "Reentered",
    "Resealed",
    "Restored",
    "Resumed",
    "RowVerdict",
    "RowsDecided",
    "RowsDecidedFromFile",
    "SafetyReported",
    "ScanReading",
    "ScheduleLoaded",
    "SeriousEventListed",
    "SeriousEventNoted",
    "SetDecided",
    "SetLook",
    "SetsDecidedFromFile",
    "SiteVersion",
    "SnapshotWritten",
    "StudyUnblinded",
    "SubjectLeft",
    "SubjectRecord",
    "Supply",
    "Suspended",
    "Task",
    "TaskKind",
    "TextFound",
    "TickShown",
    "ToConsentAgain",
    "TokenIssued",
    "TokenListed",
    "TokenRevoked",
    "TrailLine",
    "Trial",
    "TrialError",
    "Unlocked",
    "ValuesTicked",
    "Verdict",
    "VersionRecorded",
    "Versions",
    "VisitDone",
    "WorkLine",
    "activate_version",
    "actor_of_token",
    "add_account",
    "adjudicate",
    "adjudicate_from_file",
    "allocation_told",
    "amend_study",
    "answer_query",
    "archive",
    "back_up",
    "balance_of",
    "change_own_password",
    "close_account",
    "close_query",
    "correct",
    "correct_departure",
    "create_study",
    "create_training_copy",
    "decide_rows",
    "decide_rows_from_file",
    "decide_set",
    "decide_sets_from_file",
    "emergency_unblind",
    "end_import",
    "enrol",
    "enrol_from_file",
    "enter_pass",
    "enter_passes",
    "error_rates",
    "export_allocations",
    "find_text",
    "form_marks",
    "forms_now",
    "freeze",
    "grant_role",
    "import_outside_data",
    "import_pass",
    "import_reading",
    "import_readings",
    "issue_token",
    "leftover_rows",
    "lift_freeze",
    "list_accounts",
    "list_flags",
    "list_mistakes",
    "list_queries",
    "list_reconsent",
    "list_serious_events",
    "list_sign_ins",
    "list_tokens",
    "list_versions",
    "list_work",
    "load_extension",
    "load_resealed",
    "load_schedule",
    "lock",
    "lock_place",
    "log_in",
    "look_at_test_set",
    "mark_not_done",
    "missing_forms",
    "note_serious_event",
    "obstacles",
    "open_query",
    "open_trial",
    "opened_for_audit",
    "present_anchor",
    "prove_password",
    "raise_queries",
    "randomize",
    "read_anchor",
    "read_trail",
    "reconciliation_rows",
    "record_consent",
    "record_external_allocations",
    "record_mistake",
    "record_visits",
    "recruitment_counts",
    "redact",
    "reenter_allocation",
    "reopen_account",
    "reopen_query",
    "report_serious_event",
    "require_unseen_test_set",
    "restore",
    "resume_randomization",
    "revoke_token",
    "screen_fail",
    "set_password",
    "set_recruitment",
    "sign_form",
    "sign_place",
    "supply_of",
    "suspend_randomization",
    "todo",
    "unblind",
    "unlock",
    "unlock_place",
    "upgrade_study",
    "value_ticks",
    "verify_audit",
    "verify_opened",
    "verify_place",
    "verify_source",
    "verify_values",
    "void_pass",
    "vouch_for_file",
    "withdraw",
    "withdraw_role",
    "work_by_person",
    "write_anchor",
    "write_snapshot",
]
