"""Addresses of the risk calculators."""

from __future__ import annotations

from trialkit.web.known import Known
from trialkit.web.views import calculators

ROUTES: tuple[Known, ...] = (Known("/calculators/{name}", {"GET": calculators.shown}, needs_session=False),)
