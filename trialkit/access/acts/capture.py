"""From paper to the final record."""

from __future__ import annotations

from trialkit.access.act import Act, Told
from trialkit.access.groups import ADMINISTRATOR, DATA, ENTRY, SITE, SITE_AND_DATA
from trialkit.vocabulary import Role
from trialkit.wording import said

_ADJUDICATOR = frozenset({Role.ADJUDICATOR})

ENTER_PASSES = Act(
    "enter_passes",
    said("Enter forms from paper, first or second pass."),
    ENTRY,
    told_blinded=Told.BY_FORM,
    closed_by_lock=True,
)
IMPORT_PASS = Act(
    "import_pass",
    said("Import a file of one pass, naming its typist."),
    DATA | ENTRY,
    told_blinded=Told.BY_FORM,
    closed_by_lock=True,
)
END_IMPORT = Act(
    "end_import",
    said("Give up the rest of a large import that broke off."),
    DATA,
    needs_reason=True,
    told_blinded=Told.BY_FORM,
    closed_by_lock=True,
)
IMPORT_OUTSIDE_DATA = Act(
    "import_outside_data",
    said("Import the data file of a trial that was run elsewhere, allocations included."),
    ADMINISTRATOR | {Role.UNBLINDED_STATISTICIAN},
    whole_study=True,
    told_blinded=Told.ALWAYS,
    closed_by_lock=True,
)
# The blinded are not told: whose forms a file holds nobody knows before it is imported.
VOUCH_FOR_FILE = Act(
    "vouch_for_file",
    said("State that one typed a file that somebody else imports."),
    ENTRY,
    needs_signature=True,
)
ADJUDICATE = Act(
    "adjudicate",
    said("Decide what two passes disagree about."),
    _ADJUDICATOR,
    told_blinded=Told.BY_FORM,
    closed_by_lock=True,
)
DECIDE_ROWS = Act(
    "decide_rows",
    said("Pair leftover rows of two passes, or reject them."),
    _ADJUDICATOR,
    told_blinded=Told.BY_FORM,
    closed_by_lock=True,
)
VOID_PASS = Act(
    "void_pass",
    said("Void a form or pass entered that should not have been."),
    DATA,
    needs_reason=True,
    told_blinded=Told.BY_FORM,
    closed_by_lock=True,
)
CONFIRM_CRITICAL = Act(
    "confirm_critical",
    said("Confirm, as the second person, what somebody says of a critical item."),
    _ADJUDICATOR | DATA | {Role.INVESTIGATOR},
    needs_signature=True,
)
# The site its own data; data management on the site's answer to a query alone (ICH E6(R3) 3.16.1(i)).
CORRECT = Act(
    "correct",
    said("Correct a value of the final record."),
    SITE_AND_DATA,
    needs_reason=True,
    told_blinded=Told.BY_FORM,
    closed_by_lock=True,
)
ENDORSE_CORRECTION = Act(
    "endorse_correction",
    said("Say for the site that a correction is right."),
    SITE,
    told_blinded=Told.BY_FORM,
    closed_by_lock=True,
)
OBJECT_TO_CORRECTION = Act(
    "object_to_correction",
    said("Say for the site that a correction is wrong: its query is asked again."),
    SITE,
    told_blinded=Told.BY_FORM,
    closed_by_lock=True,
)
