"""The tables. Nothing in them is ever deleted; a mistake is a new row that says so."""

from trialkit.store.models.allocation import (
    Allocation,
    AllocationMistake,
    ExternalAllocation,
    ReceivedAgain,
    ResealedSlot,
    Resealing,
    Schedule,
    Slot,
    Stratum,
)
from trialkit.store.models.audit import AuditHead, AuditTransaction
from trialkit.store.models.base import Base
from trialkit.store.models.capture import (
    Adjudication,
    Discrepancy,
    FinalRow,
    FinalValue,
    FormInstance,
    FormNotDone,
    FormPass,
    FormVoid,
    ImportBatch,
    PassRow,
    PassValue,
    RowDecision,
    UnmatchedRow,
)
from trialkit.store.models.desk import SignInAttempt
from trialkit.store.models.recruitment import RecruitmentChange
from trialkit.store.models.review import DataFreeze, FormMark, Query, QueryCited, QueryStep
from trialkit.store.models.study import (
    Account,
    AccountCredential,
    RoleGrant,
    StudyLock,
    StudyVersion,
    Unblinding,
)
from trialkit.store.models.subject import Consent, DepartureCorrection, Subject, SubjectEvent, VisitOccurrence

__all__ = [
    "Account",
    "AccountCredential",
    "Adjudication",
    "Allocation",
    "AllocationMistake",
    "AuditHead",
    "AuditTransaction",
    "Base",
    "Consent",
    "DataFreeze",
    "DepartureCorrection",
    "Discrepancy",
    "ExternalAllocation",
    "FinalRow",
    "FinalValue",
    "FormInstance",
    "FormMark",
    "FormNotDone",
    "FormPass",
    "FormVoid",
    "ImportBatch",
    "PassRow",
    "PassValue",
    "Query",
    "QueryCited",
    "QueryStep",
    "ReceivedAgain",
    "RecruitmentChange",
    "ResealedSlot",
    "Resealing",
    "RoleGrant",
    "RowDecision",
    "Schedule",
    "SignInAttempt",
    "Slot",
    "Stratum",
    "StudyLock",
    "StudyVersion",
    "Subject",
    "SubjectEvent",
    "Unblinding",
    "UnmatchedRow",
    "VisitOccurrence",
]
