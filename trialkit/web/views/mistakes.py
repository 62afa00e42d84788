"""What went wrong at randomizations: recorded beside them, and never undone."""

from __future__ import annotations

from starlette.responses import Response

from trialkit.operations import list_mistakes
from trialkit.web.asking import Asked
from trialkit.web.views.happenings import MISTAKES


def listed(asked: Asked) -> Response:
    return asked.page("mistakes.html", mistakes=list_mistakes(asked.trial, asked.actor), kinds=MISTAKES)
