"""The end of data capture, and the opening for the analysis."""

from __future__ import annotations

from trialkit.access.act import Act
from trialkit.access.groups import DATA
from trialkit.vocabulary import Role

# Where the data manager is blinded, a form that only one arm has is open to the other's eyes alone.
_LOCKS = DATA | {Role.UNBLINDED_STATISTICIAN}

LOCK = Act(
    "lock", "Lock the study's data.", _LOCKS, needs_reason=True, needs_signature=True, whole_study=True
)
UNLOCK = Act(
    "unlock",
    "Lift the lock of the study's data.",
    _LOCKS,
    needs_reason=True,
    needs_signature=True,
    whole_study=True,
)
UNBLIND = Act(
    "unblind",
    "Declare the locked study open for its analysis.",
    DATA,
    needs_reason=True,
    needs_signature=True,
    whole_study=True,
)
