"""Taking a text out of the record that identifies somebody."""

from __future__ import annotations

from trialkit.access.act import Act, Told
from trialkit.access.groups import DATA
from trialkit.vocabulary import Role
from trialkit.wording import said

# Where the data manager is blinded, only other eyes see every place in which a text may stand.
_REDACTORS = DATA | {Role.UNBLINDED_STATISTICIAN}

REDACT = Act(
    "redact",
    said("Take a text out of the record that identifies somebody, wherever it stands."),
    _REDACTORS,
    needs_reason=True,
    needs_signature=True,
    whole_study=True,
    told_blinded=Told.BY_FORM,
)
FIND_TEXT = Act(
    "find_text",
    said("List the places in which a text stands that identifies somebody."),
    _REDACTORS,
    whole_study=True,
    reads=True,
)
