"""By which version of the study each site works, and who is to sign the consent form again."""

from __future__ import annotations

from starlette.responses import Response

from trialkit.access import AccessError
from trialkit.operations import list_reconsent, list_versions
from trialkit.web.asking import Asked


def listed(asked: Asked) -> Response:
    """Those to consent again are left out for a role that is not shown them."""
    try:
        again = list_reconsent(asked.trial, asked.actor)
    except AccessError:
        again = None
    return asked.page("versions.html", versions=list_versions(asked.trial, asked.actor), again=again)
