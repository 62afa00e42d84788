"""Questions to a site about what is in the record."""

from __future__ import annotations

from trialkit.access.act import Act, Told
from trialkit.access.groups import DATA, REVIEWERS, SITE
from trialkit.vocabulary import Role
from trialkit.wording import said

_ASKERS = DATA | {Role.MONITOR}

OPEN_QUERY = Act(
    "open_query",
    said("Ask a site about a value, or about a form."),
    REVIEWERS,
    told_blinded=Told.BY_FORM,
    closed_by_lock=True,
)
ANSWER_QUERY = Act(
    "answer_query",
    said("Answer a query, with the source in hand."),
    SITE,
    told_blinded=Told.BY_FORM,
    closed_by_lock=True,
)
CLOSE_QUERY = Act(
    "close_query",
    said("Close a query that is settled."),
    _ASKERS,
    told_blinded=Told.BY_FORM,
    closed_by_lock=True,
)
REOPEN_QUERY = Act(
    "reopen_query",
    said("Ask again: open an answered or closed query."),
    _ASKERS,
    told_blinded=Told.BY_FORM,
    closed_by_lock=True,
)
LIST_QUERIES = Act(
    "list_queries", said("List queries with thread, age, owner and site."), SITE | REVIEWERS, reads=True
)
# Where the data manager is blinded, checks that read what tells an arm are raised by other eyes.
RAISE_QUERIES = Act(
    "raise_queries",
    said("Let the study's checks ask about the final record, each failure once."),
    DATA | {Role.UNBLINDED_STATISTICIAN},
    told_blinded=Told.BY_FORM,
    closed_by_lock=True,
)
