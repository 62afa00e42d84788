"""Who may do what: the registry of acts as a table, as this study has its roles."""

from __future__ import annotations

from starlette.responses import Response

from trialkit.access import Act, may
from trialkit.access.acts import ACTS
from trialkit.vocabulary import Role
from trialkit.web.asking import Asked


def table(asked: Asked) -> Response:
    rows = [(act, [_standing(asked, role, act) for role in Role]) for act in ACTS.values()]
    return asked.page("rights.html", rows=rows, roles=list(Role))


def _standing(asked: Asked, role: Role, act: Act) -> str:
    """``now``, ``later`` where the role waits for the unblinding, or nothing."""
    blinded = asked.trial.study.blinding.blinded_roles
    if may(role, act, blinded_roles=blinded):
        return "now"
    return "later" if may(role, act, blinded_roles=blinded, unblinded=True) else ""
