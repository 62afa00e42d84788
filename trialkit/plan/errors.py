from __future__ import annotations

from trialkit.errors import TrialkitError


class PlanError(TrialkitError):
    """An analysis plan that names what the study does not have, or leaves unsaid what matters."""


class PlanWarning(PlanError):
    """Something in a plan that may be meant, and should be looked at: the plan can be run."""
