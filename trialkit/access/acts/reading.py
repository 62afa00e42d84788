"""What people are shown: the trail, the state of the study, and what crosses the wall."""

from __future__ import annotations

from trialkit.access.act import Act, Told
from trialkit.access.groups import ADMINISTRATOR, DATA, ENTRY, EVERYBODY, REVIEWERS, SITE, STATISTICIANS
from trialkit.vocabulary import Role
from trialkit.wording import said

_SEES_BALANCE = STATISTICIANS | {Role.DSMB}

LIST_ACCOUNTS = Act(
    "list_accounts",
    said("List accounts and their roles; no names."),
    ADMINISTRATOR | DATA | {Role.MONITOR},
    reads=True,
)
LIST_SIGN_INS = Act(
    "list_sign_ins", said("List sign-in attempts, wrong ones among them."), ADMINISTRATOR, reads=True
)
VIEW_CUSTODY = Act(
    "view_custody",
    said("See whether keys, anchors and backups are in place."),
    ADMINISTRATOR | DATA,
    reads=True,
)
# Who was opened, never what: neither arm nor reason.
LIST_UNBLINDINGS = Act(
    "list_unblindings",
    said("List emergency unblindings, without arm or reason."),
    SITE | DATA | ADMINISTRATOR | {Role.MONITOR, Role.DSMB, Role.UNBLINDED_STATISTICIAN},
    reads=True,
)
# To the blinded no wrong treatment: it speaks of an arm.
LIST_MISTAKES = Act(
    "list_mistakes",
    said("List what went wrong at randomizations."),
    SITE | DATA | STATISTICIANS | {Role.MONITOR, Role.DSMB},
    reads=True,
)
VIEW_SUPPLY = Act(
    "view_supply",
    said("See the lists, whether recruitment is open, and if slots run low."),
    EVERYBODY,
    reads=True,
)
# Whoever enrols, assesses or types is told only "enough" or "low": a count left tells where a block ends.
COUNT_SUPPLY = Act(
    "count_supply",
    said("See how many slots of each stratum are used and left."),
    ADMINISTRATOR | {Role.UNBLINDED_STATISTICIAN, Role.DSMB},
    reveals_arm=True,
    reads=True,
    told_blinded=Told.ALWAYS,
)
VIEW_RECRUITMENT = Act(
    "view_recruitment",
    said("Count subjects screened and randomized, by site and month."),
    EVERYBODY,
    reads=True,
)
VIEW_BALANCE = Act(
    "view_balance",
    said("Count the subjects of each arm, overall and by factor."),
    _SEES_BALANCE,
    reveals_arm=True,
    whole_study=True,
    reads=True,
    told_blinded=Told.ALWAYS,
)
EXPORT_ALLOCATIONS = Act(
    "export_allocations",
    said("Write everybody's arm to a file, for the proof of the list."),
    STATISTICIANS,
    reveals_arm=True,
    whole_study=True,
    reads=True,
    told_blinded=Told.ALWAYS,
)
LIST_DISCREPANCIES = Act(
    "list_discrepancies", said("List what two passes disagree about."), REVIEWERS, reads=True
)
VIEW_ERROR_RATES = Act(
    "view_error_rates",
    said("See how often the passes differ, and each clerk from the final record."),
    REVIEWERS,
    reads=True,
)
LIST_FLAGS = Act(
    "list_flags",
    said("List what soft checks warned of when values were typed."),
    REVIEWERS,
    reads=True,
)
# A typist who read the other pass could make no independent one.
EXPORT_PASSES = Act(
    "export_passes", said("Write a pass of a form to a file, as it was typed."), DATA, reads=True
)
# Its record says how many there were, those of hidden forms among them: the blinded are not told.
VIEW_OBSTACLES = Act(
    "view_obstacles",
    said("List what stands against a lock."),
    DATA | {Role.MONITOR, Role.UNBLINDED_STATISTICIAN},
    reads=True,
)
LIST_WORK = Act(
    "list_work",
    said("List what is expected, due, overdue, entered once, in conflict, out of window, not done."),
    SITE | REVIEWERS,
    reads=True,
)
COUNT_WORK = Act("count_work", said("Count what waits for each account."), DATA | {Role.MONITOR}, reads=True)
VIEW_TODO = Act("view_todo", said("See what this account is to do now."), EVERYBODY, reads=True)
READ_TRAIL = Act("read_trail", said("Read who did what, and when."), EVERYBODY, reads=True)
# Nor a typist: the records of one form say whether somebody typed it before.
READ_TRAIL_OF = Act(
    "read_trail_of",
    said("Read the audit trail of one subject, form or item."),
    ADMINISTRATOR | SITE | REVIEWERS,
    reads=True,
)
# Of a form entered twice the site is told once both passes are in.
READ_HISTORY = Act(
    "read_history",
    said("Read what was written to a subject, form or item, and why."),
    ADMINISTRATOR | SITE | REVIEWERS,
    reads=True,
)
# A typist who read what a first pass held could no longer make an independent second one.
READ_TRAIL_DETAILS = Act(
    "read_trail_details",
    said("Read reasons and facts in the audit trail."),
    ADMINISTRATOR | DATA | {Role.MONITOR},
    reveals_arm=True,
    reads=True,
)
WRITE_SNAPSHOT = Act(
    "write_snapshot",
    said("Write a blinded snapshot for analysis."),
    DATA | STATISTICIANS,
    whole_study=True,
    reads=True,
    told_blinded=Told.ALWAYS,
)
WRITE_UNBLINDED_SNAPSHOT = Act(
    "write_unblinded_snapshot",
    said("Write a snapshot with everybody's arm."),
    STATISTICIANS,
    reveals_arm=True,
    whole_study=True,
    reads=True,
    told_blinded=Told.ALWAYS,
)
# What a run may say of the arms is its mode; whoever may read one mode need not be able to read another.
_READS_ANALYSES = STATISTICIANS | DATA | {Role.DSMB, Role.INVESTIGATOR}
LIST_ANALYSES = Act(
    "list_analyses",
    said("List the runs of the analysis that may be read."),
    _READS_ANALYSES,
    whole_study=True,
    reads=True,
)
VIEW_MASKED_ANALYSIS = Act(
    "view_masked_analysis",
    said("Read a run whose arms are shuffled, masked, or all together."),
    STATISTICIANS | DATA | {Role.DSMB},
    whole_study=True,
    reads=True,
    told_blinded=Told.ALWAYS,
)
VIEW_CLOSED_ANALYSIS = Act(
    "view_closed_analysis",
    said("Read a closed report to the monitoring board, with the arms as A and B."),
    frozenset({Role.UNBLINDED_STATISTICIAN, Role.DSMB}),
    reveals_arm=True,
    whole_study=True,
    reads=True,
    told_blinded=Told.ALWAYS,
)
VIEW_UNBLINDED_ANALYSIS = Act(
    "view_unblinded_analysis",
    said("Read a run with the true arms, after the unblinding."),
    _READS_ANALYSES,
    reveals_arm=True,
    whole_study=True,
    reads=True,
    told_blinded=Told.ALWAYS,
)
LIST_CORRECTIONS = Act(
    "list_corrections",
    said("List what was corrected of the final record, and what the site says of it."),
    SITE | DATA | {Role.MONITOR},
    reads=True,
)
LIST_FORMS = Act(
    "list_forms",
    said("See which forms are expected of subjects, and where each stands."),
    ENTRY | REVIEWERS,
    reads=True,
)
