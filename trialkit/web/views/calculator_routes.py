"""Addresses of the risk models: the list, a calculator, and the pages beside it."""

from __future__ import annotations

from trialkit.web.known import Known, MenuLine
from trialkit.web.views import calculators
from trialkit.wording import said

ROUTES: tuple[Known, ...] = (
    Known("/calculators", {"GET": calculators.listed}, needs_session=False),
    Known("/calculators/{name}", {"GET": calculators.shown}, needs_session=False),
    Known("/calculators/{name}/{page}", {"GET": calculators.page}, needs_session=False),
)

MENU = (MenuLine(said("Risk models"), "/calculators"),)
