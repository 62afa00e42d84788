"""Roles that are permitted the same things, by the name of what they have in common."""

from __future__ import annotations

from trialkit.vocabulary import Role

EVERYBODY = frozenset(Role)
SITE = frozenset({Role.COORDINATOR, Role.INVESTIGATOR})
ENTRY = SITE | {Role.FIRST_ENTRY, Role.SECOND_ENTRY, Role.OUTCOME_ASSESSOR}
DATA = frozenset({Role.DATA_MANAGER})
SITE_AND_DATA = SITE | DATA
ADMINISTRATOR = frozenset({Role.ADMINISTRATOR})
STATISTICIANS = frozenset({Role.STATISTICIAN, Role.UNBLINDED_STATISTICIAN})
# Typists are not among them: whoever saw the other pass could no longer type an independent one.
REVIEWERS = frozenset({Role.ADJUDICATOR, Role.DATA_MANAGER, Role.MONITOR})
