"""An arm opened for one subject, in an emergency."""

from __future__ import annotations

from trialkit.access.act import Act
from trialkit.vocabulary import Role

EMERGENCY_UNBLIND = Act(
    "emergency_unblind",
    "Open one subject's arm in an emergency; nobody else's.",
    frozenset({Role.INVESTIGATOR, Role.UNBLINDED_STATISTICIAN}),
    needs_reason=True,
    needs_signature=True,
    # Not reveals_arm: an emergency is what opens one arm to somebody who is blinded.
)
